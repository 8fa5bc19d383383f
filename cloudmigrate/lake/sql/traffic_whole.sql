-- traffic_whole: conversations with whose their addresses were, where no end changed hands within a day.
-- grain: one row per row of located
-- in:  located (traffic_located), ends (traffic_ends), of which there is one for each (VPC, address, day)
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
from located as c
inner join ends as s on c.vpc = s.vpc and c.client = s.address and c.day = s.day
inner join ends as t on c.vpc = t.vpc and c.server = t.address and c.day = t.day
