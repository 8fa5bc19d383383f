-- sizing_load: one row per data point of mean CPU, of the resources that a replay of CPU credits needs.
-- in:  sizing_points (see sizing_use.sql), sizing_rows (uid, row_no), $since (the lookback's start), $slot_s (seconds of a slot)
-- out: row_no, slot (from 0 at the lookback's start), spans (slots that the period takes), cpu (percent)
select
    r.row_no,
    (epoch_us(p.observed_at) - epoch_us($since::timestamptz)) // (1000000::bigint * $slot_s) as slot,
    greatest(p.period_s // $slot_s, 1) as spans,
    p.cpu
from sizing_points as p
inner join sizing_rows as r on p.uid = r.uid
where p.observed_at >= $since and p.cpu is not null
