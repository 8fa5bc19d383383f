-- database_lines: one row per (database instance or cluster, what is billed of it): hours, storage, provisioned IOPS, I/O of Aurora.
-- in:  inventory (view), monthly_use (table), $hours (of a month)
-- out: a line (see lake/costs.py); backups within their free allowance (as large as the database) are not told
-- gp3 of RDS includes 3,000 IOPS, and 12,000 from 400 GiB on (Oracle: 200 GiB; SQL Server: never) (Amazon RDS User Guide, "gp3 storage").
with databases as (
    select
        d.uid,
        d.spec ->> '$.Engine' as engine,
        coalesce(d.spec ->> '$.DBInstanceClass', d.spec ->> '$.DBClusterInstanceClass') as size,
        lower(d.state) in ('stopped', 'stopping') as stopped,
        d.type = 'AWS::RDS::DBInstance' and (d.spec ->> '$.Engine') not like 'aurora%' and (d.spec ->> '$.DBClusterIdentifier') is not null as member,
        case
            when d.type = 'AWS::RDS::DBCluster' then 'multi-az-cluster'
            when (d.spec ->> '$.MultiAZ') = 'true' then 'multi-az'
            else 'single-az'
        end as deployment,
        case
            when (d.spec ->> '$.Engine') like 'oracle-ee%' then ':byol'
            when (d.spec ->> '$.LicenseModel') = 'bring-your-own-license' then ':byol'
            else ''
        end as licence,
        case when (d.spec ->> '$.StorageType') = 'aurora-iopt1' then ':io-optimized' else '' end as optimized,
        coalesce(d.spec ->> '$.StorageType', 'gp2') as kind,
        try_cast(d.spec ->> '$.AllocatedStorage' as double) as gib,
        coalesce(try_cast(d.spec ->> '$.Iops' as double), 0) as iops,
        coalesce(try_cast(d.spec ->> '$.StorageThroughput' as double), 0) as mibps
    from inventory as d
    where
        d.type = 'AWS::RDS::DBInstance'
        or (d.type = 'AWS::RDS::DBCluster' and (d.spec ->> '$.Engine') in ('mysql', 'postgres'))
),

included as (
    select
        *,
        case
            when engine like 'sqlserver%' or gib < case when engine like 'oracle%' then 200 else 400 end then 3000 else 12000
        end as free_iops,
        case
            when engine like 'sqlserver%' or gib < case when engine like 'oracle%' then 200 else 400 end then 125 else 500
        end as free_mibps
    from databases
),

clusters as (
    select
        c.uid,
        c.spec ->> '$.Engine' as engine,
        c.spec ->> '$.StorageType' as kind,
        s.mean / 1073741824 as gb,
        r.counted + w.counted as requests,
        r.filled + w.filled as requests_high
    from inventory as c
    left join monthly_use as s on c.uid = s.uid and s.metric = 'VolumeBytesUsed'
    left join monthly_use as r on c.uid = r.uid and r.metric = 'VolumeReadIOPs'
    left join monthly_use as w on c.uid = w.uid and w.metric = 'VolumeWriteIOPs'
    where c.type = 'AWS::RDS::DBCluster'
)

select
    uid,
    'compute' as line,
    'always' as variant,
    size,
    'rds:{size}:' || regexp_replace(engine, '-cdb$', '') || licence || ':'
    || case when engine like 'aurora%' then 'single-az' else deployment end || optimized as key,
    cast(case when stopped or member then 0 else $hours end as decimal(20, 6)) as quantity,
    'configured' as evidence,
    case when member then 'billed with its cluster' when stopped then 'stopped: only its storage costs' end as assumption
from included
union all by name
select
    uid,
    'storage' as line,
    'always' as variant,
    'rds-storage:' || kind || ':' || deployment as key,
    cast(gib as decimal(20, 6)) as quantity,
    'configured' as evidence,
    case when gib is null then 'the API tells no size' end as unknown
from included
where engine not like 'aurora%' and not member
union all by name
select
    uid,
    'iops' as line,
    'always' as variant,
    'rds-iops:' || kind || ':' || deployment as key,
    cast(case kind when 'gp3' then iops - free_iops else iops end as decimal(20, 6)) as quantity,
    'configured' as evidence
from included
where engine not like 'aurora%' and not member and (kind in ('io1', 'io2') or (kind = 'gp3' and iops > free_iops))
union all by name
select
    uid,
    'throughput' as line,
    'always' as variant,
    'rds-throughput:gp3:' || deployment as key,
    cast(mibps - free_mibps as decimal(20, 6)) as quantity,
    'configured' as evidence
from included
where engine not like 'aurora%' and not member and kind = 'gp3' and mibps > free_mibps
union all by name
select
    uid,
    'storage' as line,
    'always' as variant,
    'aurora:' || engine || ':storage' as key,
    cast(gb as decimal(20, 6)) as quantity,
    'measured' as evidence,
    case when gb is null then 'the volume''s size was not measured (VolumeBytesUsed)' end as unknown
from clusters
where engine like 'aurora%'
union all by name
select
    uid,
    'io' as line,
    'always' as variant,
    'aurora:' || engine || ':io' as key,
    cast(requests as decimal(20, 6)) as quantity,
    cast(requests_high as decimal(20, 6)) as high,
    'measured' as evidence,
    case when requests is null then 'I/O was not measured (VolumeReadIOPs, VolumeWriteIOPs)' end as unknown
from clusters
where engine like 'aurora%' and kind is distinct from 'aurora-iopt1'
union all by name
select
    uid,
    'storage' as line,
    'always' as variant,
    'rds-cluster:' || coalesce(engine, '') as key,
    'configured' as evidence,
    'clusters of this engine have no rule yet' as unknown
from clusters
where engine is null or (engine not like 'aurora%' and engine not in ('mysql', 'postgres'))
