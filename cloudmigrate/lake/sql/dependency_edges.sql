-- dependency_edges: one row per (source, target, protocol, port): source needs target.
-- in:  dependencies (view)
-- out: source_uid, target_uid, kind, protocol (IANA), port, bytes, packets, flows (counts), confidence (0..1), observed, configured,
--      allowed, first_seen, last_seen (UTC), resolution, direction, periodicity, days_seen, days_logged, statements, via (lists)
select
    source_uid,
    target_uid,
    kind,
    protocol,
    port,
    bytes,
    packets,
    flows,
    confidence,
    observed,
    configured,
    allowed,
    first_seen,
    last_seen,
    resolution,
    direction,
    periodicity,
    days_seen,
    days_logged,
    coalesce(statements, []) as statements,
    coalesce(via, []) as via
from dependencies
order by bytes desc, source_uid asc, target_uid asc, protocol asc, port asc
