-- needed_edges: observed dependencies, as the rules that they need follow from them.
-- grain: one row per (source, target, protocol, port); an end may be no resource of the snapshot
select
    source_uid,
    target_uid,
    protocol,
    port,
    bytes,
    last_seen,
    confidence
from dependencies
where observed and protocol is not null and port is not null
order by source_uid, target_uid, protocol, port
