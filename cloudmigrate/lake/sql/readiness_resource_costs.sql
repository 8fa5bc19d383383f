-- readiness_resource_costs: one row per (resource, scenario): what sums take of it, in a month on demand.
-- in:  term_costs, inventory (views)
-- out: uid, scenario, status, monthly_cost_usd, low_usd, high_usd, reason, sampled_on; strategy: that scenario recommended follows
select
    c.uid,
    c.scenario,
    c.strategy,
    c.status,
    c.monthly_cost_usd,
    c.low_usd,
    c.high_usd,
    c.reason,
    c.sampled_on
from term_costs as c
semi join inventory as i on c.uid = i.uid
where c.term = 'on_demand'
order by c.uid, c.scenario
