-- utilisation: one row per resource and metric with data, over one type's data points.
-- in:  hourly (see hourly.sql), points (uid, value_N), measured (position, metric, stat, unit, capacity_pct, expected: periods in the
--      window), $uid_from (in) and $uid_before (out)
-- out: uid, metric, stat (the statistic that mean and percentiles are over), unit, samples (count), coverage_share (0..1), mean, stddev (of
--      the sample; 0 for one), p50, p95, p99, p995 (exact, interpolated), max (the metric's unit), idle_share (0..1, null where the metric
--      is no share of a capacity), peak_hour_of_week (the hour with the highest mean, the earliest of equals), peak_hour_mean, first_at, last_at
-- Mean and variance of the whole come from those of the hours (Chan, Golub, LeVeque 1979): one pass less over the points.
with per_hour as (
    select
        uid,
        hour_of_week,
        unnest([*columns('^samples_')]) as samples,
        unnest([*columns('^mean_')]) as mean,
        unnest([*columns('^variance_')]) as variance,
        unnest([*columns('^max_')]) as max,
        unnest([*columns('^idle_')]) as idle,
        unnest([*columns('^first_')]) as first_at,
        unnest([*columns('^last_')]) as last_at,
        generate_subscripts([*columns('^samples_')], 1) as position
    from hourly
),

overall as (
    select
        uid,
        position,
        cast(sum(samples) as bigint) as samples,
        sum(samples * mean) / sum(samples) as mean,
        sum(samples * variance) as within_hours,
        max(max) as max,
        sum(idle) as idle,
        arg_max(hour_of_week, row(mean, -hour_of_week)) as peak_hour_of_week,
        max(mean) as peak_hour_mean,
        min(first_at) as first_at,
        max(last_at) as last_at
    from per_hour
    where samples > 0
    group by uid, position
),

between_hours as (
    select
        per_hour.uid,
        per_hour.position,
        sum(per_hour.samples * (per_hour.mean - overall.mean) ** 2) as between_hours
    from per_hour
    inner join overall on per_hour.uid = overall.uid and per_hour.position = overall.position
    where per_hour.samples > 0
    group by per_hour.uid, per_hour.position
),

quantiles_by_uid as (
    select
        uid,
        quantile_cont(columns('^value_(\d+)'), [0.5, 0.95, 0.99, 0.995]) as 'quantiles_\1'
    from points
    where uid >= $uid_from and uid < $uid_before
    group by uid
),

quantiles as (
    select
        uid,
        unnest([*columns('^quantiles_')]) as quantiles,
        generate_subscripts([*columns('^quantiles_')], 1) as position
    from quantiles_by_uid
)

select
    overall.uid,
    measured.metric,
    measured.stat,
    measured.unit,
    overall.samples,
    least(overall.samples / measured.expected, 1) as coverage_share,
    overall.mean,
    case when overall.samples > 1 then sqrt((overall.within_hours + between_hours.between_hours) / (overall.samples - 1)) else 0 end as stddev,
    quantiles.quantiles[1] as p50,
    quantiles.quantiles[2] as p95,
    quantiles.quantiles[3] as p99,
    quantiles.quantiles[4] as p995,
    overall.max,
    case when measured.capacity_pct then overall.idle / overall.samples end as idle_share,
    overall.peak_hour_of_week,
    overall.peak_hour_mean,
    overall.first_at,
    overall.last_at
from overall
inner join between_hours on overall.uid = between_hours.uid and overall.position = between_hours.position
inner join quantiles on overall.uid = quantiles.uid and overall.position = quantiles.position
inner join measured on overall.position = measured.position
order by overall.uid, measured.metric
