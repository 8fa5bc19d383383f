-- traffic: who talked to whom over the whole window.
-- grain: one row per (source, target, protocol, port, action)
-- in:  periods (traffic_periods), logged (traffic_logged), rules (direction, strength, confidence),
--      resolutions (resolution, weakness, confidence)
-- out: the columns of the dataset traffic, with places in the list of uids (from 0) instead of uids: joined here, their texts take most of the time
select
    p.source - 1 as source_uid,
    p.target - 1 as target_uid,
    p.service >> 18 as protocol,
    (p.service >> 1) & 131071 as port,
    if(p.service & 1 = 1, 'REJECT', 'ACCEPT') as action,
    p.bytes,
    p.packets,
    p.flows,
    p.first_seen,
    p.last_seen,
    p.active_hours,
    p.days_seen,
    (p.seen >> 32)::integer as hours_of_day,
    r.confidence * o.confidence as confidence,
    r.direction,
    o.resolution,
    p.periodicity,
    -- Mostly both ends were logged on the same days, or one was not at all: bits are joined only where that is not so.
    coalesce(if(ls.days <> lt.days, bit_count(ls.days | lt.days), coalesce(ls.days_logged, lt.days_logged)), 0)::integer as days_logged,
    coalesce(
        (coalesce(ls.skipped_hours, 0) + coalesce(lt.skipped_hours, 0))
        / nullif(coalesce(ls.known_hours, 0) + coalesce(lt.known_hours, 0), 0),
        0
    )::double as skipped_share,
    greatest(ls.aggregation_s, lt.aggregation_s)::integer as aggregation_s
from periods as p
-- All rows have both; joined as if some had not, because DuckDB takes them for few otherwise and makes tables of the many for the joins below.
left join rules as r on log2(p.seen & -p.seen & 255)::integer = r.strength
left join resolutions as o on floor(log2((p.seen >> 8) & 255))::integer = o.weakness
left join logged as ls on p.source = ls.number
left join logged as lt on p.target = lt.number
