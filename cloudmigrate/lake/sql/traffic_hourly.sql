-- traffic_hourly: traffic between resources day by day, with the hours that it was seen in.
-- grain: one row per (source, target, service, day)
-- in:  by_day (traffic_days), calendar (one row; looked_from: first day that periodicity looks at; what is older counts in sums alone)
-- out: the columns of traffic_totals, of one day; first_hour, last_hour (with traffic, counted from the first that is looked at)
with numbered as (
    select
        *,
        seen >> 32 as hours,
        (day - looked_from)::integer as n
    from by_day
    cross join calendar
)

select
    source,
    target,
    service,
    bytes,
    packets,
    flows,
    first_at as first_seen,
    last_at as last_seen,
    bit_count(hours)::integer as active_hours,
    1 as days_seen,
    seen,
    if(n >= 0, 1::hugeint << greatest(n, 0), 0::hugeint) as days,
    greatest(n, 0) as first_day,
    greatest(n, 0) as last_day,
    n * 24 + log2(hours & -hours)::integer as first_hour,
    n * 24 + floor(log2(hours))::integer as last_hour
from numbered
