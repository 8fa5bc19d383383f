-- network_lines: one row per (NAT gateway, endpoint, address or gateway attachment, what is billed of it): hours and gigabytes.
-- in:  inventory (view), monthly_use (table), $hours (of a month)
-- out: a line (see lake/costs.py)
with gateways as (
    select
        i.uid,
        (a.counted + b.counted) / 1073741824 as gb,
        (a.filled + b.filled) / 1073741824 as gb_high
    from inventory as i
    left join monthly_use as a on i.uid = a.uid and a.metric = 'BytesOutToDestination'
    left join monthly_use as b on i.uid = b.uid and b.metric = 'BytesInFromDestination'
    where i.type = 'AWS::EC2::NatGateway'
),

fixed as (
    select
        uid,
        'nat:hour' as key,
        1 as count
    from gateways
    union all
    select
        uid,
        'endpoint:hour' as key,
        greatest(coalesce(json_array_length(spec, '$.SubnetIds'), 1), 1) as count
    from inventory
    where type = 'AWS::EC2::VPCEndpoint' and (spec ->> '$.VpcEndpointType') = 'Interface'
    union all
    select
        uid,
        case when (spec ->> '$.AssociationId') is null then 'address-idle:hour' else 'address:hour' end as key,
        1 as count
    from inventory
    where type = 'AWS::EC2::EIP'
    union all
    select
        uid,
        'tgw:hour' as key,
        1 as count
    from inventory
    where type = 'AWS::EC2::TransitGatewayAttachment'
)

select
    uid,
    'hours' as line,
    'always' as variant,
    key,
    cast($hours * count as decimal(20, 6)) as quantity,
    'configured' as evidence
from fixed
union all by name
select
    uid,
    'bytes' as line,
    'always' as variant,
    'nat:gb' as key,
    cast(gb as decimal(20, 6)) as quantity,
    cast(gb_high as decimal(20, 6)) as high,
    'measured' as evidence,
    case when gb is null then 'processed bytes were not measured' end as unknown
from gateways
union all by name
select
    uid,
    'bytes' as line,
    'always' as variant,
    'endpoint:gb' as key,
    'measured' as evidence,
    'processed bytes of endpoints are not measured' as unknown
from inventory
where type = 'AWS::EC2::VPCEndpoint' and (spec ->> '$.VpcEndpointType') = 'Interface'
union all by name
select
    uid,
    'none' as line,
    'always' as variant,
    'endpoint:gateway' as key,
    cast(0 as decimal(20, 6)) as quantity,
    'configured' as evidence,
    'gateway endpoints cost nothing' as assumption
from inventory
where type = 'AWS::EC2::VPCEndpoint' and (spec ->> '$.VpcEndpointType') is distinct from 'Interface'
