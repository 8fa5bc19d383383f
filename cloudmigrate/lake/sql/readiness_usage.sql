-- readiness_usage: one row per (uid, metric) with data, for resources of the inventory; CPU first, then metric by metric, busiest first.
-- in:  utilisation, inventory (views)
-- out: uid, metric, stat, unit, samples (count), coverage_share (0..1), mean to max (in unit), idle_share (0..1),
--      peak_hour_of_week (0 = Monday 00:00 UTC), peak_hour_mean (in unit), first_at, last_at
select
    u.uid,
    u.metric,
    u.stat,
    u.unit,
    u.samples,
    u.coverage_share,
    u.mean,
    u.p50,
    u.p95,
    u.p99,
    u.p995,
    u.max,
    u.idle_share,
    u.peak_hour_of_week,
    u.peak_hour_mean,
    u.first_at,
    u.last_at
from utilisation as u
semi join inventory as i on u.uid = i.uid
order by u.metric != 'CPUUtilization', u.metric asc, u.p95 desc, u.uid asc
