-- snapshot_lines: one row per snapshot: the gigabytes (2^30 bytes) that it holds.
-- in:  inventory (view)
-- out: a line (see lake/costs.py); a volume's oldest snapshot holds all of its used blocks, later ones what changed, which no listing tells
with snapshots as (
    select
        uid,
        spec ->> '$.StorageTier' as tier,
        try_cast(spec ->> '$.FullSnapshotSizeInBytes' as double) / 1073741824 as told_gb,
        try_cast(spec ->> '$.VolumeSize' as double) as volume_gb,
        row_number() over (partition by coalesce(spec ->> '$.VolumeId', uid) order by spec ->> '$.StartTime', uid) as number
    from inventory
    where type = 'AWS::EC2::Snapshot'
)

select
    uid,
    'snapshot' as line,
    'always' as variant,
    'snapshot:' || case tier when 'archive' then 'archive' else 'storage' end as key,
    cast(case when number = 1 then coalesce(told_gb, volume_gb) end as decimal(20, 6)) as quantity,
    cast(case when number = 1 then coalesce(told_gb, 0) end as decimal(20, 6)) as low,
    case when told_gb is null then 'assumed' else 'configured' end as evidence,
    case when told_gb is null then 'the oldest snapshot of a volume is as large as the volume at most' end as assumption,
    case when number > 1 then 'a later snapshot holds only changed blocks, and no listing tells how many' end as unknown
from snapshots
