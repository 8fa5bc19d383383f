-- balancer_lines: one row per (load balancer, what is billed of it): its hours, and capacity units or gigabytes.
-- in:  inventory (view), monthly_use (table), $hours (of a month)
-- out: a line (see lake/costs.py)
-- A capacity unit is 1 GB an hour of processed bytes, among others (ELB pricing page); the other dimensions (new and active connections,
-- rules) are not measured in its terms, so bytes give the least, and that is said.
with balancers as (
    select
        i.uid,
        case
            when i.type = 'AWS::ElasticLoadBalancing::LoadBalancer' then 'clb'
            when (i.spec ->> '$.Type') = 'network' then 'nlb'
            when (i.spec ->> '$.Type') = 'gateway' then 'gwlb'
            else 'alb'
        end as kind,
        u.counted / 1073741824 as gb,
        u.filled / 1073741824 as gb_high
    from inventory as i
    left join monthly_use as u
        on
            i.uid = u.uid
            and u.metric
            = case i.type when 'AWS::ElasticLoadBalancing::LoadBalancer' then 'EstimatedProcessedBytes' else 'ProcessedBytes' end
    where i.type in ('AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ElasticLoadBalancing::LoadBalancer')
)

select
    uid,
    'hours' as line,
    'always' as variant,
    kind || ':hour' as key,
    cast($hours as decimal(20, 6)) as quantity,
    'configured' as evidence
from balancers
union all by name
select
    uid,
    case kind when 'clb' then 'bytes' else 'capacity' end as line,
    'always' as variant,
    kind || case kind when 'clb' then ':gb' else ':lcu' end as key,
    cast(gb as decimal(20, 6)) as quantity,
    cast(gb_high as decimal(20, 6)) as high,
    'measured' as evidence,
    case when kind <> 'clb' then 'capacity units by processed bytes alone: connections and rules may take more' end as assumption,
    case when gb is null then 'processed bytes were not measured' end as unknown
from balancers
