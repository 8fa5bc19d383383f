-- utilisation_profile: one row per resource, metric and hour of the week with data.
-- in:  hourly (see hourly.sql), measured (position, metric: which metric is number N)
-- out: uid, metric, hour_of_week (0 = Monday 00:00 UTC ... 167), mean, max (the metric's unit)
with per_metric as (
    select
        uid,
        hour_of_week,
        unnest([*columns('^mean_')]) as mean,
        unnest([*columns('^max_')]) as max,
        generate_subscripts([*columns('^mean_')], 1) as position
    from hourly
)

select
    per_metric.uid,
    measured.metric,
    per_metric.hour_of_week,
    per_metric.mean,
    per_metric.max
from per_metric
inner join measured on per_metric.position = measured.position
where per_metric.mean is not null
