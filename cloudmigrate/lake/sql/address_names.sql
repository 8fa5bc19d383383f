-- address_names: the addresses that took part in a batch, each with the number that stands for it there and its place by text.
-- grain: one row per address
-- in:  numbers (conversation_sums), texts (conversation_sides)
-- out: number, address, place (from 0)
-- An IPv4 address is its own number; any other is numbered from 2^32 on.
with written as (
    select
        address,
        string_split(address, '.') as parts
    from (
        select src as address from texts
        union
        select dst as address from texts
    ) as both_ends
),

met as (
    select src as number from numbers
    union
    select dst as number from numbers
    union
    select parts[1]::ubigint * 16777216 + parts[2]::ubigint * 65536 + parts[3]::ubigint * 256 + parts[4]::ubigint as number
    from written
    where regexp_full_match(address, '((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.|$)){4}') and len(parts) = 4
),

named as (
    select
        number,
        concat_ws('.', number >> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255) as address
    from met
),

others as (
    select address from written
    except
    select address from named
)

select
    number,
    address,
    (row_number() over (order by address) - 1)::integer as place
from (
    select
        number::ubigint as number,
        address
    from named
    union all
    select
        (4294967296 + row_number() over (order by address))::ubigint as number,
        address
    from others
) as numbered
