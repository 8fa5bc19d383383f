-- conversation_sides: flow log records summed by who sent to whom; a client's own port counts as -1.
-- grain: one row per (day, interface, sender, receiver, both ports, protocol, action)
-- in:  sides (records, see flow_sides.SIDES)
-- out: rule (strength of the strongest evidence for the server's side), hours (bit n: UTC hour n), span_s (longest capture window, seconds),
--      first_s, last_s (seconds since 1970)
-- Sums end at 2^53 - 1: only lies are larger, and they must not end the run.
select
    day,
    interface_id,
    src,
    dst,
    srcport,
    dstport,
    protocol,
    action,
    min(rule) as rule,
    least(sum(bytes), 9007199254740991)::bigint as bytes,
    least(sum(packets), 9007199254740991)::bigint as packets,
    count(*) as flows,
    bit_or(hours) as hours,
    max(span_s) as span_s,
    min(start_s) as first_s,
    max(end_s) as last_s,
    any_value(src_service) as src_service,
    any_value(dst_service) as dst_service,
    any_value(vpc_id) as vpc_id,
    any_value(subnet_id) as subnet_id,
    any_value(hint) as hint
from sides
group by all
