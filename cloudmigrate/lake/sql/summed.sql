-- summed: what was summed as texts, in the columns of what was summed as numbers.
-- grain: one row per row of texts
-- in:  texts (conversation_sides), addresses (address_names), interfaces (interface_names)
-- out: the columns of conversation_sums: where the sender is the server, the two ends are exchanged and all was sent to the client
with numbered as (
    select
        t.* exclude (interface_id, src, dst, vpc_id, subnet_id, hint),
        coalesce(i.number, 0) as interface,
        s.number as sender,
        d.number as receiver,
        t.dstport = -1 as is_answer
    from texts as t
    inner join addresses as s on t.src = s.address
    inner join addresses as d on t.dst = d.address
    left join interfaces as i on t.interface_id = i.interface_id
)

select
    interface,
    if(is_answer, receiver, sender) as src,
    if(is_answer, sender, receiver) as dst,
    (day::bigint << 43) | (coalesce(action = 'REJECT', false)::bigint << 42) | (protocol::bigint << 34)
    | ((if(is_answer, srcport, dstport) + 1)::bigint << 17) | if(is_answer, 0, srcport + 1) as facts,
    rule,
    if(is_answer, 0, bytes) as to_server_bytes,
    if(is_answer, bytes, 0) as to_client_bytes,
    if(is_answer, 0, packets) as to_server_packets,
    if(is_answer, packets, 0) as to_client_packets,
    flows,
    hours,
    span_s,
    first_s,
    last_s,
    if(is_answer, dst_service, src_service) as src_service,
    if(is_answer, src_service, dst_service) as dst_service,
    true as is_text
from numbered
