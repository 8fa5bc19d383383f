-- pattern_features: one row per resource with hourly data: what its pattern of use is told by.
-- in:  pattern_hours (see pattern_hours.sql), $near_idle_pct (an hour above it is one of duty), $low_cpu_pct and $low_network_mb (a day at or
--      under both is low), $full_day_hours (hours of data that make a day count)
-- out: uid, samples and hours (with load), gaps and gap_hours (stretches and hours without load between first and last), first_at, last_at,
--      level_mean_pct, level_median_pct, floor_pct (p5), high_pct (p95) and top_pct (p99, all of hourly means), peak_pct (of the points), spread
--      (standard deviation of hourly means, points), spikes (hours a week over 2.5 times their day's mean and 2 points), duty_cycle (0..1),
--      autocorrelation_day (lag 24 h, of each hour less its day's mean, so that a shift of level is no rhythm), autocorrelation_week (lag 168
--      h, of the hours as they are), daily_share (0..1: of the variation within days, what the hour of the day explains), daily_swing_pct
--      (between the hours of the day with the highest and lowest mean), trend (points a week, over days), trend_fit and step_fit (0..1: how much
--      of the variation between days a straight line, and one single step, explains), days, low_cpu_days, low_days (CPU and network),
--      network_days, network_hours, network_mb_a_day (mean) and network_mb_a_day_max (10^6 bytes), connection_hours, connections_max
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
),

days as (
    select
        uid,
        day_no,
        avg(load) as load,
        count(load) >= $full_day_hours as is_full,
        sum(network_bytes) / 1e6 / count(network_bytes) * 24 as network_mb,
        count(network_bytes) >= $full_day_hours as has_network
    from pattern_hours
    group by all
),

running as (
    select
        uid,
        day_no,
        load,
        sum(load) over (partition by uid order by day_no) as before,
        row_number() over (partition by uid order by day_no) as number,
        sum(load) over (partition by uid) as total,
        sum(load * load) over (partition by uid) as squares,
        count(*) over (partition by uid) as days
    from days
    where is_full
),

between_days as (
    select
        uid,
        coalesce(regr_slope(load, day_no) * 7, 0) as trend,
        max(squares - total * total / days) as variation,
        regr_r2(load, day_no) as line,
        max(case when number < days then before * before / number + power(total - before, 2) / (days - number) - total * total / days end) as step
    from running
    group by uid
),

low as (
    select
        uid,
        count_if(is_full) as days,
        count_if(is_full and load <= $low_cpu_pct) as low_cpu_days,
        count_if(is_full and load <= $low_cpu_pct and has_network and network_mb <= $low_network_mb) as low_days,
        count_if(has_network) as network_days,
        avg(network_mb) as network_mb_a_day,
        max(network_mb) as network_mb_a_day_max
    from days
    group by uid
),

beside as (
    select
        uid,
        count(network_bytes) as network_hours,
        count(connections) as connection_hours,
        max(connections) as connections_max
    from pattern_hours
    group by uid
)

select
    by_uid.* exclude (quantiles, variation),
    by_uid.quantiles[1] as floor_pct,
    by_uid.quantiles[2] as level_median_pct,
    by_uid.quantiles[3] as high_pct,
    by_uid.quantiles[4] as top_pct,
    case when by_uid.variation > 1e-9 then least(daily.explained / by_uid.variation, 1) else 0 end as daily_share,
    daily.daily_swing_pct,
    coalesce(between_days.trend, 0) as trend,
    case when between_days.variation > 1e-6 then coalesce(between_days.line, 0) else 0 end as trend_fit,
    case when between_days.variation > 1e-6 then least(coalesce(between_days.step / between_days.variation, 0), 1) else 0 end as step_fit,
    low.* exclude (uid),
    beside.* exclude (uid)
from by_uid
inner join daily on by_uid.uid = daily.uid
inner join low on by_uid.uid = low.uid
inner join beside on by_uid.uid = beside.uid
left join between_days on by_uid.uid = between_days.uid
