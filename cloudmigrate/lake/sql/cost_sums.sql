-- cost_sums: one row per (level, name, scenario, term): what the resources of a group cost in a month, each at that term where it has one.
-- in:  term_costs, costs, inventory, workloads, waves (views; one plan)
-- out: level (estate, service, workload, wave); monthly_cost_usd, low_usd, high_usd of what is priced; resources, how many of them are
--      partly priced (in the sums with what is known) and not priced (in none); at_least: true where there are such, so that the sums are
--      bounds from below; committed_usd: of what has a price of the term. A term only where something of the group has a price of it
with named as (
    select distinct
        uid,
        'estate' as level,
        'estate' as name
    from costs
    union all
    select
        uid,
        'service' as level,
        split_part(type, '::', 2) as name
    from inventory
    union all
    select
        uid,
        'workload' as level,
        workload as name
    from workloads
    union all
    select
        uid,
        'wave' as level,
        cast(wave as varchar) as name
    from waves
)

select
    n.level,
    n.name,
    c.scenario,
    c.term,
    cast(sum(c.monthly_cost_usd) as decimal(38, 10)) as monthly_cost_usd,
    cast(sum(c.low_usd) as decimal(38, 10)) as low_usd,
    cast(sum(c.high_usd) as decimal(38, 10)) as high_usd,
    cast(coalesce(sum(c.monthly_cost_usd) filter (where c.of_term = c.term), 0) as decimal(38, 10)) as committed_usd,
    count(*) as resources,
    count(*) filter (where c.status = 'partly') as partly,
    count(*) filter (where c.status = 'unpriced') as unpriced,
    bool_or(c.status <> 'priced') as at_least
from named as n
inner join term_costs as c on n.uid = c.uid
group by all
having bool_or(c.of_term = c.term)
