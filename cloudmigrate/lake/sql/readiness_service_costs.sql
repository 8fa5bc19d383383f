-- readiness_service_costs: one row per (service, scenario): what its resources cost in a month on demand.
-- in:  cost_sums (view)
-- out: service (the middle of the type's name) and the columns of cost_sums
select
    name as service,
    scenario,
    monthly_cost_usd,
    low_usd,
    high_usd,
    resources,
    partly,
    unpriced,
    at_least
from cost_sums
where level = 'service' and term = 'on_demand'
order by name, scenario
