-- traffic_told: pairs that were only guessed in one batch, and told by evidence in others to talk over one port alone.
-- grain: one row per (pair of resources, protocol, action)
-- in:  summed (traffic_summed), $guess (strength of a guess)
-- out: low, high (the pair's numbers in order), source, target, port (as the evidence says)
with guessed as (
    select distinct
        least(source, target) as low,
        greatest(source, target) as high,
        protocol,
        action
    from summed
    where strength = $guess
)

select
    g.low,
    g.high,
    g.protocol,
    g.action,
    min(s.source) as source,
    min(s.target) as target,
    min(s.port) as port
from summed as s
inner join guessed as g
    on
        g.low = least(s.source, s.target)
        and g.high = greatest(s.source, s.target)
        and s.protocol = g.protocol
        and s.action = g.action
where s.strength < $guess
group by g.low, g.high, g.protocol, g.action
having min(s.source) = max(s.source) and min(s.port) = max(s.port)
