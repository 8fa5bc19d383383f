-- conversations: the two halves of each conversation as one row, from client to server.
-- grain: one row per (day, interface, client, server, protocol, port, action)
-- in:  summed (conversation_sides), rules (strength, direction), $batch_id, $of_account, $of_region, $listens (strength of that rule),
--      $dynamic_from (port from which clients take theirs)
-- out: the columns of the dataset conversations
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
)

select
    $batch_id as batch,
    $of_account as account_id,
    $of_region as region,
    date '1970-01-01' + h.day as day,
    coalesce(h.interface_id, '') as interface_id,
    h.client,
    h.server,
    h.protocol,
    h.port,
    coalesce(h.action, 'ACCEPT') as action,
    any_value(r.direction order by h.rule) as direction,
    coalesce(sum(h.bytes) filter (where h.to_server), 0)::bigint as to_server_bytes,
    coalesce(sum(h.bytes) filter (where not h.to_server), 0)::bigint as to_client_bytes,
    coalesce(sum(h.packets) filter (where h.to_server), 0)::bigint as to_server_packets,
    coalesce(sum(h.packets) filter (where not h.to_server), 0)::bigint as to_client_packets,
    sum(h.flows)::bigint as flows,
    to_timestamp(min(h.first_s)) as first_at,
    to_timestamp(max(h.last_s)) as last_at,
    bit_or(h.hours) as hours,
    any_value(h.vpc_id) as vpc_id,
    coalesce(any_value(h.server_service), any_value(h.client_service)) as aws_service
from halves as h
inner join rules as r on h.rule = r.strength
group by h.day, h.interface_id, h.client, h.server, h.protocol, h.port, h.action
