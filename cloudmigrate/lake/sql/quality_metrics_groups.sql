-- quality_metrics_groups: one row per (type, metric, stat, uid known or not), with the worst values of its series;
-- the columns of quality_metrics, for snapshots with too many series to be checked one by one.
-- in:  metrics, inventory (views), $latest_at (instant: anything later is in the future), $first_at (instant: start of the window),
--      $slot_s (seconds: the shortest period of the series), $last_slot (count of such periods in the window, less one)
-- out: uid (one of them), type (null: uid not in the inventory), metric, stat, points (count), value_min, value_max (the metric's unit),
--      points_not_finite (count), repeated_points (count), observed_ahead_s (most seconds after $latest_at), uid_known
with series as (
    select
        uid,
        metric,
        stat,
        count(*) as points,
        min(value) filter (where isfinite(value)) as value_min,
        max(value) filter (where isfinite(value)) as value_max,
        count(*) filter (where not isfinite(value)) as points_not_finite,
        -- A bit for each period of the window: a hundredth of what count(distinct observed_at) would hold, and a quarter of its time.
        count(*) - bit_count(
            bitstring_agg(((epoch_us(observed_at) - epoch_us($first_at::timestamptz)) // ($slot_s::bigint * 1000000))::integer, 0, $last_slot)
        ) as repeated_points,
        max(observed_at) as last_at
    from metrics
    group by uid, metric, stat
)

select
    min(s.uid) as uid,
    i.type,
    s.metric,
    s.stat,
    sum(s.points)::bigint as points,
    min(s.value_min) as value_min,
    max(s.value_max) as value_max,
    sum(s.points_not_finite)::bigint as points_not_finite,
    sum(s.repeated_points)::bigint as repeated_points,
    epoch(max(s.last_at)) - epoch($latest_at::timestamptz) as observed_ahead_s,
    i.uid is not null as uid_known
from series as s
left join inventory as i on s.uid = i.uid
group by i.type, s.metric, s.stat, i.uid is not null
order by i.type, s.metric, s.stat, uid_known
