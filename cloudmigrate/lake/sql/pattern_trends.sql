-- pattern_trends: one row per resource: how its days differ, and how many are low; a step towards pattern_features.
-- in:  pattern_days (see pattern_days.sql), $low_cpu_pct and $low_network_mb (a day at or under both is low)
-- out: uid, trend, trend_fit, step_fit, days, low_cpu_days, low_days, network_days, network_mb_a_day, network_mb_a_day_max (see
--      pattern_features.sql)
-- A step's fit is the variation between the days before and after the best place to cut, of all variation.
with running as (
    select
        uid,
        day_no,
        load,
        sum(load) over (partition by uid order by day_no) as before,
        row_number() over (partition by uid order by day_no) as number,
        sum(load) over (partition by uid) as total,
        sum(load * load) over (partition by uid) as squares,
        count(*) over (partition by uid) as days
    from pattern_days
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
    from pattern_days
    group by uid
)

select
    low.*,
    coalesce(between_days.trend, 0) as trend,
    case when between_days.variation > 1e-6 then coalesce(between_days.line, 0) else 0 end as trend_fit,
    case when between_days.variation > 1e-6 then least(coalesce(between_days.step / between_days.variation, 0), 1) else 0 end as step_fit
from low
left join between_days on low.uid = between_days.uid
