-- interface_names: the interfaces that a batch told as text, each with the number that stands for it there.
-- grain: one row per interface; 0 stands for none, whose id is empty
-- in:  texts (conversation_sides), idle (records without traffic)
-- out: number, interface_id
-- eni-0 with sixteen hexadecimal digits is the number that those are, from 2^32 on; any other is numbered from 1.
select
    if(
        regexp_full_match(interface_id, 'eni-0[0-9a-f]{16}') and interface_id >= 'eni-00000000100000000',
        try_cast('0x' || substr(interface_id, 6) as ubigint),
        row_number() over (order by interface_id)
    )::ubigint as number,
    interface_id
from (
    select interface_id from texts
    union
    select interface_id from idle
) as written
where interface_id <> ''
union all
select
    0::ubigint as number,
    '' as interface_id
