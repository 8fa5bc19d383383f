-- artifact_costs: one row per (scenario, term): what the whole estate costs in a month, each resource at that term where it has one.
-- in:  cost_sums (view), $forecasts (whether they may be shown; else only what it costs now)
-- out: monthly, low, high (USD, whole cents) of what is priced; at_least: true where that is not all; resources, and how many of them are
--      partly or not priced
select
    scenario,
    term,
    at_least,
    cast(monthly_cost_usd as decimal(38, 2)) as monthly,
    cast(low_usd as decimal(38, 2)) as low,
    cast(high_usd as decimal(38, 2)) as high,
    resources,
    partly,
    unpriced
from cost_sums
where level = 'estate' and ($forecasts or (scenario = 'as_is' and term = 'on_demand'))
order by term = 'on_demand' desc, scenario asc, term asc
