-- hourly: one row per resource and hour of the week, over one type's data points; a step towards utilisation and its profile.
-- in:  points (uid, observed_at, value_N, peak_N, idle_N: one of each per metric; see lake/utilisation.py),
--      $uid_from (in) and $uid_before (out): the range of uids to work on, which bounds memory
-- out: uid, hour_of_week (0 = Monday 00:00 UTC ... 167), and per metric N: samples_N (count), mean_N, variance_N (of the population),
--      max_N (the metric's unit), idle_N (count of samples under the idle threshold), first_N, last_N (instants)
-- The epoch began on a Thursday at 00:00 UTC, 72 hours into a week.
select
    uid,
    cast((epoch_us(observed_at) // 3600000000 + 72) % 168 as integer) as hour_of_week,
    count(columns('^value_(\d+)')) as 'samples_\1',
    avg(columns('^value_(\d+)')) as 'mean_\1',
    var_pop(columns('^value_(\d+)')) as 'variance_\1',
    max(columns('^peak_(\d+)')) as 'max_\1',
    count_if(columns('^idle_(\d+)')) as 'idle_\1',
    min(case when columns('^value_(\d+)') is not null then observed_at end) as 'first_\1',
    max(case when columns('^value_(\d+)') is not null then observed_at end) as 'last_\1'
from points
where uid >= $uid_from and uid < $uid_before
group by all
