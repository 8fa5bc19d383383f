-- costs_by_wave: one row per (wave, scenario, term): what its resources cost in a month, each at that term where it has one.
-- in:  cost_sums (view; of one plan)
-- out: its columns
select
    cast(name as integer) as wave,
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
where level = 'wave'
order by wave, scenario, term
