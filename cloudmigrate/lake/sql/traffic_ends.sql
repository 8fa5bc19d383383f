-- traffic_ends: every address that took part in a conversation, with the resource behind it at that time.
-- grain: one row per (VPC of the recording interface, address, day)
-- in:  conversations (view), holders (interface_id, vpc_id, holder_uid), intervals (address, vpc_id, holder_uid, valid_from, valid_to,
--      assumed), reach (vpc_id, other_vpc_id), outside (cidr, first, last: bounds of its IPv4 addresses as numbers; length)
-- out: uid, resolution (resolved, assumed, external, unknown)
with met as (
    select
        coalesce(h.vpc_id, c.vpc_id, '') as vpc_id,
        c.client as address,
        c.day,
        min(c.first_at) as first_at,
        max(null) as aws_service
    from conversations as c
    left join holders as h on c.interface_id = h.interface_id
    group by all
    union all
    select
        coalesce(h.vpc_id, c.vpc_id, '') as vpc_id,
        c.server as address,
        c.day,
        min(c.first_at) as first_at,
        max(c.aws_service) as aws_service
    from conversations as c
    left join holders as h on c.interface_id = h.interface_id
    group by all
),

ends as (
    select
        vpc_id,
        address,
        day,
        min(first_at) as first_at,
        max(aws_service) as aws_service
    from met
    group by vpc_id, address, day
),

-- The VPC itself before what it reaches, that before the world.
held as (
    select
        e.vpc_id,
        e.address,
        e.day,
        arg_min(
            i.holder_uid,
            case
                when i.vpc_id = e.vpc_id then '0'
                when i.vpc_id = '' then '2'
                else '1' || i.vpc_id
            end || i.interface_id
        ) as uid,
        arg_min(
            i.assumed,
            case
                when i.vpc_id = e.vpc_id then '0'
                when i.vpc_id = '' then '2'
                else '1' || i.vpc_id
            end || i.interface_id
        ) as assumed
    from ends as e
    inner join intervals as i on e.address = i.address and e.first_at >= i.valid_from and e.first_at < i.valid_to
    left join reach as r on e.vpc_id = r.vpc_id and i.vpc_id = r.other_vpc_id
    where i.vpc_id = e.vpc_id or i.vpc_id = '' or r.vpc_id is not null
    group by e.vpc_id, e.address, e.day
),

strangers as (
    select
        address,
        case
            when regexp_full_match(address, '[0-9]{1,3}(\.[0-9]{1,3}){3}')
                then
                    split_part(address, '.', 1)::bigint * 16777216
                    + split_part(address, '.', 2)::bigint * 65536
                    + split_part(address, '.', 3)::bigint * 256
                    + split_part(address, '.', 4)::bigint
        end as number
    from (
        select distinct e.address
        from ends as e
        anti join held as h on e.vpc_id = h.vpc_id and e.address = h.address and e.day = h.day
    ) as unheld
),

networks as (
    select
        s.address,
        arg_max(o.cidr, o.length) as cidr
    from strangers as s
    inner join outside as o on s.number between o.first and o.last
    group by s.address
),

-- Private, shared (RFC 6598), loopback and link-local addresses are nobody's in the world.
named as (
    select
        s.address,
        n.cidr,
        case
            when s.number is null then not regexp_matches(lower(s.address), '^(f[cd]|fe[89ab]|::1$|::$)')
            else not (
                s.number between 167772160 and 184549375
                or s.number between 2886729728 and 2887778303
                or s.number between 3232235520 and 3232301055
                or s.number between 1681915904 and 1686110207
                or s.number between 2130706432 and 2147483647
                or s.number between 2851995648 and 2852061183
            )
        end as is_public,
        case
            when s.number is not null then regexp_replace(s.address, '\.[0-9]+$', '.0/24')
            else array_to_string(list_slice(string_split(s.address, ':'), 1, 3), ':') || '::/48'
        end as surroundings
    from strangers as s
    left join networks as n on s.address = n.address
)

select
    e.vpc_id,
    e.address,
    e.day,
    case
        when h.uid is not null then h.uid
        when n.cidr is not null then 'external:' || n.cidr
        when n.is_public and e.aws_service is not null then 'external:' || e.aws_service
        when n.is_public then 'external:' || n.surroundings
        else 'unknown:' || e.address
    end as uid,
    case
        when h.uid is not null then if(h.assumed, 'assumed', 'resolved')
        when n.cidr is not null or n.is_public then 'external'
        else 'unknown'
    end as resolution
from ends as e
left join held as h on e.vpc_id = h.vpc_id and e.address = h.address and e.day = h.day
left join named as n on e.address = n.address
