-- address_names: the addresses that took part in a batch, each with the number that stands for it there.
-- grain: one row per address
-- in:  numbers (conversation_numbers), texts (conversation_sides)
-- out: number, address
-- An IPv4 address is its characters at four bits each (see flow_words.addresses); any other is numbered from 2^61 on, in order of text.
with written as (
    select src as address from texts
    union
    select dst as address from texts
),

met as (
    select src as number from numbers
    union
    select dst as number from numbers
)

select
    if(
        regexp_full_match(address, '[0-9.]{4,15}') and length(replace(address, '.', '')) = length(address) - 3,
        try_cast('0x' || translate(address, '.0123456789', '13456789ABC') as ubigint),
        2305843009213693952 + row_number() over (order by address)
    )::ubigint as number,
    address
from written
union
select
    number,
    translate(hex(number), '13456789ABC', '.0123456789') as address
from met
