-- traffic_sided: traffic between resources, day by day, apart by which end's interfaces logged it.
-- grain: one row per (source, target, protocol, port, action, day, logged_at)
-- in:  pieces (traffic_pieces), numbered_ends (ends with uids as numbers: vpc_id, address, day, from_at, until_at, number, weakness),
--      uids (number, uid), rules (direction, strength)
-- out: source, target (numbers of uids); logged_at (client, server, or an interface between them); bytes, packets, flows, strength (of the
--      strongest evidence for the direction), weakness (of the weaker end), first_at, last_at, hours (bit n: UTC hour n)
select
    s.number as source,
    t.number as target,
    c.protocol,
    c.port,
    c.action,
    c.day,
    case h.number
        when s.number then 'client'
        when t.number then 'server'
        else c.interface_id
    end as logged_at,
    sum(c.to_server_bytes + c.to_client_bytes)::bigint as bytes,
    sum(c.to_server_packets + c.to_client_packets)::bigint as packets,
    sum(c.flows)::bigint as flows,
    min(r.strength) as strength,
    max(greatest(s.weakness, t.weakness)) as weakness,
    min(c.first_at) as first_at,
    max(c.last_at) as last_at,
    bit_or(c.hours) as hours
from pieces as c
inner join numbered_ends as s
    on c.vpc_id = s.vpc_id and c.client = s.address and c.day = s.day and c.at >= s.from_at and c.at < s.until_at
inner join numbered_ends as t
    on c.vpc_id = t.vpc_id and c.server = t.address and c.day = t.day and c.at >= t.from_at and c.at < t.until_at
inner join rules as r on c.direction = r.direction
left join uids as h on c.holder_uid = h.uid
group by all
