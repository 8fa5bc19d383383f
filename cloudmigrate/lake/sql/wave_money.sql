-- wave_money: one row per wave: what its resources cost a month now and in the target, and how much data they hold.
-- in:  waves (view; one plan), costs, inventory (views), $scenario (of the target)
-- out: sums in USD of what is priced, on demand; storage_gb (10^9 bytes); unpriced: resources without a whole price in either
select
    w.wave,
    cast(coalesce(sum(s.low_usd), 0) as decimal(38, 10)) as source_low,
    cast(coalesce(sum(s.monthly_cost_usd), 0) as decimal(38, 10)) as source_likely,
    cast(coalesce(sum(s.high_usd), 0) as decimal(38, 10)) as source_high,
    cast(coalesce(sum(t.low_usd), 0) as decimal(38, 10)) as target_low,
    cast(coalesce(sum(t.monthly_cost_usd), 0) as decimal(38, 10)) as target_likely,
    cast(coalesce(sum(t.high_usd), 0) as decimal(38, 10)) as target_high,
    cast(coalesce(sum(i.storage_bytes), 0) / 1e9 as decimal(20, 3)) as storage_gb,
    count(*) filter (where s.status <> 'priced' or t.status <> 'priced') as unpriced
from waves as w
left join costs as s on w.uid = s.uid and s.scenario = 'as_is' and s.term = 'on_demand'
left join costs as t on w.uid = t.uid and t.scenario = $scenario and t.term = 'on_demand'
left join inventory as i on w.uid = i.uid
group by w.wave
order by w.wave
