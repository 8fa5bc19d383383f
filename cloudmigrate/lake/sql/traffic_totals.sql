-- traffic_totals: traffic between resources over the whole window.
-- grain: one row per (source, target, service)
-- in:  hourly (traffic_hourly)
-- out: sums; days (bit n: traffic on day n after the first that periodicity looks at), first_day, last_day (numbers of such days), seen (as in
--      by_day), first_hour, last_hour (as in hourly)
-- Up to where sums end floating point is exact, and quicker than what whole numbers are summed in.
select
    source,
    target,
    service,
    least(sum(bytes::double), 9007199254740991)::bigint as bytes,
    least(sum(packets::double), 9007199254740991)::bigint as packets,
    sum(flows::double)::bigint as flows,
    min(first_seen) as first_seen,
    max(last_seen) as last_seen,
    sum(active_hours)::integer as active_hours,
    count(*)::integer as days_seen,
    bit_or(seen) as seen,
    bit_or(days) as days,
    min(first_day) as first_day,
    max(last_day) as last_day,
    min(first_hour) as first_hour,
    max(last_hour) as last_hour
from hourly
group by source, target, service
