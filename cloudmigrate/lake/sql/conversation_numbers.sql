-- conversation_numbers: numbered flow log records summed by who sent to whom; a client's own port counts as 0.
-- grain: one row per (interface, sender, receiver, facts)
-- in:  numbered (records, see flow_sides.NUMBERED)
-- out: flows, hours (bit n: UTC hour n; bit 24: a capture window of more than a minute), first_s, last_s (seconds since 1970)
select
    interface,
    src,
    dst,
    facts,
    sum(bytes)::bigint as bytes,
    sum(packets)::bigint as packets,
    count(*) as flows,
    bit_or(hours) as hours,
    min(start_s) as first_s,
    max(end_s) as last_s
from numbered
group by interface, src, dst, facts
