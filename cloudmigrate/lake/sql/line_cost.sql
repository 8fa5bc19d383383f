-- line_cost: create temp macro: what a quantity costs in a month, exact, rounded once to ten places (half away from nothing).
-- in:  quantity (decimal(20, 6)), price and upfront (decimal(18, 10)), lease_hours (of the whole lease; null: none),
--      tier_cost and tier_quantity (null: the price has no tiers)
-- out: decimal(38, 10); an upfront fee is spread over the lease's hours. Division is of whole numbers: decimals would become doubles
create or replace temp macro line_cost(quantity, price, upfront, lease_hours, tier_cost, tier_quantity) as
cast(
    case
        when tier_quantity is not null
            then shared_out(cast(tier_cost * cast(10000000000 as bigint) as hugeint), quantity, cast(tier_quantity * 1000000 as hugeint))
        when upfront > 0
            then
                cast(price * quantity as decimal(38, 10))
                + shared_out(cast(upfront * cast(10000000000 as bigint) as hugeint), quantity, cast(lease_hours as hugeint) * 1000000)
        else cast(price * quantity as decimal(38, 10))
    end as decimal(38, 10)
)
