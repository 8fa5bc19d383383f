-- traffic: who talked to whom over the whole window.
-- grain: one row per (source, target, protocol, port, action)
-- in:  periods (traffic_periods), uids (number, uid), logged (traffic_logged), rules (direction, strength, confidence),
--      resolutions (resolution, weakness, confidence)
-- out: the columns of the dataset traffic
select
    s.uid as source_uid,
    t.uid as target_uid,
    p.protocol,
    p.port,
    p.action,
    p.bytes,
    p.packets,
    p.flows,
    p.first_seen,
    p.last_seen,
    p.active_hours,
    p.days_seen,
    p.hours_of_day,
    r.confidence * o.confidence as confidence,
    r.direction,
    o.resolution,
    p.periodicity,
    coalesce(bit_count(ls.days | lt.days), bit_count(ls.days), bit_count(lt.days), 0)::integer as days_logged,
    coalesce(
        (coalesce(ls.skipped_hours, 0) + coalesce(lt.skipped_hours, 0))
        / nullif(coalesce(ls.known_hours, 0) + coalesce(lt.known_hours, 0), 0),
        0
    )::double as skipped_share,
    greatest(ls.aggregation_s, lt.aggregation_s)::integer as aggregation_s
from periods as p
inner join uids as s on p.source = s.number
inner join uids as t on p.target = t.number
inner join rules as r on p.strength = r.strength
inner join resolutions as o on p.weakness = o.weakness
left join logged as ls on s.uid = ls.uid
left join logged as lt on t.uid = lt.uid
