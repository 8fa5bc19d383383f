-- traffic_days: conversations between resources, day by day, each half counted once.
-- grain: one row per (source, target, protocol, port, action, day)
-- in:  conversations (view), holders (interface_id, vpc_id, holder_uid), ends (traffic_ends), rules (direction, strength, confidence),
--      resolutions (resolution, weakness, confidence)
-- out: bytes, packets, flows (of the end whose interfaces logged more), strength (of the strongest evidence for the direction),
--      weakness (of the weaker end), first_at, last_at, hours (bit n: UTC hour n)
-- Both ends may log the same packets: what the interfaces of one end logged is summed, and the larger of the ends is taken. Interfaces
-- between the ends (NAT, transit gateways) count as an end of their own.
with sided as (
    select
        s.uid as source_uid,
        t.uid as target_uid,
        c.protocol,
        c.port,
        c.action,
        c.day,
        case h.holder_uid
            when s.uid then 'client'
            when t.uid then 'server'
            else coalesce(c.interface_id, '')
        end as logged_at,
        sum(c.to_server_bytes + c.to_client_bytes) as bytes,
        sum(c.to_server_packets + c.to_client_packets) as packets,
        sum(c.flows) as flows,
        min(r.strength) as strength,
        max(greatest(sr.weakness, tr.weakness)) as weakness,
        min(c.first_at) as first_at,
        max(c.last_at) as last_at,
        bit_or(c.hours) as hours
    from conversations as c
    left join holders as h on c.interface_id = h.interface_id
    inner join ends as s on s.vpc_id = coalesce(h.vpc_id, c.vpc_id, '') and c.client = s.address and c.day = s.day
    inner join ends as t on t.vpc_id = coalesce(h.vpc_id, c.vpc_id, '') and c.server = t.address and c.day = t.day
    inner join rules as r on c.direction = r.direction
    inner join resolutions as sr on s.resolution = sr.resolution
    inner join resolutions as tr on t.resolution = tr.resolution
    group by all
),

summed as (
    select
        source_uid,
        target_uid,
        protocol,
        port,
        action,
        day,
        max(bytes)::bigint as bytes,
        max(packets)::bigint as packets,
        max(flows)::bigint as flows,
        min(strength) as strength,
        max(weakness) as weakness,
        min(first_at) as first_at,
        max(last_at) as last_at,
        bit_or(hours) as hours
    from sided
    where source_uid <> target_uid
    group by all
),

-- A pair that was only guessed in one batch and told by evidence in others talks over the one port that was told.
told as (
    select
        least(source_uid, target_uid) as one_uid,
        greatest(source_uid, target_uid) as other_uid,
        protocol,
        action,
        any_value(source_uid) as source_uid,
        any_value(target_uid) as target_uid,
        any_value(port) as port
    from summed
    where strength < $guess
    group by all
    having count(distinct row(source_uid, target_uid, port)) = 1
),

joined as (
    select
        s.* exclude (source_uid, target_uid, port),
        coalesce(t.source_uid, s.source_uid) as source_uid,
        coalesce(t.target_uid, s.target_uid) as target_uid,
        coalesce(t.port, s.port) as port
    from summed as s
    left join told as t
        on
            -- As a condition of its own, the strength would make DuckDB compare every row with every other.
            t.one_uid = if(s.strength = $guess, least(s.source_uid, s.target_uid), null)
            and t.other_uid = greatest(s.source_uid, s.target_uid)
            and s.protocol = t.protocol
            and s.action = t.action
)

select
    source_uid,
    target_uid,
    protocol,
    port,
    action,
    day,
    sum(bytes)::bigint as bytes,
    sum(packets)::bigint as packets,
    sum(flows)::bigint as flows,
    min(strength) as strength,
    max(weakness) as weakness,
    min(first_at) as first_at,
    max(last_at) as last_at,
    bit_or(hours) as hours
from joined
group by source_uid, target_uid, protocol, port, action, day
