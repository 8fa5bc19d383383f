-- plan_exchanges: observed traffic between resources of the snapshot, as planning weighs it.
-- grain: one row per (source, target, protocol, port)
-- in:  $min_confidence (0..1)
-- out: bytes_per_day over the days that were logged in full or on which it was seen, whichever are more: no less than the truth
select
    d.source_uid,
    d.target_uid,
    d.protocol,
    d.port,
    d.bytes / greatest(coalesce(d.days_logged, 0), coalesce(d.days_seen, 0), 1) as bytes_per_day
from dependencies as d
semi join inventory as s on d.source_uid = s.uid
semi join inventory as t on d.target_uid = t.uid
where d.observed and d.confidence >= $min_confidence and d.source_uid != d.target_uid
order by d.source_uid, d.target_uid, d.protocol, d.port
