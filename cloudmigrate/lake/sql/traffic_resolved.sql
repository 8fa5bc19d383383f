-- traffic_resolved: conversations with whose their addresses were at the time.
-- grain: one row per row of pieces
-- in:  pieces (traffic_pieces), ends (traffic_ends)
-- out: the columns of located but addresses and vpc; source, target (numbers of uids), weakness_bits (of both ends)
select
    c.face,
    s.number as source,
    t.number as target,
    s.weakness_bit | t.weakness_bit as weakness_bits,
    c.protocol,
    c.port,
    c.action,
    c.direction,
    c.to_server_bytes,
    c.to_client_bytes,
    c.to_server_packets,
    c.to_client_packets,
    c.flows,
    c.first_at,
    c.last_at,
    c.hours,
    c.day
from pieces as c
inner join ends as s on c.vpc = s.vpc and c.client = s.address and c.day = s.day and c.at >= s.from_at and c.at < s.until_at
inner join ends as t on c.vpc = t.vpc and c.server = t.address and c.day = t.day and c.at >= t.from_at and c.at < t.until_at
