-- traffic_located: conversations, each with the VPC of the interface that recorded it, none counted by two flow logs.
-- grain: one row per row of conversations that counts
-- in:  conversations (view), faces (traffic_faces), repeated (traffic_streams)
-- out: the columns of conversations that traffic needs; face, vpc (number of the interface's)
select
    f.face,
    f.vpc,
    c.client,
    c.server,
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
    c.day,
    c.aws_service
from conversations as c
inner join faces as f on c.interface_id = f.interface_id and c.vpc_id is not distinct from f.said_vpc_id
anti join repeated as r
    on c.batch = r.batch and c.interface_id = r.interface_id and c.day = r.day and c.action = r.action
