-- risk_resources: what inventory, metrics and flow log coverage tell of each resource that bears on its risk.
-- grain: one row per resource of $types
-- in:  inventory, relations, utilisation, metric_coverage, observation (views); $types (CloudFormation types that can migrate), $parts
--      (kinds of relations whose source is a part of its target and speaks for it), $five_minutes (metrics that count over 5 minutes)
-- out: storage_bytes (stated by configuration, else the most that was measured), cpu_p99_pct (0..100), writes_p99_per_s (operations per
--      second), fully_logged_days, monthly_seen_probability (0..1; of a whole without an interface: the least of its parts); null where
--      not measured
with periods as (
    select
        uid,
        metric,
        stat,
        min(period_s) as period_s
    from metric_coverage
    where status = 'ok'
    group by uid, metric, stat
),

usage as (
    select
        u.uid,
        max(u.p99) filter (where u.metric = 'CPUUtilization') as cpu_p99_pct,
        coalesce(
            sum(u.max) filter (where u.metric like 'BucketSizeBytes%'),
            max(u.max) filter (where u.metric in ('VolumeBytesUsed', 'BytesUsedForCache'))
        ) as measured_bytes,
        max(
            case
                when u.metric in ('WriteIOPS') then u.p99
                when list_contains($five_minutes, u.metric) then u.p99 / 300
                when u.metric = 'VolumeWriteOps' then u.p99 / p.period_s
            end
        ) as writes_p99_per_s
    from utilisation as u
    left join periods as p on u.uid = p.uid and u.metric = p.metric and u.stat = p.stat
    group by u.uid
),

wholes as (
    select
        r.target_uid as uid,
        min(coalesce(o.fully_logged_days, 0)) as fully_logged_days,
        min(coalesce(o.monthly_seen_probability, 0)) as monthly_seen_probability
    from relations as r
    left join observation as o on r.source_uid = o.uid
    where list_contains($parts, r.kind)
    group by r.target_uid
)

select
    i.uid,
    i.type,
    i.account_id,
    i.region,
    i.tags,
    i.spec,
    i.stateful,
    i.created_at,
    u.cpu_p99_pct,
    u.writes_p99_per_s,
    coalesce(i.storage_bytes, cast(round(u.measured_bytes) as bigint)) as storage_bytes,
    coalesce(o.fully_logged_days, w.fully_logged_days) as fully_logged_days,
    coalesce(o.monthly_seen_probability, w.monthly_seen_probability) as monthly_seen_probability
from inventory as i
left join usage as u on i.uid = u.uid
left join observation as o on i.uid = o.uid
left join wholes as w on i.uid = w.uid
where list_contains($types, i.type)
order by i.uid
