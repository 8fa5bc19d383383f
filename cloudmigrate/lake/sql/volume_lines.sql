-- volume_lines: one row per (volume, what is billed of it, variant): gigabytes, IOPS, throughput; gp2 also as gp3 of the same speed.
-- in:  inventory (view), monthly_use (table)
-- out: a line (see lake/costs.py); quantities are GB, provisioned IOPS and MiB/s, and requests a month
-- gp2 gives 3 IOPS a GiB (100 to 16,000), and 128 MiB/s up to 170 GiB, 250 MiB/s above; gp3 includes 3,000 IOPS and 125 MiB/s; io2 is billed
-- in tiers of a volume: up to 32,000, up to 64,000, above (Amazon EBS User Guide, "General Purpose SSD"; EBS pricing page).
with volumes as (
    select
        uid,
        spec ->> '$.VolumeType' as kind,
        try_cast(spec ->> '$.Size' as bigint) as gib,
        coalesce(try_cast(spec ->> '$.Iops' as bigint), 0) as iops,
        coalesce(try_cast(spec ->> '$.Throughput' as bigint), 125) as mibps
    from inventory
    where type = 'AWS::EC2::Volume'
),

shapes as (
    select
        uid,
        kind,
        gib,
        iops,
        mibps,
        case when kind = 'gp2' then 'now' else 'always' end as variant,
        cast(null as varchar) as assumption
    from volumes
    union all
    select
        uid,
        'gp3' as kind,
        gib,
        least(16000, greatest(100, 3 * gib)) as iops,
        case when gib > 170 then 250 else 125 end as mibps,
        'replatform' as variant,
        'gp3 with the IOPS and throughput that gp2 gives at this size' as assumption
    from volumes
    where kind = 'gp2'
),

tiers as (
    select
        listed.tier,
        listed.above
    from (values ('tier2', 32000), ('tier3', 64000)) as listed (tier, above)
),

lines as (
    select
        *,
        'storage' as line,
        'ebs:' || kind || ':storage' as key,
        cast(gib as double) as amount
    from shapes
    union all
    select
        *,
        'iops' as line,
        'ebs:' || kind || ':iops' as key,
        case kind when 'gp3' then iops - 3000 when 'io2' then least(iops, 32000) else iops end as amount
    from shapes
    where kind in ('io1', 'io2') or (kind = 'gp3' and iops > 3000)
    union all
    select
        shapes.*,
        'iops ' || tier as line,
        'ebs:io2:iops:' || tier as key,
        case tier when 'tier2' then least(iops, 64000) - 32000 else iops - 64000 end as amount
    from shapes
    cross join tiers
    where kind = 'io2' and iops > above
    union all
    select
        *,
        'throughput' as line,
        'ebs:gp3:throughput' as key,
        mibps - 125 as amount
    from shapes
    where kind = 'gp3' and mibps > 125
)

select
    uid,
    line,
    variant,
    key,
    cast(amount as decimal(20, 6)) as quantity,
    case when assumption is null then 'configured' else 'assumed' end as evidence,
    assumption,
    case when amount is null then 'the API tells no size' end as unknown
from lines
union all by name
select
    v.uid,
    'requests' as line,
    'always' as variant,
    'ebs:standard:io' as key,
    cast(r.counted + w.counted as decimal(20, 6)) as quantity,
    cast(r.filled + w.filled as decimal(20, 6)) as high,
    'measured' as evidence,
    case when r.counted + w.counted is null then 'requests of a magnetic volume were not measured' end as unknown
from volumes as v
left join monthly_use as r on v.uid = r.uid and r.metric = 'VolumeReadOps'
left join monthly_use as w on v.uid = w.uid and w.metric = 'VolumeWriteOps'
where v.kind = 'standard'
