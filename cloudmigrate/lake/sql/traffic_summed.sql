-- traffic_summed: traffic between resources, day by day, each packet counted once.
-- grain: one row per (source, target, service, day)
-- in:  sided (traffic_sided), refused (traffic_refused)
-- out: bytes, packets, flows, seen, first_at, last_at as in sided
-- Interfaces between the ends count as an end of their own: the largest is taken. What was refused counts as rejected.
select
    s.source,
    s.target,
    s.service + if(r.service is null, 0, 1) as service,
    s.day,
    max(s.bytes) as bytes,
    max(s.packets) as packets,
    max(s.flows) as flows,
    bit_or(s.seen) as seen,
    min(s.first_at) as first_at,
    max(s.last_at) as last_at
from sided as s
left join refused as r
    on
        s.source = r.source
        and s.target = r.target
        and if(s.amid = 0, s.service, null) = r.service
        and s.day = r.day
group by all
