-- conversation_sums: flow log records, summed in pieces by who sent to whom, summed up; a client's own port counts as 0.
-- grain: one row per (interface, pair, facts)
-- in:  partial_sums (see flow_sums.SUMS)
-- out: src, dst (IPv4 addresses as numbers), hours (bit n: UTC hour n; bit 24: a capture window of more than a minute), first_s, last_s
--      (seconds since 1970)
select
    interface,
    pair >> 32 as src,
    pair & 4294967295 as dst,
    facts,
    sum(bytes)::bigint as bytes,
    sum(packets)::bigint as packets,
    sum(flows)::bigint as flows,
    bit_or(hours) as hours,
    min(first_s) as first_s,
    max(last_s) as last_s
from partial_sums
group by interface, pair, facts
