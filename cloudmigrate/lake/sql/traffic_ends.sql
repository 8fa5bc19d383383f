-- traffic_ends: every met address with the resource, or the stranger, behind it, from when to when.
-- grain: one row per (VPC of the recording interface, address, day, stretch of time); the stretches make up the day
-- in:  held (traffic_held), gaps (traffic_gaps), strangers (traffic_strangers)
-- out: uid, resolution (resolved, assumed, external, unknown), is_whole (one end holds the address all day)
select
    vpc_id,
    address,
    day,
    from_at,
    until_at,
    uid,
    if(assumed, 'assumed', 'resolved') as resolution,
    until_at - from_at = interval 1 day as is_whole
from held
union all
select
    g.vpc_id,
    g.address,
    g.day,
    g.from_at,
    g.until_at,
    s.uid,
    s.resolution,
    g.until_at - g.from_at = interval 1 day as is_whole
from gaps as g
inner join strangers as s on g.address = s.address
