-- risk_degrees: how many others need each resource, and how many it needs; each counted once, whatever its ports.
-- grain: one row per (resource, side) with at least one other; an end outside the estate counts as another, and has no row
-- in:  dependencies, inventory (views); rejected traffic and permissions that were never used are in neither
-- out: side (inbound, outbound), others (count), observed (of them, seen in accepted traffic), weight (sum of the highest confidence in
--      each; exact, so that it does not depend on the order of rows)
with ends as (
    select
        target_uid as uid,
        source_uid as other,
        'inbound' as side,
        observed,
        confidence
    from dependencies
    union all
    select
        source_uid as uid,
        target_uid as other,
        'outbound' as side,
        observed,
        confidence
    from dependencies
),

others as (
    select
        uid,
        other,
        side,
        bool_or(observed) as observed,
        max(confidence) as confidence
    from ends
    where uid != other
    group by uid, other, side
)

select
    o.uid,
    o.side,
    count(*) as others,
    count(*) filter (where o.observed) as observed,
    cast(sum(cast(o.confidence as decimal(18, 6))) as double) as weight
from others as o
semi join inventory as i on o.uid = i.uid
group by o.uid, o.side
order by o.uid, o.side
