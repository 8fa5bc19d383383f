-- traffic_located: conversations, each with the VPC and the resource of the interface that recorded it, none counted by two flow logs.
-- grain: one row per row of conversations that counts
-- in:  conversations (view), holders (interface_id, vpc_id, holder_uid), streams (batch, stream), repeated (traffic_streams)
-- out: the columns of conversations; vpc_id (empty where not known), holder_uid (null where no snapshot knows the interface)
select
    c.* exclude (vpc_id),
    coalesce(h.vpc_id, c.vpc_id, '') as vpc_id,
    h.holder_uid
from conversations as c
left join holders as h on c.interface_id = h.interface_id
left join streams as s on c.batch = s.batch
left join repeated as r
    on s.stream = r.stream and c.interface_id = r.interface_id and c.day = r.day and c.action = r.action
where r.stream is null
