-- traffic_totals: traffic between resources over the whole window.
-- grain: one row per (source, target, protocol, port, action)
-- in:  by_day (traffic_days), $looked_from (first day that periodicity looks at; what is older counts in sums alone)
-- out: sums; days (bit n: traffic on day n after $looked_from), first_day, last_day (numbers of such days), hours_of_day (bit n: UTC hour n
--      of some day), span_hours (from the first to the last hour with traffic), strength, weakness
select
    source,
    target,
    protocol,
    port,
    action,
    sum(bytes)::bigint as bytes,
    sum(packets)::bigint as packets,
    sum(flows)::bigint as flows,
    min(first_at) as first_seen,
    max(last_at) as last_seen,
    sum(bit_count(hours))::integer as active_hours,
    count(*)::integer as days_seen,
    bit_or(hours) as hours_of_day,
    max((day - $looked_from) * 24 + floor(log2(hours)))::integer
    - min((day - $looked_from) * 24 + floor(log2(hours & -hours)))::integer + 1 as span_hours,
    bit_or(if(day >= $looked_from, 1::hugeint << greatest(day - $looked_from, 0)::integer, 0::hugeint)) as days,
    min(greatest(day - $looked_from, 0))::integer as first_day,
    max(greatest(day - $looked_from, 0))::integer as last_day,
    min(strength) as strength,
    max(weakness) as weakness
from by_day
group by source, target, protocol, port, action
