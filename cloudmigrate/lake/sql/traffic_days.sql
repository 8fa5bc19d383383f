-- traffic_days: traffic between resources, day by day; what was guessed goes to where evidence tells.
-- grain: one row per (source, target, protocol, port, action, day)
-- in:  summed (traffic_summed), told (traffic_told), $guess (strength of a guess)
-- out: the measures of summed
select
    coalesce(t.source, s.source) as source,
    coalesce(t.target, s.target) as target,
    s.protocol,
    coalesce(t.port, s.port) as port,
    s.action,
    s.day,
    sum(s.bytes)::bigint as bytes,
    sum(s.packets)::bigint as packets,
    sum(s.flows)::bigint as flows,
    min(s.strength) as strength,
    max(s.weakness) as weakness,
    min(s.first_at) as first_at,
    max(s.last_at) as last_at,
    bit_or(s.hours) as hours
from summed as s
left join told as t
    on
        -- As a condition of its own, the strength would make DuckDB compare every row with every other.
        t.low = if(s.strength = $guess, least(s.source, s.target), null)
        and t.high = greatest(s.source, s.target)
        and s.protocol = t.protocol
        and s.action = t.action
group by all
