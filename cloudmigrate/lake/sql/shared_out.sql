-- shared_out: create temp macro: amount times quantity over whole, where amount is in 10^-10 and whole in 10^-6 of the unit.
-- in:  amount, whole (hugeint), quantity (decimal(20, 6))
-- out: decimal(38, 10), rounded half up
create or replace temp macro shared_out(amount, quantity, whole) as
cast(
    cast((2 * amount * cast(quantity * 1000000 as hugeint) + whole) // (2 * whole) as decimal(38, 0)) * cast(0.0000000001 as decimal(11, 10))
    as decimal(38, 10)
)
