-- utilisation_profile: one row per resource, metric and hour of the week with data.
-- in:  hourly (see hourly.sql), $metrics (the metrics' names: the first is number 1)
-- out: uid, metric, hour_of_week (0 = Monday 00:00 UTC ... 167), mean, max (the metric's unit)
with per_metric as (
    select
        uid,
        unnest($metrics) as metric,
        hour_of_week,
        unnest([*columns('^mean_')]) as mean,
        unnest([*columns('^max_')]) as max
    from hourly
)

select
    uid,
    metric,
    hour_of_week,
    mean,
    max
from per_metric
where mean is not null
