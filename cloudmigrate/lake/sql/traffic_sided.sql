-- traffic_sided: traffic between resources, day by day, apart by which end's interfaces logged it.
-- grain: one row per (source, target, service, day, logged_at)
-- in:  pieces (traffic_pieces), numbered_ends (ends with uids as numbers: vpc_id, address, day, from_at, until_at, number, weakness_bit),
--      faces (traffic_faces), uids (number, uid), rules (direction, strength)
-- out: source, target (numbers of uids); service (protocol: 8 bits, port: 17, rejected: 1, the last the lowest); logged_at (-2: the client,
--      -1: the server, else the number of an interface between them); bytes, packets, answers (packets to the client), flows, seen (bits: UTC
--      hours from 32, weakness of either end from 8, strength of evidence for the direction from 0), first_at, last_at
-- Few keys and sums, all of them integers: here the rows are many.
-- Sums end at 2^53 - 1: only lies are larger, and they must not end the run.
with bearers as (
    select
        f.face,
        u.number
    from faces as f
    left join uids as u on f.holder_uid = u.uid
)

select
    s.number as source,
    t.number as target,
    (c.protocol << 18) | (c.port << 1) | (c.action = 'REJECT')::integer as service,
    c.day,
    case b.number
        when s.number then -2
        when t.number then -1
        else c.face
    end as logged_at,
    least(sum(c.to_server_bytes::hugeint + c.to_client_bytes), 9007199254740991)::bigint as bytes,
    least(sum(c.to_server_packets::hugeint + c.to_client_packets), 9007199254740991)::bigint as packets,
    least(sum(c.to_client_packets), 9007199254740991)::bigint as answers,
    sum(c.flows)::bigint as flows,
    bit_or((c.hours::bigint << 32) | s.weakness_bit | t.weakness_bit | (1 << r.strength)) as seen,
    min(c.first_at) as first_at,
    max(c.last_at) as last_at
from pieces as c
inner join numbered_ends as s
    on c.vpc_id = s.vpc_id and c.client = s.address and c.day = s.day and c.at >= s.from_at and c.at < s.until_at
inner join numbered_ends as t
    on c.vpc_id = t.vpc_id and c.server = t.address and c.day = t.day and c.at >= t.from_at and c.at < t.until_at
inner join rules as r on c.direction = r.direction
inner join bearers as b on c.face = b.face
group by all
