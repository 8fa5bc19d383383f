-- hourly: one row per resource and hour of the week, over one type's data points; a step towards utilisation and its profile.
-- in:  points (uid, observed_at, and per metric N: value_N, peak_N; see lake/utilisation.py),
--      $uid_from (in) and $uid_before (out): the range of uids to work on, which bounds memory
-- out: uid, hour_of_week (0 = Monday 00:00 UTC ... 167), and per metric N: samples_N (count), mean_N, max_N (the metric's unit; null
--      where there is no data)
-- The epoch began on a Thursday at 00:00 UTC, 72 hours into a week.
-- noqa: disable=RF05
select
    uid,
    cast((epoch_us(observed_at) // 3600000000 + 72) % 168 as integer) as hour_of_week,
    count(columns('^value_(\d+)')) as 'samples_\1',
    avg(columns('^value_(\d+)')) as 'mean_\1',
    max(columns('^peak_(\d+)')) as 'max_\1'
from points
where uid >= $uid_from and uid < $uid_before
group by all
