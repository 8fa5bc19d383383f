-- wave_money: one row per wave: what its resources cost a month now and in the target, and how much data moves.
-- in:  waves (view; one plan), term_costs, inventory (views), $scenario (of the target)
-- out: sums in USD, on demand, of what is priced (of partly priced resources what is known of them); what the plan retires costs nothing in
--      the target; moving_*: of the target, without what is retained or retired and so runs nowhere twice; storage_gb (10^9 bytes, of what
--      moves); source_open, target_open: resources without a whole price
with target as (
    select
        uid,
        status,
        low_usd,
        monthly_cost_usd,
        high_usd,
        coalesce(strategy, '') not in ('retain', 'retire') as moves
    from term_costs
    where scenario = $scenario and term = 'on_demand'
)

select
    w.wave,
    cast(coalesce(sum(s.low_usd), 0) as decimal(38, 10)) as source_low,
    cast(coalesce(sum(s.monthly_cost_usd), 0) as decimal(38, 10)) as source_likely,
    cast(coalesce(sum(s.high_usd), 0) as decimal(38, 10)) as source_high,
    cast(coalesce(sum(t.low_usd) filter (where not coalesce(w.retires, false)), 0) as decimal(38, 10)) as target_low,
    cast(coalesce(sum(t.monthly_cost_usd) filter (where not coalesce(w.retires, false)), 0) as decimal(38, 10)) as target_likely,
    cast(coalesce(sum(t.high_usd) filter (where not coalesce(w.retires, false)), 0) as decimal(38, 10)) as target_high,
    cast(coalesce(sum(t.low_usd) filter (where coalesce(t.moves, true) and not coalesce(w.retires, false)), 0) as decimal(38, 10)) as moving_low,
    cast(coalesce(sum(t.monthly_cost_usd) filter (where coalesce(t.moves, true) and not coalesce(w.retires, false)), 0) as decimal(38, 10)) as moving_likely,
    cast(coalesce(sum(t.high_usd) filter (where coalesce(t.moves, true) and not coalesce(w.retires, false)), 0) as decimal(38, 10)) as moving_high,
    cast(coalesce(sum(i.storage_bytes) filter (where coalesce(t.moves, true) and not coalesce(w.retires, false)), 0) / 1e9 as decimal(20, 3)) as storage_gb,
    count(*) filter (where s.status <> 'priced') as source_open,
    count(*) filter (
        where s.uid is not null and coalesce(t.status, 'unpriced') <> 'priced' and not coalesce(w.retires, false)
    ) as target_open
from waves as w
left join term_costs as s on w.uid = s.uid and s.scenario = 'as_is' and s.term = 'on_demand'
left join target as t on w.uid = t.uid
left join inventory as i on w.uid = i.uid
group by w.wave
order by w.wave
