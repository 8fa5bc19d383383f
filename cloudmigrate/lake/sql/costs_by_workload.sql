-- costs_by_workload: one row per (workload, scenario, term): what its resources cost in a month, each at that term where it has one.
-- in:  cost_sums (view)
-- out: its columns
select
    name as workload,
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
where level = 'workload'
order by name, scenario, term
