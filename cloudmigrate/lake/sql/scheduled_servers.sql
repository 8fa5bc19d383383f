-- scheduled_servers: one row per server whose work a container on a schedule could do: a batch that nobody calls, of a size that Fargate has.
-- in:  patterns, inventory, instance_types, dependencies, observation (views), managed_databases, fargate_sizes (registered), $duty_at_most
--      (0..1, of a batch), $days_at_least (fully logged days without a caller that rule one out)
-- out: uid, vcpus, gb (at least Fargate's least for so many vCPUs), chip, duty (share of hours at work)
with called as (
    select target_uid as uid
    from dependencies
    where source_uid <> target_uid
)

select
    i.uid,
    f.vcpus,
    greatest(t.memory_bytes / 1073741824, f.least_gb) as gb,
    case when list_contains(t.architectures, 'arm64') then 'arm' else 'x86' end as chip,
    p.duty_cycle as duty
from patterns as p
inner join inventory as i on p.uid = i.uid and i.type = 'AWS::EC2::Instance'
inner join instance_types as t on i.region = t.region and (i.spec ->> '$.InstanceType') = t.instance_type
inner join fargate_sizes as f on t.vcpus = f.vcpus and t.memory_bytes / 1073741824 <= f.most_gb
inner join observation as o on i.uid = o.uid and o.fully_logged_days >= $days_at_least
where
    p.pattern = 'batch'
    and p.duty_cycle <= $duty_at_most
    and coalesce(t.gpu_count, 0) = 0
    and i.uid not in (select c.uid from called as c)
    and i.uid not in (select m.uid from managed_databases as m)
