-- traffic_summed: traffic between resources, day by day, each packet counted once.
-- grain: one row per (source, target, service, day)
-- in:  sided (traffic_sided)
-- out: bytes, packets, flows, seen, first_at, last_at as in sided
-- Both ends may log the same packets: what the interfaces of one end logged is summed, and the larger of the ends is taken. Interfaces
-- between the ends (NAT, transit gateways) count as an end of their own.
-- What the client was let send and the server's side refused never arrived: where on a day the server's interfaces logged nothing but
-- refusals and the client got no packet back, all of it counts as rejected.
with refused as (
    select
        r.source,
        r.target,
        r.service - 1 as service,
        r.day
    from sided as r
    anti join sided as a
        on
            r.source = a.source
            and r.target = a.target
            and r.service = if(a.logged_at = -1, a.service + 1, null)
            and r.day = a.day
    where r.logged_at = -1 and r.service & 1 = 1
)

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
        and if(s.logged_at = -2 and s.answers = 0, s.service, null) = r.service
        and s.day = r.day
-- Here, not where the ends are joined: a condition between them would cost that join its speed.
where s.source <> s.target
group by all
