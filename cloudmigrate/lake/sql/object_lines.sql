-- object_lines: one row per (file system, what is billed of it): gigabytes by class, throughput.
-- in:  inventory (view), monthly_use (table)
-- out: a line (see lake/costs.py); EFS counts GB as 2^30 bytes
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
