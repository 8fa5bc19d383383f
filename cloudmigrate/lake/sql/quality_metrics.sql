-- quality_metrics: one row per (uid, metric, stat) with points in the snapshot's window, with what the data checks ask.
-- in:  metrics, inventory (views), $latest_at (instant: anything later is in the future), $first_at (instant: start of the window),
--      $slot_s (seconds: the shortest period of the series), $last_slot (count of such periods in the window, less one)
-- out: uid, type (null: uid not in the inventory), metric, stat, points (count), value_min, value_max (the metric's unit; of finite points),
--      points_not_finite (count of NaN and infinite values), repeated_points (count of points beyond the first in one period),
--      observed_ahead_s (most seconds after $latest_at; negative: before), uid_known (in the inventory)
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
    s.uid,
    i.type,
    s.metric,
    s.stat,
    s.points,
    s.value_min,
    s.value_max,
    s.points_not_finite,
    s.repeated_points,
    epoch(s.last_at) - epoch($latest_at::timestamptz) as observed_ahead_s,
    i.uid is not null as uid_known
from series as s
left join inventory as i on s.uid = i.uid
