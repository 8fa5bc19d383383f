-- address_names: the addresses that a batch told as text, each with the number that stands for it there.
-- grain: one row per address
-- in:  texts (conversation_sides)
-- out: number, address
-- An IPv4 address is its own number; any other is numbered from 2^32 on.
with written as (
    select
        address,
        string_split(address, '.') as parts,
        regexp_full_match(address, '((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.|$)){4}') and len(parts) = 4 as is_ipv4
    from (
        select src as address from texts
        union
        select dst as address from texts
    ) as both_ends
)

select
    parts[1]::ubigint * 16777216 + parts[2]::ubigint * 65536 + parts[3]::ubigint * 256 + parts[4]::ubigint as number,
    address
from written
where is_ipv4
union all
select
    (4294967295 + row_number() over (order by address))::ubigint as number,
    address
from written
where not is_ipv4
