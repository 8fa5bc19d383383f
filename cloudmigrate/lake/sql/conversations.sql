-- conversations: conversations with their client and server told, in the order of day, interface, client and server.
-- grain: one row per (day, interface, client, server, protocol, port, action)
-- in:  summed (conversation_sums), attributes (interface_attributes), rules (strength, direction), $listens (strength of that rule),
--      $dynamic_from (port from which clients take theirs), $is_whole (whether no two rows that were read as numbers are of the same key)
-- out: day (since 1970), the columns of the dataset conversations, but interface, client and server as numbers, so that no text is sorted
--      or copied here
-- facts: source port + 1 where the server is not told, else 0 (17 bits), server's or target port + 1 (17), protocol (8), rejected (1), day.
with undecided as (
    select
        *,
        (facts & 131071)::integer - 1 as srcport,
        ((facts >> 17) & 131071)::integer - 1 as dstport,
        ((facts >> 34) & 255)::integer as protocol
    from summed
    where facts & 131071 <> 0
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
talking as (
    select
        address,
        port,
        protocol,
        count(*) as peers
    from ends
    group by address, port, protocol
),

serving as (
    select t.*
    from talking as t
    semi join summed as s
        on t.address = s.dst and ((t.protocol::bigint << 34) | ((t.port + 1)::bigint << 17)) = if(s.facts & 131071 = 0, s.facts & 4398046380032, null)
),

heard as (
    select
        t.address,
        t.port,
        t.protocol,
        t.peers + if(s.address is null, 0, 1000000000) as peers
    from talking as t
    left join serving as s on t.address = s.address and t.port = s.port and t.protocol = s.protocol
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

decided as (
    select
        interface,
        src as client,
        dst as server,
        facts,
        rule,
        to_server_bytes,
        to_client_bytes,
        to_server_packets,
        to_client_packets,
        flows,
        hours,
        first_s,
        last_s,
        coalesce(dst_service, src_service) as aws_service,
        is_text or not $is_whole as is_loose
    from summed
    where facts & 131071 = 0
),

-- What may be of the same conversation as something else. The rest, which is nearly all, needs no grouping.
loose as (
    select * exclude (is_loose)
    from decided
    where is_loose
    union all
    select
        interface,
        if(to_server, src, dst) as client,
        if(to_server, dst, src) as server,
        ((facts >> 34) << 34) | ((case
            when dynamic and not listened then 0
            when to_server then dstport
            else srcport
        end + 1)::bigint << 17) as facts,
        if(listened, $listens, rule)::tinyint as rule,
        if(to_server, to_server_bytes, 0) as to_server_bytes,
        if(to_server, 0, to_server_bytes) as to_client_bytes,
        if(to_server, to_server_packets, 0) as to_server_packets,
        if(to_server, 0, to_server_packets) as to_client_packets,
        flows,
        hours,
        first_s,
        last_s,
        if(to_server, coalesce(dst_service, src_service), coalesce(src_service, dst_service)) as aws_service
    from told
),

gathered as (
    select *
    from loose
    union all
    select d.* exclude (is_loose)
    from decided as d
    semi join loose as l on d.interface = l.interface and d.client = l.client and d.server = l.server and d.facts = l.facts
    where not d.is_loose
),

-- Sums end at 2^53 - 1: only lies are larger, and they must not end the run.
joined as (
    select
        interface,
        client,
        server,
        facts,
        min(rule) as rule,
        least(sum(to_server_bytes), 9007199254740991)::bigint as to_server_bytes,
        least(sum(to_client_bytes), 9007199254740991)::bigint as to_client_bytes,
        least(sum(to_server_packets), 9007199254740991)::bigint as to_server_packets,
        least(sum(to_client_packets), 9007199254740991)::bigint as to_client_packets,
        sum(flows)::bigint as flows,
        min(first_s) as first_s,
        max(last_s) as last_s,
        bit_or(hours) as hours,
        any_value(aws_service) as aws_service
    from gathered
    group by interface, client, server, facts
    union all by name
    select d.* exclude (is_loose)
    from decided as d
    anti join loose as l on d.interface = l.interface and d.client = l.client and d.server = l.server and d.facts = l.facts
    where not d.is_loose
)

select
    (j.facts >> 43)::integer as day,
    j.interface,
    j.client,
    j.server,
    ((j.facts >> 34) & 255)::integer as protocol,
    ((j.facts >> 17) & 131071)::integer - 1 as port,
    if((j.facts >> 42) & 1 = 1, 'REJECT', 'ACCEPT') as action,
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
left join attributes as a on j.interface = a.interface
order by day, j.interface, j.client, j.server, j.facts
