-- item_lines: one row per (key, secret, zone or repository of images, what is billed of it): each costs by its number, and by its use.
-- in:  inventory (view)
-- out: a line (see lake/costs.py); no metric counts the requests to one key, secret or zone
with repositories as (
    select
        uid,
        cast(spec -> '$.imageSizesInBytes' as bigint[]) as sizes
    from inventory
    where type = 'AWS::ECR::Repository'
),

images as (
    select
        uid,
        list_sum(sizes) as bytes,
        list_max(sizes) as largest,
        sizes is not null as known
    from repositories
),

uncounted as (
    select
        uid,
        case type
            when 'AWS::KMS::Key' then 'kms:requests'
            when 'AWS::SecretsManager::Secret' then 'secret:requests'
            else 'route53:queries'
        end as key,
        case type
            when 'AWS::KMS::Key' then 'requests to a key are not measured'
            when 'AWS::SecretsManager::Secret' then 'calls for a secret are not measured'
            else 'queries of a zone are not measured'
        end as unknown
    from inventory
    where type in ('AWS::KMS::Key', 'AWS::SecretsManager::Secret', 'AWS::Route53::HostedZone')
)

select
    uid,
    'key' as line,
    'always' as variant,
    'kms:key' as key,
    cast(1 as decimal(20, 6)) as quantity,
    cast(case when (spec ->> '$.Rotation.KeyRotationEnabled') = 'true' then 3 else 1 end as decimal(20, 6)) as high,
    'configured' as evidence,
    case
        when (spec ->> '$.Rotation.KeyRotationEnabled') = 'true'
            then 'the first two rotations add a key''s price each, and how often it was rotated is not told'
    end as assumption,
    case when (spec ->> '$.KeyManager') is null then 'the key could not be described, so whose it is is not known' end as unknown
from inventory
where type = 'AWS::KMS::Key'
union all by name
select
    uid,
    'secret' as line,
    'always' as variant,
    'secret:month' as key,
    cast(1 as decimal(20, 6)) as quantity,
    'configured' as evidence
from inventory
where type = 'AWS::SecretsManager::Secret'
union all by name
select
    uid,
    'zone' as line,
    'always' as variant,
    'route53:zone' as key,
    cast(1 as decimal(20, 6)) as quantity,
    'configured' as evidence
from inventory
where type = 'AWS::Route53::HostedZone'
union all by name
select
    uid,
    'requests' as line,
    'always' as variant,
    key,
    'measured' as evidence,
    unknown
from uncounted
union all by name
select
    uid,
    'storage' as line,
    'always' as variant,
    'ecr:storage' as key,
    cast(case when known then coalesce(bytes, 0) / 1073741824 end as decimal(20, 6)) as quantity,
    cast(case when known then coalesce(largest, 0) / 1073741824 end as decimal(20, 6)) as low,
    'assumed' as evidence,
    'the sum of its images: layers that they share are stored once, and are not told apart' as assumption,
    case when not known then 'the sizes of its images were not read' end as unknown
from images
