-- dependencies_observed: accepted traffic between what remains when plumbing is folded; a resource's traffic with itself left out.
-- grain: one row per (source, target, protocol, port), numbered from 0
-- in:  traffic, folded (uid, into_uid)
-- out: number, the columns of traffic that dependencies keeps, via (folded ends)
-- Where folding joins several rows of traffic: bytes, packets and flows are summed; confidence is the surest row's, and direction and
-- resolution are that row's; periodicity is that of the most bytes; days are the most of any row. Sums end at 2^53 - 1, as in traffic.
with ends as (
    select
        coalesce(s.into_uid, t.source_uid) as source_uid,
        coalesce(g.into_uid, t.target_uid) as target_uid,
        list_filter([s.uid, g.uid], lambda one: one is not null) as folded_ends,
        t.* exclude (source_uid, target_uid, snapshot)
    from traffic as t
    left join folded as s on t.source_uid = s.uid
    left join folded as g on t.target_uid = g.uid
    where t.action = 'ACCEPT'
)

select
    row_number() over () - 1 as number,
    source_uid,
    target_uid,
    protocol,
    port,
    least(sum(bytes), 9007199254740991)::bigint as bytes,
    least(sum(packets), 9007199254740991)::bigint as packets,
    sum(flows)::bigint as flows,
    min(first_seen) as first_seen,
    max(last_seen) as last_seen,
    max(confidence) as confidence,
    arg_max(direction, (confidence, bytes, direction)) as direction,
    arg_max(resolution, (confidence, bytes, resolution)) as resolution,
    arg_max(periodicity, (bytes, periodicity)) as periodicity,
    max(days_seen)::integer as days_seen,
    max(days_logged)::integer as days_logged,
    list_distinct(flatten(list(folded_ends))) as via
from ends
where source_uid <> target_uid
group by source_uid, target_uid, protocol, port
