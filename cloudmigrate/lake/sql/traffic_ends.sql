-- traffic_ends: every met address with the resource, or the stranger, behind it, from when to when.
-- grain: one row per (VPC of the recording interface, address, day, stretch of time); the stretches make up the day
-- in:  held (traffic_held), gaps (traffic_gaps), strangers (traffic_strangers), uids (number, uid), resolutions (resolution, weakness)
-- out: vpc, address, day, from_at, until_at, number (of the uid), weakness_bit (bit 8 and up, by weakness of the resolution), is_whole (one end
--      holds the address all day)
with named as (
    select
        s.address,
        u.number,
        s.resolution
    from strangers as s
    inner join uids as u on s.uid = u.uid
),

told as (
    select
        h.vpc,
        h.address,
        h.day,
        h.from_at,
        h.until_at,
        u.number,
        if(h.assumed, 'assumed', 'resolved') as resolution
    from held as h
    inner join uids as u on h.uid = u.uid
    union all
    select
        g.vpc,
        g.address,
        g.day,
        g.from_at,
        g.until_at,
        n.number,
        n.resolution
    from gaps as g
    inner join named as n on g.address = n.address
)

select
    t.vpc,
    t.address,
    t.day,
    t.from_at,
    t.until_at,
    t.number,
    (1 << (8 + r.weakness))::integer as weakness_bit,
    epoch_us(t.until_at) - epoch_us(t.from_at) = 86_400_000_000 as is_whole
from told as t
inner join resolutions as r on t.resolution = r.resolution
