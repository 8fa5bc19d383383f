-- transfer_lines: one row per (server or database, way of transfer that is billed): the gigabytes of its measured traffic.
-- in:  traffic, inventory, observation (views), $hours (of a month)
-- out: a line (see lake/costs.py); an edge of resources in two zones is billed at both ends, one between regions and to the internet at the
--      sender's. Flow logs here keep both halves of a conversation in one sum: for these a half is taken, none to all as the range.
-- ElastiCache's end of an edge between zones is free; NAT gateways bill what passes them on their own (network_lines).
with places as (
    select
        uid,
        region,
        type,
        coalesce(spec ->> '$.Placement.AvailabilityZone', spec ->> '$.AvailabilityZone', spec ->> '$.PreferredAvailabilityZone') as zone,
        type in ('AWS::EC2::Instance', 'AWS::RDS::DBInstance') as billed
    from inventory
),

-- Of the days with full logs, or those on which it was seen where there was none.
edges as (
    select
        source_uid,
        target_uid,
        sum(bytes / greatest(days_logged, days_seen, 1)) * $hours / 24 / 1073741824 as gb
    from traffic
    where action = 'ACCEPT' and source_uid <> target_uid
    group by source_uid, target_uid
),

met as (
    select
        e.gb,
        a.uid as one,
        b.uid as other,
        a.region as one_region,
        b.region as other_region,
        a.billed as one_billed,
        b.billed as other_billed,
        case
            when a.region <> b.region then 'inter-region'
            when a.zone <> b.zone then 'inter-az'
            when a.zone = b.zone then 'same-zone'
        end as way
    from edges as e
    inner join places as a on e.source_uid = a.uid
    inner join places as b on e.target_uid = b.uid
),

ends as (
    select
        one as uid,
        other_region as to_region,
        way,
        gb
    from met
    where one_billed
    union all
    select
        other as uid,
        one_region as to_region,
        way,
        gb
    from met
    where other_billed
    union all
    select
        p.uid,
        '' as to_region,
        'internet' as way,
        e.gb
    from edges as e
    inner join places as p on (e.source_uid = p.uid or e.target_uid = p.uid) and p.billed
    where
        regexp_matches(e.source_uid, '^external:[0-9a-f.:]+(/\d+)?$')
        or regexp_matches(e.target_uid, '^external:[0-9a-f.:]+(/\d+)?$')
),

summed as (
    select
        uid,
        way,
        'transfer:' || way || case way when 'inter-region' then ':' || to_region else '' end as key,
        sum(gb) as gb
    from ends
    where way in ('inter-az', 'inter-region', 'internet')
    group by all
)

select
    uid,
    case way when 'inter-region' then key else 'transfer:' || way end as line,
    'always' as variant,
    key,
    cast(case way when 'inter-az' then gb else gb / 2 end as decimal(20, 6)) as quantity,
    cast(case way when 'inter-az' then gb else 0 end as decimal(20, 6)) as low,
    cast(gb as decimal(20, 6)) as high,
    case way when 'inter-az' then 'measured' else 'assumed' end as evidence,
    case when way <> 'inter-az' then 'half of the measured bytes are taken for sent: none to all' end as assumption
from summed
union all by name
select
    p.uid,
    'transfer' as line,
    'always' as variant,
    'transfer' as key,
    'measured' as evidence,
    'no flow log shows its traffic: data transfer is not known' as unknown
from places as p
left join observation as o on p.uid = o.uid
where p.type = 'AWS::EC2::Instance' and coalesce(o.logged_interfaces, 0) = 0
