-- retired: one row per resource with a cost line: nothing, and what remains when it is gone.
-- in:  cost_lines (table), inventory, relations (views)
-- out: the columns of the dataset costs, scenario retire
with remaining as (
    select
        r.source_uid as uid,
        'volume ' || v.name || ' stays unless it is retired too' as what
    from relations as r
    inner join inventory as v on r.target_uid = v.uid and v.type = 'AWS::EC2::Volume'
    where
        r.kind = 'volume' and exists (
            select 1
            from unnest(cast(v.spec -> '$.Attachments' as json[])) as a (one)
            where (a.one ->> '$.DeleteOnTermination') = 'false'
        )
    union all
    select
        r.target_uid as uid,
        'snapshot ' || s.name || ' stays' as what
    from relations as r
    inner join inventory as s on r.source_uid = s.uid and s.type = 'AWS::EC2::Snapshot'
    where r.kind = 'snapshot-of'
    union all
    select
        i.uid,
        'a final snapshot, where one is taken, costs by its size' as what
    from inventory as i
    where i.type in ('AWS::RDS::DBInstance', 'AWS::RDS::DBCluster')
)

select
    i.uid,
    'retire' as scenario,
    'on_demand' as term,
    i.region,
    'priced' as status,
    cast(0 as decimal(38, 10)) as monthly_cost_usd,
    cast(0 as decimal(38, 10)) as low_usd,
    cast(0 as decimal(38, 10)) as high_usd,
    cast(null as varchar) as price_version,
    cast(null as date) as sampled_on,
    string_agg(distinct m.what, '; ' order by m.what) as reason,
    '[]' as components
from inventory as i
left join remaining as m on i.uid = m.uid
where i.uid in (select c.uid from cost_lines as c)
group by i.uid, i.region
