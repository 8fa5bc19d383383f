-- pattern_requests: one row per resource and hour from its first request to the window's end; pattern_hours of loads that are counts.
-- in:  pattern_points (uid, observed_at, load: a count in the period; see lake/patterns.py), $end_hour (the hour since the epoch at which
--      the window ends, out), $uid_from (in) and $uid_before (out): the range of uids to work on, which bounds memory
-- out: the columns of pattern_hours (see there): load and peak in percent of the resource's own busiest hour, 0 in an hour without a data
--      point, as nothing is published where nothing was asked; network_bytes and connections are null
with counted as (
    select
        uid,
        epoch_us(observed_at) // 3600000000 as hour_no,
        sum(load) as load,
        count(*) as samples,
        min(observed_at) as first_at,
        max(observed_at) as last_at
    from pattern_points
    where uid >= $uid_from and uid < $uid_before
    group by all
),

spans as (
    select
        uid,
        max(load) as most,
        unnest(range(min(hour_no), greatest($end_hour, max(hour_no) + 1))) as hour_no
    from counted
    group by uid
    having max(load) > 0
)

select
    spans.uid,
    spans.hour_no,
    -(($end_hour - 1 - spans.hour_no) // 24) as day_no,
    100 * coalesce(counted.load, 0) / spans.most as load,
    100 * coalesce(counted.load, 0) / spans.most as peak,
    coalesce(counted.samples, 0) as samples,
    coalesce(counted.samples, 0) as peaks,
    counted.first_at,
    counted.last_at,
    cast(null as double) as network_bytes,
    cast(null as double) as connections
from spans
left join counted on spans.uid = counted.uid and spans.hour_no = counted.hour_no
