-- readiness_resources: one row per resource with its place in the plan, in the report's order.
-- in:  inventory, utilisation, waves, unplanned (views; the plan's rows)
-- out: uid, account_id, region, type, name, state, stateful, storage_bytes (bytes; stated by configuration, else the most that was
--      measured), created_at, tags (map), move_group, wave (from 1), reason
-- What a bucket holds is one metric for each way of storing.
with measured as (
    select
        uid,
        sum(max) as bytes
    from utilisation
    where metric = 'VolumeBytesUsed' or metric like 'BucketSizeBytes%'
    group by uid
)

select
    i.uid,
    i.account_id,
    i.region,
    i.type,
    i.name,
    i.state,
    i.stateful,
    coalesce(i.storage_bytes, cast(round(u.bytes) as bigint)) as storage_bytes,
    i.created_at,
    i.tags,
    w.move_group,
    w.wave,
    n.reason
from inventory as i
left join measured as u on i.uid = u.uid
left join waves as w on i.uid = w.uid
left join unplanned as n on i.uid = n.uid
order by i.account_id, i.region, i.type, i.name, i.uid
