-- traffic_sided: traffic between resources, day by day, apart by which end's interfaces logged it.
-- grain: one row per (source, target, service, day, logged_at)
-- in:  resolved (traffic_whole or traffic_resolved), faces (traffic_faces), uids (number, uid), rules (direction, strength)
-- out: source, target (numbers of uids); service (protocol: 8 bits, port: 17, rejected: 1, the last the lowest); logged_at (-2: the client,
--      -1: the server, else the number of an interface between them); bytes, packets, answers (packets to the client), flows, seen (bits: UTC
--      hours from 32, weakness of either end from 8, strength of evidence for the direction from 0), first_at, last_at
-- Few keys and sums, all of them integers: here the rows are many.
-- Sums end at 2^53 - 1: only lies are larger, and they must not end the run. Up to there floating point is exact, and quicker than what
-- whole numbers are summed in.
with bearers as (
    select
        f.face,
        u.number
    from faces as f
    left join uids as u on f.holder_uid = u.uid
)

select
    c.source,
    c.target,
    (c.protocol << 18) | (c.port << 1) | (c.action = 'REJECT')::integer as service,
    c.day,
    case b.number
        when c.source then -2
        when c.target then -1
        else c.face
    end as logged_at,
    least(sum(c.to_server_bytes::double + c.to_client_bytes), 9007199254740991)::bigint as bytes,
    least(sum(c.to_server_packets::double + c.to_client_packets), 9007199254740991)::bigint as packets,
    least(sum(c.to_client_packets::double), 9007199254740991)::bigint as answers,
    sum(c.flows::double)::bigint as flows,
    bit_or((c.hours::bigint << 32) | c.weakness_bits | (1 << r.strength)) as seen,
    min(c.first_at) as first_at,
    max(c.last_at) as last_at
from resolved as c
inner join rules as r on c.direction = r.direction
inner join bearers as b on c.face = b.face
group by all
