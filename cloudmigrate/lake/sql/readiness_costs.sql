-- readiness_costs: one row per (scenario, term): what the whole estate costs in a month, each resource at that term where it has one.
-- in:  costs (view)
-- out: monthly_cost_usd, low_usd, high_usd of what is priced; resources, and how many of them are partly or not priced; committed_usd: of
--      what has a price of the term
with asked as (
    select distinct
        scenario,
        term
    from costs
)

select
    a.scenario,
    a.term,
    cast(sum(coalesce(t.monthly_cost_usd, d.monthly_cost_usd)) as decimal(38, 10)) as monthly_cost_usd,
    cast(sum(coalesce(t.low_usd, d.low_usd)) as decimal(38, 10)) as low_usd,
    cast(sum(coalesce(t.high_usd, d.high_usd)) as decimal(38, 10)) as high_usd,
    cast(coalesce(sum(t.monthly_cost_usd), 0) as decimal(38, 10)) as committed_usd,
    count(*) as resources,
    count(*) filter (where coalesce(t.status, d.status) = 'partly') as partly,
    count(*) filter (where coalesce(t.status, d.status) = 'unpriced') as unpriced
from asked as a
inner join costs as d on a.scenario = d.scenario and d.term = 'on_demand'
left join costs as t on d.uid = t.uid and a.scenario = t.scenario and a.term = t.term
group by a.scenario, a.term
order by a.scenario, a.term
