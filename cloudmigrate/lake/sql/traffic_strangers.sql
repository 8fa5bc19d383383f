-- traffic_strangers: what to call an address that nobody of ours holds.
-- grain: one row per address
-- in:  gaps (traffic_gaps), networks (cidr, first_key, last_key, length; cidr is empty for what is nobody's in the world: private, shared,
--      loopback and link-local addresses), macro address_key
-- out: uid (external:CIDR, external:SERVICE, external:/24 or /48 around it, unknown:ADDRESS), resolution (external, unknown)
-- A known network comes first, of several the most specific.
with beginnings as (
    select list(distinct octet) as octets
    from (
        select unnest(range(('0x' || first_key[2:3])::integer, ('0x' || last_key[2:3])::integer + 1)) as octet
        from networks
        where first_key[1] = '4'
    ) as spans
),

-- A key takes long to make, and most addresses begin as no known network does.
keyed as (
    select
        address,
        case
            when
                contains(address, ':')
                or list_contains((select octets from beginnings), try_cast(split_part(address, '.', 1) as integer))
                then address_key(address)
        end as key,
        max(aws_service) as aws_service
    from gaps
    group by address
),

within as (
    select
        k.address,
        arg_max(n.cidr, (n.cidr <> '', n.length)) as cidr
    from keyed as k
    inner join networks as n on k.key between n.first_key and n.last_key
    group by k.address
),

named as (
    select
        k.address,
        case
            when w.cidr <> '' then w.cidr
            when w.cidr = '' then null
            when k.aws_service is not null then k.aws_service
            when k.key[1] = '6'
                then regexp_replace(
                    printf('%x:%x:%x', ('0x' || k.key[2:5])::int, ('0x' || k.key[6:9])::int, ('0x' || k.key[10:13])::int), '(:0)+$', ''
                ) || '::/48'
            else nullif(
                regexp_replace(k.address, '^([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})\.[0-9]{1,3}$', '\1.0/24'), k.address
            )
        end as network
    from keyed as k
    left join within as w on k.address = w.address
)

select
    address,
    if(network is null, 'unknown:' || address, 'external:' || network) as uid,
    if(network is null, 'unknown', 'external') as resolution
from named
