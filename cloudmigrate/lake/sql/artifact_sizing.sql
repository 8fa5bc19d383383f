-- artifact_sizing: which size each resource needs, changes first.
-- grain: one row per (resource that has a size, profile)
-- out: risk 0..4; short_minutes: the most of any dimension, in the replay on the target
select
    i.name,
    i.account_id,
    i.region,
    s.profile,
    s.verdict,
    s.current_type,
    s.target_type,
    s.risk,
    round(greatest(
        s.cpu_short_minutes, s.memory_short_minutes, s.network_short_minutes, s.iops_short_minutes, s.throughput_short_minutes, s.credits_short_minutes
    ))::int as short_minutes,
    s.reason,
    s.runner_up,
    s.runner_up_reason,
    s.arm_type
from sizing as s
inner join inventory as i on s.uid = i.uid
order by
    case s.verdict when 'larger' then 0 when 'smaller' then 1 when 'keep' then 2 else 3 end,
    i.uid asc,
    s.profile asc
