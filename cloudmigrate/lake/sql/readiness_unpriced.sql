-- readiness_unpriced: one row per (reason, type) for which a line of what a resource costs now has no price.
-- in:  costs, inventory (views)
-- out: reason, type, resources (count)
with lines as (
    select
        uid,
        unnest(from_json(components, '[{"line": "VARCHAR", "unknown": "VARCHAR"}]')) as line
    from costs
    where scenario = 'as_is' and term = 'on_demand' and status <> 'priced'
)

select
    l.line.line || ': ' || l.line.unknown as reason,
    i.type,
    count(distinct l.uid) as resources
from lines as l
inner join inventory as i on l.uid = i.uid
where l.line.unknown is not null
group by all
order by resources desc, reason asc, i.type asc
