-- graph_nodes: one row per resource of the inventory, with its place in the plan, its workload and its risk.
-- in:  inventory, utilisation, waves, unplanned, workloads, risks (views; the plan's rows)
-- out: uid, name, type, account_id, region, workload, move_group, wave (from 1), stays_reason, risk_level, risk_points,
--      risk_upper_points, storage_bytes (bytes; stated by configuration, else the most that was measured)
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
    i.name,
    i.type,
    i.account_id,
    i.region,
    k.workload,
    w.move_group,
    w.wave,
    n.reason as stays_reason,
    r.level as risk_level,
    r.points as risk_points,
    r.upper_points as risk_upper_points,
    coalesce(i.storage_bytes, cast(round(u.bytes) as bigint)) as storage_bytes
from inventory as i
left join measured as u on i.uid = u.uid
left join workloads as k on i.uid = k.uid
left join waves as w on i.uid = w.uid
left join unplanned as n on i.uid = n.uid
left join risks as r on i.uid = r.uid
order by i.uid
