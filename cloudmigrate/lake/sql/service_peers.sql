-- service_peers: how many resources each resource serves, or reaches out to, on the ports of a known shared service.
-- grain: one row per (resource, service, direction) with at least $at_least peers
-- in:  dependencies, service_ports (service, direction, protocol, port), $at_least
-- out: uid, service, direction (inbound: it is served on, outbound: it reaches out), peers (distinct resources), ports,
--      all_peers (distinct resources that it talks with on any port), talkers (resources of the estate that talk at all)
-- Ends outside the estate and addresses that nobody is known to hold are no peers.
with edges as (
    select
        source_uid,
        target_uid,
        protocol,
        port
    from dependencies
    where
        observed
        and not starts_with(source_uid, 'external:') and not starts_with(source_uid, 'unknown:')
        and not starts_with(target_uid, 'external:') and not starts_with(target_uid, 'unknown:')
),

ends as (
    select
        target_uid as uid,
        source_uid as peer,
        'inbound' as direction,
        protocol,
        port
    from edges
    union all
    select
        source_uid as uid,
        target_uid as peer,
        'outbound' as direction,
        protocol,
        port
    from edges
),

everyone as (
    select
        uid,
        count(distinct peer) as all_peers
    from ends
    group by uid
)

select
    e.uid,
    s.service,
    s.direction,
    count(distinct e.peer) as peers,
    list_sort(list_distinct(list(e.port))) as ports,
    any_value(a.all_peers) as all_peers,
    (select count(*) from everyone) as talkers
from ends as e
inner join service_ports as s on e.direction = s.direction and e.protocol = s.protocol and e.port = s.port
inner join everyone as a on e.uid = a.uid
group by e.uid, s.service, s.direction
having count(distinct e.peer) >= $at_least
order by e.uid, s.service, s.direction
