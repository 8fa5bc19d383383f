-- interface_names: the interfaces that logged in a batch, each with the number that stands for it there and its place by text.
-- grain: one row per interface; 0 stands for none, whose id is empty
-- in:  numbers (conversation_sums), texts (conversation_sides)
-- out: number, interface_id, place (from 0)
-- eni-0 with sixteen hexadecimal digits is the number that those are, from 2^32 on; any other is numbered from 1.
with written as (
    select distinct interface_id
    from texts
    where interface_id is not null
),

numbered as (
    select
        if(
            regexp_full_match(interface_id, 'eni-0[0-9a-f]{16}') and interface_id >= 'eni-00000000100000000',
            try_cast('0x' || substr(interface_id, 6) as ubigint),
            row_number() over (order by interface_id)
        )::ubigint as number,
        interface_id
    from written
    union
    select distinct
        interface as number,
        printf('eni-0%016x', interface) as interface_id
    from numbers
    union
    select
        0::ubigint as number,
        '' as interface_id
)

select
    number,
    interface_id,
    (row_number() over (order by interface_id) - 1)::integer as place
from numbered
