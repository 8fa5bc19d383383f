-- traffic_summed: traffic between resources, day by day, each packet counted once.
-- grain: one row per (source, target, protocol, port, action, day)
-- in:  sided (traffic_sided)
-- out: the measures of sided
-- Both ends may log the same packets: what the interfaces of one end logged is summed, and the larger of the ends is taken. Interfaces
-- between the ends (NAT, transit gateways) count as an end of their own.
select
    source,
    target,
    protocol,
    port,
    action,
    day,
    max(bytes) as bytes,
    max(packets) as packets,
    max(flows) as flows,
    min(strength) as strength,
    max(weakness) as weakness,
    min(first_at) as first_at,
    max(last_at) as last_at,
    bit_or(hours) as hours
from sided
-- Here, not where the ends are joined: a condition between them would cost that join its speed.
where source <> target
group by all
