-- exchanges_of_groups: observed traffic with an end in one of these move groups of the plan.
-- grain: one row per (source, target, protocol, port)
-- in:  $groups (ids), $min_confidence (0..1)
-- out: bytes_per_day as in plan_exchanges
with own as (
    select uid
    from waves
    where list_contains($groups, move_group)
)

select
    d.source_uid,
    d.target_uid,
    d.protocol,
    d.port,
    d.bytes / greatest(coalesce(d.days_logged, 0), coalesce(d.days_seen, 0), 1) as bytes_per_day
from dependencies as d
semi join inventory as s on d.source_uid = s.uid
semi join inventory as t on d.target_uid = t.uid
where
    d.observed
    and d.confidence >= $min_confidence
    and d.source_uid != d.target_uid
    and (d.source_uid in (select uid from own) or d.target_uid in (select uid from own))
order by d.source_uid, d.target_uid, d.protocol, d.port
