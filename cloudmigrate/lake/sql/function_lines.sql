-- function_lines: one row per (Lambda function, what is billed of it): requests, and gigabytes of memory by seconds.
-- in:  inventory (view), monthly_use, function_time (tables)
-- out: a line (see lake/costs.py); the free tier of an account is not taken off
with functions as (
    select
        i.uid,
        case when (i.spec ->> '$.Architectures[0]') = 'arm64' then 'arm' else 'x86' end as chip,
        try_cast(i.spec ->> '$.MemorySize' as double) / 1024 as gb,
        n.counted as calls,
        n.filled as calls_high,
        coalesce(t.mean_ms, d.mean) / 1000 as seconds
    from inventory as i
    left join monthly_use as n on i.uid = n.uid and n.metric = 'Invocations'
    left join monthly_use as d on i.uid = d.uid and d.metric = 'Duration'
    left join function_time as t on i.uid = t.uid
    where i.type = 'AWS::Lambda::Function'
),

variants as (
    select
        *,
        case when chip = 'x86' then 'now' else 'always' end as variant,
        cast(null as varchar) as assumption
    from functions
    union all
    select
        * replace ('arm' as chip),
        'replatform' as variant,
        'on arm64 for as long as on x86' as assumption
    from functions
    where chip = 'x86'
)

select
    uid,
    'requests' as line,
    variant,
    'lambda:requests:' || chip as key,
    cast(calls as decimal(20, 6)) as quantity,
    cast(calls_high as decimal(20, 6)) as high,
    'measured' as evidence,
    assumption,
    case when calls is null then 'calls were not measured (Invocations)' end as unknown
from variants
union all by name
select
    uid,
    'duration' as line,
    variant,
    'lambda:gb-second:' || chip as key,
    cast(calls * seconds * gb as decimal(20, 6)) as quantity,
    cast(calls_high * seconds * gb as decimal(20, 6)) as high,
    'measured' as evidence,
    assumption,
    case when calls is null or seconds is null then 'calls and their duration were not measured (Invocations, Duration)' end as unknown
from variants
