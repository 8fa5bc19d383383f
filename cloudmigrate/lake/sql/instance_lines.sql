-- instance_lines: one row per server (and variant, where its containers, or its work on a schedule, could do without it): its hours.
-- in:  inventory, relations (views), platforms (registered), scheduled_servers (table), $hours (of a month)
-- out: a line (see lake/costs.py): key with {size}, quantity in hours a month
with hosts as (
    select distinct target_uid as uid
    from relations
    where kind = 'container-instance'
),

servers as (
    select
        i.uid,
        lower(i.state) in ('running', 'pending') as runs,
        i.uid in (select h.uid from hosts as h) as hosts_containers,
        i.spec ->> '$.InstanceType' as size,
        coalesce(i.spec ->> '$.Placement.Tenancy', 'default') as tenancy,
        i.spec ->> '$.InstanceLifecycle' as lifecycle,
        coalesce(a.name, b.name) as told,
        case when lower(i.spec ->> '$.Platform') = 'windows' then 'windows' else 'linux' end as guessed
    from inventory as i
    left join platforms as a on (i.spec ->> '$.UsageOperation') = a.operation
    left join platforms as b on (i.spec ->> '$.PlatformDetails') = b.details
    where i.type = 'AWS::EC2::Instance'
),

scheduled as (
    select t.*
    from scheduled_servers as t
    inner join servers as s on t.uid = s.uid
    where
        s.runs
        and not s.hosts_containers
        and s.tenancy = 'default'
        and coalesce(s.told, s.guessed) = 'linux'
        and s.lifecycle is null
),

shapes as (
    select
        uid,
        duty,
        'vcpu' as line,
        'fargate:vcpu:' || chip as key,
        vcpus as amount
    from scheduled
    union all
    select
        uid,
        duty,
        'memory' as line,
        'fargate:gb:' || chip as key,
        gb as amount
    from scheduled
)

select
    uid,
    'compute' as line,
    case when hosts_containers or uid in (select c.uid from scheduled as c) then 'now' else 'always' end as variant,
    size,
    'ec2:{size}:' || coalesce(told, guessed) || case when tenancy = 'default' then '' else ':' || tenancy end as key,
    cast(case when runs then $hours else 0 end as decimal(20, 6)) as quantity,
    'configured' as evidence,
    nullif(concat_ws(
        '; ',
        case when not runs then 'stopped: only its volumes cost' end,
        case when lifecycle = 'spot' then 'runs on spot now' end,
        case when told is null then 'the API tells no billing platform: taken for ' || guessed end
    ), '') as assumption
from servers
union all
select
    uid,
    'compute' as line,
    'replatform' as variant,
    size,
    'ec2:{size}:' || coalesce(told, guessed) as key,
    cast(0 as decimal(20, 6)) as quantity,
    'assumed' as evidence,
    'its containers run on Fargate, whose cost is their services''' as assumption
from servers
where hosts_containers
union all
select
    uid,
    line,
    'replatform' as variant,
    null as size,
    key,
    cast(amount * duty * $hours as decimal(20, 6)) as quantity,
    'assumed' as evidence,
    format('a container on a schedule, with all of the server''s CPU and memory, in the {:.0f} % of the hours that it is at work', 100 * duty)
        as assumption
from shapes
