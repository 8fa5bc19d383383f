-- conversations: the two halves of each conversation as one row, from client to server, in the order of its keys.
-- grain: one row per (day, interface, client, server, protocol, port, action)
-- in:  summed, addresses (address_names), interfaces (interface_names), attributes (interface_attributes), rules (strength, direction),
--      $listens (strength of that rule), $dynamic_from (port from which clients take theirs)
-- out: day (since 1970), the columns of the dataset conversations; instead of interface_id, client and server their places in the lists
--      of names, so that no text is sorted or copied here
with servers as (
    select
        dst as address,
        dstport as port,
        protocol
    from summed
    where srcport = -1
    union
    select
        src as address,
        srcport as port,
        protocol
    from summed
    where dstport = -1
),

undecided as (
    select *
    from summed
    where srcport <> -1 and dstport <> -1
),

ends as (
    select
        src as address,
        srcport as port,
        protocol,
        dst as peer,
        dstport as peer_port
    from undecided
    union
    select
        dst as address,
        dstport as port,
        protocol,
        src as peer,
        srcport as peer_port
    from undecided
),

-- A port that talks with many is a server's; one that was seen serving elsewhere more so.
heard as (
    select
        e.address,
        e.port,
        e.protocol,
        count(*) + 1000000000 * count(distinct s.address) as peers
    from ends as e
    left join servers as s on e.address = s.address and e.port = s.port and e.protocol = s.protocol
    group by e.address, e.port, e.protocol
),

weighed as (
    select
        u.*,
        coalesce(t.peers, 0) as target_peers,
        coalesce(o.peers, 0) as source_peers
    from undecided as u
    left join heard as t on u.dst = t.address and u.dstport = t.port and u.protocol = t.protocol
    left join heard as o on u.src = o.address and u.srcport = o.port and u.protocol = o.protocol
),

told as (
    select
        *,
        case
            when target_peers > source_peers and target_peers > 1 then true
            when source_peers > target_peers and source_peers > 1 then false
            when srcport = dstport then src <= dst
            when srcport < $dynamic_from or dstport < $dynamic_from then dstport < srcport
            else src <= dst
        end as to_server,
        target_peers <> source_peers and greatest(target_peers, source_peers) > 1 as listened,
        srcport >= $dynamic_from and dstport >= $dynamic_from as dynamic
    from weighed
),

directed as (
    select
        * exclude (rule),
        rule,
        srcport = -1 as to_server,
        if(srcport = -1, dstport, srcport) as port
    from summed
    where srcport = -1 or dstport = -1
    union all by name
    select
        * exclude (rule, target_peers, source_peers, listened, dynamic),
        if(listened, $listens, rule)::tinyint as rule,
        case
            when dynamic and not listened then 0
            when to_server then dstport
            else srcport
        end as port
    from told
),

halves as (
    select
        *,
        if(to_server, src, dst) as client,
        if(to_server, dst, src) as server,
        if(to_server, dst_service, src_service) as server_service,
        if(to_server, src_service, dst_service) as client_service
    from directed
),

joined as (
    select
        day,
        interface,
        client,
        server,
        protocol,
        port,
        coalesce(action, 'ACCEPT') as action,
        min(rule) as rule,
        coalesce(sum(bytes) filter (where to_server), 0)::bigint as to_server_bytes,
        coalesce(sum(bytes) filter (where not to_server), 0)::bigint as to_client_bytes,
        coalesce(sum(packets) filter (where to_server), 0)::bigint as to_server_packets,
        coalesce(sum(packets) filter (where not to_server), 0)::bigint as to_client_packets,
        sum(flows)::bigint as flows,
        min(first_s) as first_s,
        max(last_s) as last_s,
        bit_or(hours)::integer as hours,
        coalesce(any_value(server_service), any_value(client_service)) as aws_service
    from halves
    group by all
)

select
    j.day,
    i.place as interface_place,
    c.place as client_place,
    s.place as server_place,
    j.protocol,
    j.port,
    j.action,
    r.direction,
    j.to_server_bytes,
    j.to_client_bytes,
    j.to_server_packets,
    j.to_client_packets,
    j.flows,
    to_timestamp(j.first_s) as first_at,
    to_timestamp(j.last_s) as last_at,
    j.hours,
    a.vpc_id,
    j.aws_service
from joined as j
inner join rules as r on j.rule = r.strength
inner join addresses as c on j.client = c.number
inner join addresses as s on j.server = s.number
inner join interfaces as i on j.interface = i.number
left join attributes as a on j.interface = a.interface
order by j.day, interface_place, client_place, server_place, j.protocol, j.port, j.action
