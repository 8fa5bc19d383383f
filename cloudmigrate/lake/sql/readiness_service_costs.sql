-- readiness_service_costs: one row per (service, scenario): what its resources cost in a month on demand.
-- in:  costs, inventory (views)
-- out: service (the middle of the type's name), scenario, monthly_cost_usd, low_usd, high_usd of what is priced; resources, partly,
--      unpriced (counts)
select
    split_part(i.type, '::', 2) as service,
    c.scenario,
    cast(sum(c.monthly_cost_usd) as decimal(38, 10)) as monthly_cost_usd,
    cast(sum(c.low_usd) as decimal(38, 10)) as low_usd,
    cast(sum(c.high_usd) as decimal(38, 10)) as high_usd,
    count(*) as resources,
    count(*) filter (where c.status = 'partly') as partly,
    count(*) filter (where c.status = 'unpriced') as unpriced
from costs as c
inner join inventory as i on c.uid = i.uid
where c.term = 'on_demand'
group by all
order by service, scenario
