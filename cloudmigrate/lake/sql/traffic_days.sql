-- traffic_days: traffic between resources, day by day; what was guessed goes to where evidence tells.
-- grain: one row per (source, target, service, day)
-- in:  summed (traffic_summed), told (traffic_told), $guess (the bit of a guess in `seen`)
-- out: the measures of summed
select
    coalesce(t.source, s.source) as source,
    coalesce(t.target, s.target) as target,
    coalesce(t.service, s.service) as service,
    s.day,
    least(sum(s.bytes), 9007199254740991)::bigint as bytes,
    least(sum(s.packets), 9007199254740991)::bigint as packets,
    sum(s.flows)::bigint as flows,
    bit_or(s.seen) as seen,
    min(s.first_at) as first_at,
    max(s.last_at) as last_at
from summed as s
left join told as t
    on
        -- As a condition of its own, the strength would make DuckDB compare every row with every other.
        t.low = if(s.seen & 255 = $guess, least(s.source, s.target), null)
        and t.high = greatest(s.source, s.target)
        and t.words = s.service & 66846721
group by all
