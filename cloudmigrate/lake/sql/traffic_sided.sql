-- traffic_sided: traffic between resources, day by day, what the ends' interfaces logged apart from what interfaces between them did.
-- grain: one row per (source, target, service, day, amid)
-- in:  resolved (traffic_whole or traffic_resolved), faces (traffic_faces), uids (number, uid), rules (direction, strength)
-- out: source, target (numbers of uids); service (protocol: 8 bits, port: 17, rejected: 1, the last the lowest); amid (0: the ends, else the
--      number of an interface between them: NAT, transit gateways); bytes, packets, flows (the larger of what either end logged); seen (bits:
--      UTC hours from 32; 18: the client's interfaces logged an answer, 17: the server's logged anything, 16: the client's did; weakness of
--      either end from 8, strength of evidence for the direction from 0), first_at, last_at
-- Both ends may log the same packets: what the interfaces of one end logged is summed, and the larger of the ends is taken.
-- Few keys and sums, all of them integers: here the rows are many.
-- Sums end at 2^53 - 1: only lies are larger, and they must not end the run. Up to there floating point is exact, and quicker than what
-- whole numbers are summed in.
with bearers as (
    select
        f.face,
        u.number
    from faces as f
    left join uids as u on f.holder_uid = u.uid
),

logged as (
    select
        c.source,
        c.target,
        (c.protocol << 18) | (c.port << 1) | (c.action = 'REJECT')::integer as service,
        c.day,
        if(b.number in (c.source, c.target), 0, c.face)::integer as amid,
        b.number = c.source as at_client,
        c.to_server_bytes::double + c.to_client_bytes as bytes,
        c.to_server_packets::double + c.to_client_packets as packets,
        c.flows::double as flows,
        (c.hours::bigint << 32) | c.weakness_bits | (1 << r.strength)
        | case b.number
            when c.source then if(c.to_client_packets > 0, 327680, 65536)
            when c.target then 131072
            else 0
        end as seen,
        c.first_at,
        c.last_at
    from resolved as c
    inner join rules as r on c.direction = r.direction
    inner join bearers as b on c.face = b.face
)

select
    source,
    target,
    service,
    day,
    amid,
    least(greatest(sum(if(at_client, bytes, 0)), sum(if(at_client, 0, bytes))), 9007199254740991)::bigint as bytes,
    least(greatest(sum(if(at_client, packets, 0)), sum(if(at_client, 0, packets))), 9007199254740991)::bigint as packets,
    greatest(sum(if(at_client, flows, 0)), sum(if(at_client, 0, flows)))::bigint as flows,
    bit_or(seen) as seen,
    min(first_at) as first_at,
    max(last_at) as last_at
from logged
group by all
