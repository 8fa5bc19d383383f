-- traffic_claims: addresses of interfaces that lived between two snapshots, by what the records themselves say of their owners.
-- grain: one row per (VPC, address, day)
-- in:  located (traffic_located), faces (traffic_faces), owners (interface_id, uid)
-- An interface's own address is the one that is in all of its conversations of a day; with a single peer that cannot be told.
with said as (
    select
        l.vpc,
        f.interface_id,
        l.day,
        o.uid,
        unnest([l.client, l.server]) as address
    from faces as f
    inner join owners as o on f.interface_id = o.interface_id
    inner join located as l on f.face = l.face
    where f.holder_uid is null and l.client <> l.server
),

counted as (
    select
        vpc,
        interface_id,
        day,
        uid,
        address,
        2 * count(*) = sum(count(*)) over (partition by vpc, interface_id, day) as is_in_all
    from said
    group by vpc, interface_id, day, uid, address
),

alone as (
    select
        *,
        count(*) over (partition by vpc, interface_id, day) as candidates
    from counted
    where is_in_all
)

select
    vpc,
    address,
    day,
    min(uid) as uid
from alone
where candidates = 1
group by vpc, address, day
