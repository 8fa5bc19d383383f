-- text_keys: the keys of what was summed as texts, as the compiled code has them.
-- grain: one row per row of texts
-- in:  summed (summed)
-- out: interface, pair (client in the upper 32 bits, server), facts: the key of flow_sums.SUMS
-- Of an address that is not IPv4 the lowest bits alone remain: it may be taken for another's.
select
    interface::ubigint as interface,
    ((src & 4294967295)::ubigint << 32) | (dst & 4294967295)::ubigint as pair,
    facts::ubigint as facts
from summed
where is_text
