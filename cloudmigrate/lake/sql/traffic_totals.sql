-- traffic_totals: traffic between resources over the whole window.
-- grain: one row per (source, target, service)
-- in:  by_day (traffic_days), $looked_from (first day that periodicity looks at; what is older counts in sums alone)
-- out: sums; days (bit n: traffic on day n after $looked_from), first_day, last_day (numbers of such days), seen (as in by_day), span_hours
--      (from the first to the last hour with traffic)
with hourly as (
    select
        *,
        seen >> 32 as hours,
        (day - $looked_from)::integer as n
    from by_day
)

select
    source,
    target,
    service,
    least(sum(bytes), 9007199254740991)::bigint as bytes,
    least(sum(packets), 9007199254740991)::bigint as packets,
    sum(flows)::bigint as flows,
    min(first_at) as first_seen,
    max(last_at) as last_seen,
    sum(bit_count(hours))::integer as active_hours,
    count(*)::integer as days_seen,
    bit_or(seen) as seen,
    max(n * 24 + floor(log2(hours))::integer) - min(n * 24 + log2(hours & -hours)::integer) + 1 as span_hours,
    bit_or(if(n >= 0, 1::hugeint << greatest(n, 0), 0::hugeint)) as days,
    min(greatest(n, 0)) as first_day,
    max(greatest(n, 0)) as last_day
from hourly
group by source, target, service
