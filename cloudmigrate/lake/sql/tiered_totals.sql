-- tiered_totals: one row per (scenario, region, rate key) whose price has tiers: what the whole estate's quantity costs.
-- in:  scenario_lines, rates (tables)
-- out: tier_quantity (units a month), tier_cost (decimal): each line pays its share; the accounts of an organisation count as one
with quantities as (
    select
        scenario,
        region,
        rate_key,
        sum(quantity) as tier_quantity
    from scenario_lines
    where quantity > 0
    group by scenario, region, rate_key
),

tiers as (
    select *
    from rates
    where term = 'on_demand'
    qualify count(*) over (partition by region, rate_key) > 1
)

select
    q.scenario,
    q.region,
    q.rate_key,
    cast(any_value(q.tier_quantity) as decimal(20, 6)) as tier_quantity,
    cast(sum(
        cast(
            t.price * cast(greatest(least(q.tier_quantity, coalesce(t.end_range, q.tier_quantity)) - t.begin_range, 0) as decimal(20, 6))
            as decimal(38, 10)
        )
    ) as decimal(38, 10)) as tier_cost
from quantities as q
inner join tiers as t on q.region = t.region and q.rate_key = t.rate_key
group by q.scenario, q.region, q.rate_key
-- Where the tiers end before the quantity does, the price is not known.
having max(coalesce(t.end_range, q.tier_quantity)) >= any_value(q.tier_quantity) and min(t.begin_range) = 0
