-- pattern_days: one row per resource and day of the window with data; a step towards pattern_features.
-- in:  pattern_hours (see pattern_hours.sql), $full_day_hours (hours of data that make a day count)
-- out: uid, day_no, load (mean of the hours, percent), is_full, network_mb (10^6 bytes, scaled up to 24 hours), has_network (of a full day)
select
    uid,
    day_no,
    avg(load) as load,
    count(load) >= $full_day_hours as is_full,
    sum(network_bytes) / 1e6 / count(network_bytes) * 24 as network_mb,
    count(network_bytes) >= $full_day_hours as has_network
from pattern_hours
group by all
