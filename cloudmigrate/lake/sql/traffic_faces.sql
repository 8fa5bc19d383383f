-- traffic_faces: the interfaces that recorded conversations, with the VPC and the resource of each.
-- grain: one row per (interface, VPC as the records say)
-- in:  conversations (view), holders (interface_id, vpc_id, holder_uid)
-- out: face (its number), interface_id, said_vpc_id (null where the records do not say), vpc_id (empty where not known), vpc (its number),
--      holder_uid (null where no snapshot knows the interface)
select
    row_number() over () as face,
    c.interface_id,
    c.vpc_id as said_vpc_id,
    coalesce(h.vpc_id, c.vpc_id, '') as vpc_id,
    (dense_rank() over (order by coalesce(h.vpc_id, c.vpc_id, '')))::integer as vpc,
    h.holder_uid
from (
    select distinct
        interface_id,
        vpc_id
    from conversations
) as c
left join holders as h on c.interface_id = h.interface_id
