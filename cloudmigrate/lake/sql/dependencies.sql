-- dependencies: what needs what, with the evidence: seen in traffic, stated by configuration, or both.
-- grain: one row per (source, target, protocol, port); a statement of configuration counts for every port seen between its two ends, and
--        has a row of its own, without protocol and port, where nothing was seen between them
-- in:  observed (dependencies_observed), configured (source_uid, target_uid, statements, via), verdicts (number, allowed)
-- out: the columns of the dataset dependencies; confidence is 1 where configuration states the need
select
    o.source_uid,
    o.target_uid,
    if(c.source_uid is null, 'traffic', 'both') as kind,
    o.protocol,
    o.port,
    o.bytes,
    o.packets,
    o.flows,
    o.first_seen,
    o.last_seen,
    if(c.source_uid is null, o.confidence, 1) as confidence,
    v.allowed,
    true as observed,
    c.source_uid is not null as configured,
    o.resolution,
    o.direction,
    o.periodicity,
    o.days_seen,
    o.days_logged,
    coalesce(c.statements, []) as statements,
    list_sort(list_distinct(list_concat(o.via, coalesce(c.via, [])))) as via
from observed as o
left join configured as c on o.source_uid = c.source_uid and o.target_uid = c.target_uid
left join verdicts as v on o.number = v.number
union all
select
    c.source_uid,
    c.target_uid,
    'config' as kind,
    null as protocol,
    null as port,
    0 as bytes,
    0 as packets,
    0 as flows,
    null as first_seen,
    null as last_seen,
    1 as confidence,
    null as allowed,
    false as observed,
    true as configured,
    null as resolution,
    null as direction,
    null as periodicity,
    null as days_seen,
    null as days_logged,
    c.statements,
    c.via
from configured as c
anti join observed as o on c.source_uid = o.source_uid and c.target_uid = o.target_uid
order by all
