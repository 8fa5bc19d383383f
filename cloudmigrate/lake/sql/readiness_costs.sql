-- readiness_costs: one row per (scenario, term): what the whole estate costs in a month, each resource at that term where it has one.
-- in:  cost_sums (view)
-- out: its columns
select
    scenario,
    term,
    monthly_cost_usd,
    low_usd,
    high_usd,
    committed_usd,
    resources,
    partly,
    unpriced,
    at_least
from cost_sums
where level = 'estate'
order by scenario, term
