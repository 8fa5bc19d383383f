-- object_lines: one row per (bucket or file system, what is billed of it): gigabytes by class, requests, throughput.
-- in:  inventory (view), monthly_use (table)
-- out: a line (see lake/costs.py); S3 and EFS count GB as 2^30 bytes
with file_systems as (
    select
        i.uid,
        i.spec,
        coalesce(i.spec ->> '$.AvailabilityZoneName', '') <> '' as one_zone,
        coalesce(i.spec ->> '$.ThroughputMode', 'bursting') as mode
    from inventory as i
    where i.type = 'AWS::EFS::FileSystem'
),

classes as (
    select
        uid,
        'storage' as line,
        case when one_zone then 'efs:onezone' else 'efs:standard' end as key,
        coalesce(spec ->> '$.SizeInBytes.ValueInStandard', spec ->> '$.SizeInBytes.Value') as bytes
    from file_systems
    union all
    select
        uid,
        'storage ia' as line,
        case when one_zone then 'efs:onezone-ia' else 'efs:ia' end as key,
        spec ->> '$.SizeInBytes.ValueInIA' as bytes
    from file_systems
    union all
    select
        uid,
        'storage archive' as line,
        'efs:archive' as key,
        spec ->> '$.SizeInBytes.ValueInArchive' as bytes
    from file_systems
)

select
    b.uid,
    'storage' as line,
    'always' as variant,
    's3:standard:storage' as key,
    cast(u.mean / 1073741824 as decimal(20, 6)) as quantity,
    'measured' as evidence,
    'only what is in the Standard class is measured' as assumption,
    case when u.mean is null then 'the bucket''s size was not measured (BucketSizeBytes)' end as unknown
from inventory as b
left join monthly_use as u on b.uid = u.uid and u.metric = 'BucketSizeBytes'
where b.type = 'AWS::S3::Bucket'
union all by name
select
    b.uid,
    'requests' as line,
    'always' as variant,
    's3:requests:tier1' as key,
    'measured' as evidence,
    'requests are not measured: S3 has metrics of them only where somebody switched them on' as unknown
from inventory as b
where b.type = 'AWS::S3::Bucket'
union all by name
select
    uid,
    line,
    'always' as variant,
    key,
    cast(try_cast(bytes as double) / 1073741824 as decimal(20, 6)) as quantity,
    'configured' as evidence,
    case when bytes is null then 'the API tells no size' end as unknown
from classes
where line = 'storage' or try_cast(bytes as double) > 0
union all by name
select
    f.uid,
    'throughput' as line,
    'always' as variant,
    'efs:throughput' as key,
    cast(f.spec ->> '$.ProvisionedThroughputInMibps' as decimal(20, 6)) as quantity,
    'configured' as evidence
from file_systems as f
where f.mode = 'provisioned'
union all by name
select
    f.uid,
    way.name as line,
    'always' as variant,
    'efs:' || way.name as key,
    cast(u.counted / 1073741824 as decimal(20, 6)) as quantity,
    cast(u.filled / 1073741824 as decimal(20, 6)) as high,
    'measured' as evidence,
    case when u.counted is null then 'elastic throughput is billed by the byte, and ' || way.metric || ' was not measured' end as unknown
from file_systems as f
cross join (values ('read', 'DataReadIOBytes'), ('write', 'DataWriteIOBytes')) as way (name, metric)
left join monthly_use as u on f.uid = u.uid and way.metric = u.metric
where f.mode = 'elastic'
