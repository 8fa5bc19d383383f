-- conversation_sums: flow log records, summed in pieces by who sent to whom; several pieces may be of the same conversation.
-- grain: one row per piece
-- in:  partial_sums (see flow_sums.SUMS)
-- out: src, dst (IPv4 addresses as numbers): client and server, or who sent and who received where that is not told yet, of whom all counts
--      as sent to the server; facts (see flow_sums.SUMS); rule (strength of the strongest evidence for the server's side); hours (bit n: UTC
--      hour n); span_s (60, or 600 where a capture window was longer); first_s, last_s (seconds since 1970)
select
    interface,
    pair >> 32 as src,
    pair & 4294967295 as dst,
    facts,
    log2((seen >> 25) & -(seen >> 25))::tinyint as rule,
    to_server_bytes,
    to_client_bytes,
    to_server_packets,
    to_client_packets,
    flows,
    (seen & 16777215)::integer as hours,
    if(seen & 16777216 = 0, 60, 600)::smallint as span_s,
    first_s,
    last_s,
    null::varchar as src_service,
    null::varchar as dst_service,
    false as is_text
from partial_sums
