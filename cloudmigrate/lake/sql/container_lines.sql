-- container_lines: one row per (ECS service or EKS cluster, what is billed of it, variant): Fargate's vCPU and memory, the cluster's hours.
-- in:  inventory (view), $hours (of a month)
-- out: a line (see lake/costs.py); a service on EC2 costs nothing itself now, and Fargate's price as a replatform
with services as (
    select
        uid,
        try_cast(coalesce(spec ->> '$.runningCount', spec ->> '$.desiredCount') as double) as tasks,
        try_cast(spec ->> '$.taskDefinitionInUse.cpu' as double) / 1024 as vcpus,
        try_cast(spec ->> '$.taskDefinitionInUse.memory' as double) / 1024 as gb,
        coalesce(spec ->> '$.launchType', case when (spec ->> '$.platformVersion') is not null then 'FARGATE' else 'EC2' end) as launch,
        case
            when coalesce(spec ->> '$.taskDefinitionInUse.runtimePlatform.operatingSystemFamily', 'LINUX') like 'WINDOWS%' then 'windows'
            when (spec ->> '$.taskDefinitionInUse.runtimePlatform.cpuArchitecture') = 'ARM64' then 'arm'
            else 'x86'
        end as chip
    from inventory
    where type = 'AWS::ECS::Service'
),

shapes as (
    select
        uid,
        launch,
        chip,
        'vcpu' as line,
        'fargate:vcpu:' || chip as key,
        tasks * vcpus as amount
    from services
    union all
    select
        uid,
        launch,
        chip,
        'memory' as line,
        'fargate:gb:' || chip as key,
        tasks * gb as amount
    from services
    union all
    select
        uid,
        launch,
        chip,
        'os' as line,
        'fargate:os:windows' as key,
        tasks * vcpus as amount
    from services
    where chip = 'windows'
)

select
    uid,
    line,
    case when launch = 'FARGATE' then 'always' else 'replatform' end as variant,
    key,
    cast(amount * $hours as decimal(20, 6)) as quantity,
    case when launch = 'FARGATE' then 'configured' else 'assumed' end as evidence,
    case when launch = 'FARGATE' then null else 'as many tasks of the same size on Fargate as run on EC2 now' end as assumption,
    case when amount is null then 'the task definition states no CPU or memory for the task' end as unknown
from shapes
union all by name
select
    uid,
    'placement' as line,
    'now' as variant,
    'ecs:service' as key,
    cast(0 as decimal(20, 6)) as quantity,
    'configured' as evidence,
    'runs on servers, which cost' as assumption
from services
where launch <> 'FARGATE'
union all by name
select
    uid,
    'cluster' as line,
    'always' as variant,
    'eks:cluster' as key,
    cast($hours as decimal(20, 6)) as quantity,
    'configured' as evidence
from inventory
where type = 'AWS::EKS::Cluster'
