-- pattern_features: one row per resource with hourly data: what its pattern of use is told by.
-- in:  pattern_hours, pattern_rhythm and pattern_trends (see their files)
-- out: uid, samples and hours (with load), gaps and gap_hours (stretches and hours without load between first and last), first_at, last_at,
--      level_mean_pct, level_median_pct, floor_pct (p5), high_pct (p95) and top_pct (p99; all of hourly means), peak_pct (of the points),
--      peak_measured (every point has a peak of its own), spread (standard deviation of hourly means, points), spikes (hours a week over
--      2.5 times their day's mean and 2 points), duty_cycle (0..1: hours above the near-idle line), autocorrelation_day (lag 24 h, of each
--      hour less its day's mean, so that a shift of level is no rhythm), autocorrelation_week (lag 168 h, of the hours as they are),
--      daily_share (0..1: of the variation within days, what the hour of the day explains), daily_swing_pct (between the hours of the day
--      with the highest and lowest mean), trend (points a week, over days), trend_fit and step_fit (0..1: how much of the variation between
--      days a straight line, and one single step, explains), days, low_cpu_days, low_days (CPU and network), network_days, network_hours,
--      network_mb_a_day (mean) and network_mb_a_day_max (10^6 bytes), connection_hours, connections_max
with beside as (
    select
        uid,
        count(network_bytes) as network_hours,
        count(connections) as connection_hours,
        max(connections) as connections_max
    from pattern_hours
    group by uid
)

select
    pattern_rhythm.* exclude (quantiles),
    pattern_rhythm.quantiles[1] as floor_pct,
    pattern_rhythm.quantiles[2] as level_median_pct,
    pattern_rhythm.quantiles[3] as high_pct,
    pattern_rhythm.quantiles[4] as top_pct,
    pattern_trends.* exclude (uid),
    beside.* exclude (uid)
from pattern_rhythm
inner join pattern_trends on pattern_rhythm.uid = pattern_trends.uid
inner join beside on pattern_rhythm.uid = beside.uid
