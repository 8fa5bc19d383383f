-- wave_families: one row per (kind of reservation, region, family) that runs: the wave with which the last use of it ends.
-- in:  inventory, waves (views; one plan), term_costs, costs (views), $scenario (of the target), $target_region (null: each its own)
-- out: kind, region, family, wave; null where something goes on using it: what is in no wave or retained, and what moves onto the family
--      there. What a resource runs on afterwards is the size that its costs in the scenario are of; without such costs, the present size
with things as (
    select
        i.uid,
        i.region,
        case i.type
            when 'AWS::EC2::Instance' then 'reserved_instance'
            when 'AWS::RDS::DBInstance' then 'reserved_db_instance'
            else 'reserved_cache_node'
        end as kind,
        regexp_replace(
            coalesce(i.spec ->> '$.InstanceType', i.spec ->> '$.DBInstanceClass', i.spec ->> '$.CacheNodeType'), '\.[a-z0-9]+$', ''
        ) as family
    from inventory as i
    where i.type in ('AWS::EC2::Instance', 'AWS::RDS::DBInstance', 'AWS::ElastiCache::CacheCluster')
),

-- Of what is refactored, bought or put on hosts of its own nothing is estimated (of_scenario is null): it uses no reservation of a family.
followed as (
    select
        uid,
        of_scenario,
        strategy
    from term_costs
    where scenario = $scenario and term = 'on_demand'
),

retained as (
    select uid
    from followed
    where strategy = 'retain'
),

lines as (
    select
        c.uid,
        c.region,
        unnest(cast(c.components as json[])) as line
    from costs as c
    inner join things as t on c.uid = t.uid
    inner join followed as f on c.uid = f.uid and c.scenario = f.of_scenario and c.term = 'on_demand'
),

sized as (
    select
        uid,
        region,
        case split_part(line ->> '$.rate_key', ':', 1)
            when 'ec2' then 'reserved_instance'
            when 'rds' then 'reserved_db_instance'
            when 'cache' then 'reserved_cache_node'
        end as kind,
        regexp_replace(split_part(line ->> '$.rate_key', ':', 2), '\.[a-z0-9]+$', '') as family
    from lines
    where (line ->> '$.line') = 'compute'
),

afterwards as (
    select
        t.kind,
        t.region,
        t.family
    from things as t
    where
        t.uid not in (select w.uid from waves as w)
        or t.uid in (select r.uid from retained as r)
    union all
    select
        s.kind,
        s.region,
        s.family
    from sized as s
    inner join waves as w on s.uid = w.uid and not coalesce(w.retires, false)
    union all
    select
        t.kind,
        coalesce($target_region, t.region) as region,
        t.family
    from things as t
    inner join waves as w on t.uid = w.uid and not coalesce(w.retires, false)
    where t.uid not in (select f.uid from followed as f)
),

used as (
    select distinct
        kind,
        region,
        family
    from afterwards
)

select
    t.kind,
    t.region,
    t.family,
    case when count(u.kind) = 0 then max(w.wave) end as wave
from things as t
left join waves as w on t.uid = w.uid
left join used as u on t.kind = u.kind and t.region = u.region and t.family = u.family
group by t.kind, t.region, t.family
order by all
