-- traffic_homes: in which VPC the holder of a met address is to be looked up, where it is anywhere.
-- grain: one row per (VPC of the recording interface, address, day)
-- in:  met (traffic_met), faces (traffic_faces), intervals (address, vpc_id, valid_from, valid_to), members (gateway_id, vpc_id: behind which
--      gateway a VPC lies), routes (vpc_id, gateway_id, first_key, last_key, length: where a VPC's routes lead), macro address_key
-- out: home (a VPC; empty for public addresses, which are the same from everywhere)
-- The VPC itself comes before what its most specific route leads to, that before public addresses.
with vpcs as (
    select distinct
        vpc,
        vpc_id
    from faces
),

own as (
    select
        m.*,
        v.vpc_id
    from met as m
    inner join vpcs as v on m.vpc = v.vpc
    semi join intervals as i
        on v.vpc_id = i.vpc_id and m.address = i.address and m.first_at < i.valid_to and m.last_at >= i.valid_from
),

away as (
    select
        m.vpc,
        m.address,
        m.day,
        i.vpc_id as home
    from met as m
    anti join own as o on m.vpc = o.vpc and m.address = o.address and m.day = o.day
    inner join intervals as i on m.address = i.address and m.first_at < i.valid_to and m.last_at >= i.valid_from
),

reached as (
    select
        a.vpc,
        a.address,
        a.day,
        arg_max(a.home, (r.length, a.home)) as home
    from away as a
    inner join vpcs as v on a.vpc = v.vpc
    inner join members as g on a.home = g.vpc_id
    inner join routes as r on v.vpc_id = r.vpc_id and g.gateway_id = r.gateway_id
    where address_key(a.address) between r.first_key and r.last_key
    group by a.vpc, a.address, a.day
)

select
    vpc,
    address,
    day,
    vpc_id as home
from own
union all
select
    a.vpc,
    a.address,
    a.day,
    coalesce(max(r.home), '') as home
from away as a
left join reached as r on a.vpc = r.vpc and a.address = r.address and a.day = r.day
where a.home = '' or a.home = r.home
group by a.vpc, a.address, a.day
