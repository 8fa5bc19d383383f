-- pattern_rhythm: one row per resource with load: level, spread and rhythm of its hours; a step towards pattern_features.
-- in:  pattern_hours (see pattern_hours.sql), $near_idle_pct (an hour above it is one of duty)
-- out: uid, samples, hours, gaps, gap_hours, first_at, last_at, level_mean_pct, quantiles (5, 50, 95, 99 %), peak_pct, peak_measured, spread,
--      spikes, duty_cycle, autocorrelation_day, autocorrelation_week (see pattern_features.sql), daily_share and daily_swing_pct
with hours as (
    select
        *,
        load - avg(load) over (partition by uid, day_no) as within_day
    from pattern_hours
    where load is not null
),

lagged as (
    select
        *,
        any_value(within_day) over (partition by uid order by hour_no range between 24 preceding and 24 preceding) as day_before,
        any_value(load) over (partition by uid order by hour_no range between 168 preceding and 168 preceding) as week_before,
        hour_no - lag(hour_no) over (partition by uid order by hour_no) - 1 as missing
    from hours
),

by_uid as (
    select
        uid,
        cast(sum(samples) as bigint) as samples,
        count(*) as hours,
        count_if(missing > 0) as gaps,
        cast(coalesce(sum(missing), 0) as bigint) as gap_hours,
        min(first_at) as first_at,
        max(last_at) as last_at,
        avg(load) as level_mean_pct,
        quantile_cont(load, [0.05, 0.5, 0.95, 0.99]) as quantiles,
        max(peak) as peak_pct,
        sum(peaks) = sum(samples) as peak_measured,
        coalesce(stddev_samp(load), 0) as spread,
        count_if(within_day > 1.5 * (load - within_day) + 2) * 168.0 / count(*) as spikes,
        count_if(load > $near_idle_pct) / count(*) as duty_cycle,
        var_pop(within_day) as variation,
        case when var_pop(day_before) > 1e-9 and var_pop(within_day) > 1e-9 and count(day_before) >= 24 then corr(within_day, day_before) end
            as autocorrelation_day,
        case when var_pop(week_before) > 1e-9 and var_pop(load) > 1e-9 and count(week_before) >= 24 then corr(load, week_before) end
            as autocorrelation_week
    from lagged
    group by uid
),

hours_of_day as (
    select
        uid,
        avg(within_day) as swing,
        count(*) as hours
    from hours
    group by uid, hour_no % 24
),

daily as (
    select
        uid,
        sum(hours * swing * swing) / sum(hours) as explained,
        max(swing) - min(swing) as daily_swing_pct
    from hours_of_day
    group by uid
)

select
    by_uid.* exclude (variation),
    case when by_uid.variation > 1e-9 then least(daily.explained / by_uid.variation, 1) else 0 end as daily_share,
    daily.daily_swing_pct
from by_uid
inner join daily on by_uid.uid = daily.uid
