-- summed: what was summed as numbers and what was summed as texts, alike.
-- grain: one row per (day, interface, sender, receiver, both ports, protocol, action, rule) and way in which it was read
-- in:  numbers (conversation_numbers), texts (conversation_sides), addresses (address_names), interfaces (interface_names)
-- out: the columns of conversation_sides, with the numbers of interface, src and dst
-- facts: source port + 1 (17 bits), target port + 1 (17), protocol (8), rule (3), rejected (1), day (17); see flow_sides.NUMBERED.
select
    (facts >> 46)::integer as day,
    interface,
    src,
    dst,
    (facts & 131071)::integer - 1 as srcport,
    ((facts >> 17) & 131071)::integer - 1 as dstport,
    ((facts >> 34) & 255)::integer as protocol,
    if((facts >> 45) & 1 = 1, 'REJECT', 'ACCEPT') as action,
    ((facts >> 42) & 7)::tinyint as rule,
    bytes,
    packets,
    flows,
    hours & 16777215 as hours,
    if(hours & 16777216 = 0, 60, 600) as span_s,
    first_s,
    last_s,
    null::varchar as src_service,
    null::varchar as dst_service,
    null::varchar as vpc_id,
    null::varchar as subnet_id,
    null::varchar as hint
from numbers
union all by name
select
    t.* exclude (interface_id, src, dst),
    coalesce(i.number, 0) as interface,
    s.number as src,
    d.number as dst
from texts as t
inner join addresses as s on t.src = s.address
inner join addresses as d on t.dst = d.address
left join interfaces as i on t.interface_id = i.interface_id
