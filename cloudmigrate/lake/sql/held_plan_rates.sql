-- held_plan_rates: one row per (savings plan that is held, region, pool): what an hour of the pool's rate costs under that plan.
-- in:  commitments, prices (views), rates (table), committed_pools (registered: region, pool, rate_key)
-- out: commitment_id, region, pool, price (USD an hour of the rate's size); none where the plan's payment option has no rate, or several
with plans as (
    select
        commitment_id,
        offering_class,
        purchase_option,
        case term when '1y' then 1 when '3y' then 3 end as lease_years
    from commitments
    where kind = 'savings_plan' and state = 'active'
)

select
    p.commitment_id,
    u.region,
    u.pool,
    min(x.price) as price
from plans as p
cross join committed_pools as u
inner join rates as r on u.region = r.region and u.rate_key = r.rate_key and r.term = 'on_demand' and r.begin_range = 0 and not r.ambiguous
inner join prices as x
    on
        u.region = x.region
        and x.term = 'savings_plan'
        and list_contains(string_split(r.skus, ', '), x.sku)
        and p.offering_class = x.offering_class
        and p.purchase_option = x.purchase_option
        and p.lease_years = x.lease_years
where u.rate_key like 'ec2:%'
group by p.commitment_id, u.region, u.pool
having count(distinct x.price) = 1
