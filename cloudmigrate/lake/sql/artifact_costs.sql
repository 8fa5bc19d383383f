-- artifact_costs: one row per (scenario, term): what the whole estate costs in a month, each resource at that term where it has one.
-- in:  costs (view)
-- out: monthly, low, high (USD, whole cents) of what is priced; resources, and how many of them are partly or not priced
with asked as (
    select distinct
        scenario,
        term
    from costs
)

select
    a.scenario,
    a.term,
    cast(sum(coalesce(t.monthly_cost_usd, d.monthly_cost_usd)) as decimal(38, 2)) as monthly,
    cast(sum(coalesce(t.low_usd, d.low_usd)) as decimal(38, 2)) as low,
    cast(sum(coalesce(t.high_usd, d.high_usd)) as decimal(38, 2)) as high,
    count(*) as resources,
    count(*) filter (where d.status = 'partly') as partly,
    count(*) filter (where d.status = 'unpriced') as unpriced
from asked as a
inner join costs as d on a.scenario = d.scenario and d.term = 'on_demand'
left join costs as t on d.uid = t.uid and a.scenario = t.scenario and a.term = t.term
group by a.scenario, a.term
order by a.term = 'on_demand' desc, a.scenario asc, a.term asc
