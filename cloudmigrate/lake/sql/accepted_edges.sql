-- accepted_edges: accepted traffic as rules see it, before anything is folded.
-- grain: one row per (source, target, protocol, port)
-- in:  traffic
-- out: the columns of traffic that an ObservedEdge has
select
    source_uid,
    target_uid,
    protocol,
    port,
    bytes,
    last_seen,
    confidence,
    action,
    direction
from traffic
where action = 'ACCEPT'
order by source_uid, target_uid, protocol, port
