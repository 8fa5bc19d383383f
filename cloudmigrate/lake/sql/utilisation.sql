-- utilisation: one row per resource and metric with data, over one type's data points.
-- in:  points (uid, observed_at, and per metric N: value_N, peak_N, idle_N; see lake/utilisation.py), hourly (see hourly.sql),
--      measured (position N, metric, stat, unit, capacity_pct, expected: periods in the window),
--      $uid_from (in) and $uid_before (out): the range of uids to work on, which bounds memory
-- out: uid, metric, stat (the statistic that mean and percentiles are over), unit, samples (count), coverage_share (0..1), mean, stddev (of
--      the sample; 0 for one), p50, p95, p99, p995 (exact, interpolated), max (the metric's unit), idle_share (0..1, null where the metric
--      is no share of a capacity), peak_hour_of_week (the hour with the highest mean, the earliest of equals), peak_hour_mean, first_at, last_at
-- noqa: disable=RF05
-- What can be had from the hours is, as a second count or maximum over all points costs a tenth of the whole.
with by_uid as (
    select
        uid,
        avg(columns('^value_(\d+)')) as 'mean_\1',
        stddev_samp(columns('^value_(\d+)')) as 'stddev_\1',
        quantile_cont(columns('^value_(\d+)'), [0.5, 0.95, 0.99, 0.995]) as 'quantiles_\1',
        count_if(columns('^idle_(\d+)')) as 'idle_\1',
        min(case when columns('^value_(\d+)') is not null then observed_at end) as 'first_\1',
        max(case when columns('^value_(\d+)') is not null then observed_at end) as 'last_\1'
    from points
    where uid >= $uid_from and uid < $uid_before
    group by uid
),

over_hours as (
    select
        uid,
        cast(sum(columns('^samples_(\d+)')) as bigint) as 'samples_\1',
        max(columns('^max_(\d+)')) as 'max_\1',
        max(columns('^mean_(\d+)')) as 'peak_mean_\1',
        arg_max(hour_of_week, case when columns('^mean_(\d+)') is not null then row(columns('^mean_(\d+)'), -hour_of_week) end) as 'peak_hour_\1'
    from hourly
    group by uid
),

per_metric as (
    select
        by_uid.uid,
        unnest([*columns('^samples_')]) as samples,
        unnest([*columns('^mean_')]) as mean,
        unnest([*columns('^stddev_')]) as stddev,
        unnest([*columns('^quantiles_')]) as quantiles,
        unnest([*columns('^max_')]) as max,
        unnest([*columns('^idle_')]) as idle,
        unnest([*columns('^first_')]) as first_at,
        unnest([*columns('^last_')]) as last_at,
        unnest([*columns('^peak_hour_')]) as peak_hour_of_week,
        unnest([*columns('^peak_mean_')]) as peak_hour_mean,
        generate_subscripts([*columns('^samples_')], 1) as position
    from by_uid
    inner join over_hours on by_uid.uid = over_hours.uid
)

select
    per_metric.uid,
    measured.metric,
    measured.stat,
    measured.unit,
    per_metric.samples,
    least(per_metric.samples / measured.expected, 1) as coverage_share,
    per_metric.mean,
    coalesce(per_metric.stddev, 0) as stddev,
    per_metric.quantiles[1] as p50,
    per_metric.quantiles[2] as p95,
    per_metric.quantiles[3] as p99,
    per_metric.quantiles[4] as p995,
    per_metric.max,
    case when measured.capacity_pct then per_metric.idle / per_metric.samples end as idle_share,
    per_metric.peak_hour_of_week,
    per_metric.peak_hour_mean,
    per_metric.first_at,
    per_metric.last_at
from per_metric
inner join measured on per_metric.position = measured.position
where per_metric.samples > 0
