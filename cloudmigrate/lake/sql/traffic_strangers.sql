-- traffic_strangers: what to call an address that nobody of ours holds.
-- grain: one row per address
-- in:  gaps (traffic_gaps), networks (cidr, first_key, last_key, length; cidr is empty for what is nobody's in the world: private, shared,
--      loopback and link-local addresses), macro address_key
-- out: uid (external:CIDR, external:SERVICE, external:/24 or /48 around it, unknown:ADDRESS), resolution (external, unknown)
-- A known network comes first, of several the most specific.
with keyed as (
    select
        address,
        address_key(address) as key,
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
            when k.key[1] = '4' then regexp_replace(k.address, '\.[0-9]+$', '.0/24')
            when k.key[1] = '6'
                then regexp_replace(
                    printf('%x:%x:%x', ('0x' || k.key[2:5])::int, ('0x' || k.key[6:9])::int, ('0x' || k.key[10:13])::int), '(:0)+$', ''
                ) || '::/48'
        end as network
    from keyed as k
    left join within as w on k.address = w.address
)

select
    address,
    if(network is null, 'unknown:' || address, 'external:' || network) as uid,
    if(network is null, 'unknown', 'external') as resolution
from named
