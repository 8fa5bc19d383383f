-- pattern_hours: one row per resource and hour with data, over one type's data points; a step towards pattern_features.
-- in:  pattern_points (uid, observed_at, period_s, load and peak in percent, network_bytes and connections of the period; see
--      lake/patterns.py), $end_hour (the hour since the epoch at which the window ends, out),
--      $uid_from (in) and $uid_before (out): the range of uids to work on, which bounds memory
-- out: uid, hour_no (since the epoch), day_no (0 = the 24 hours that end with the window, -1 = the 24 before, ...), load (mean, percent),
--      peak (maximum, percent), samples (points of load) and peaks (those with a peak of their own), first_at and last_at (of load),
--      network_bytes (sum over the hour, scaled up for periods that are missing; null where nothing is measured), connections (maximum)
select
    uid,
    epoch_us(observed_at) // 3600000000 as hour_no,
    -(($end_hour - 1 - epoch_us(observed_at) // 3600000000) // 24) as day_no,
    avg(load) as load,
    max(coalesce(peak, load)) as peak,
    count(load) as samples,
    count(case when load is not null then peak end) as peaks,
    min(case when load is not null then observed_at end) as first_at,
    max(case when load is not null then observed_at end) as last_at,
    sum(network_bytes) * greatest(3600.0 / min(period_s) / count(network_bytes), 1) as network_bytes,
    max(connections) as connections
from pattern_points
where uid >= $uid_from and uid < $uid_before
group by all
