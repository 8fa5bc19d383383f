-- traffic_held: who held the met addresses, from when to when within the day.
-- grain: one row per (VPC of the recording interface, address, day, holder's time); times never overlap and may leave gaps
-- in:  met (traffic_met), homes (traffic_homes), claims (traffic_claims),
--      intervals (address, vpc_id, holder_uid, valid_from, valid_to, assumed), macro midnight
-- out: from_at, until_at, uid, assumed
-- What records say of an interface that no snapshot knows comes before what snapshots say of the time between them.
select
    m.vpc,
    m.address,
    m.day,
    greatest(i.valid_from, midnight(m.day)) as from_at,
    least(i.valid_to, midnight(m.day + 1)) as until_at,
    i.holder_uid as uid,
    i.assumed
from met as m
inner join homes as h on m.vpc = h.vpc and m.address = h.address and m.day = h.day
inner join intervals as i
    on
        m.address = i.address
        and h.home = i.vpc_id
        and m.first_at < i.valid_to
        and m.last_at >= i.valid_from
anti join claims as c on m.vpc = c.vpc and m.address = c.address and m.day = c.day
where i.valid_from < midnight(m.day + 1) and i.valid_to > midnight(m.day)
union all
select
    c.vpc,
    c.address,
    c.day,
    midnight(c.day) as from_at,
    midnight(c.day + 1) as until_at,
    c.uid,
    false as assumed
from claims as c
