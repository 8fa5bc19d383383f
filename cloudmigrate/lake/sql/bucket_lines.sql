-- bucket_lines: one row per (bucket, what is billed of it): gigabytes by way of storing, requests, retrieval, monitoring.
-- in:  inventory, metric_coverage (views), monthly_use, bucket_access, bucket_classes (tables), storage_types (registered)
-- out: a line (see lake/costs.py); S3 counts GB as 2^30 bytes; requests of storage that is archived are not told
with chosen as (
    select
        a.*,
        c.* exclude (uid)
    from bucket_access as a
    inner join bucket_classes as c on a.uid = c.uid
),

-- What an object at least is billed as: of n objects and b bytes no less than the larger of b and n times that, no more than both.
moved as (
    select
        *,
        case when unread_key is null then greatest(gb, objects * smallest_billed / 1073741824) else gb * least(read_share, 1) end as billed,
        case when unread_key is null then gb + objects * smallest_billed / 1073741824 else gb * least(read_share, 1) end as billed_high
    from chosen
    where name is not null
)

select
    c.uid,
    'storage' as line,
    v.variant,
    's3:standard:storage' as key,
    cast(case when c.gb is null and c.other_gb is not null then 0 else c.gb end as decimal(20, 6)) as quantity,
    'measured' as evidence,
    case when v.variant = 'replatform' then c.told end as assumption,
    case when c.gb is null and c.other_gb is null then 'the bucket''s size was not measured (BucketSizeBytes)' end as unknown
from chosen as c
cross join (values ('now'), ('replatform')) as v (variant)
where v.variant = 'now' or c.name is null
union all by name
select
    u.uid,
    'storage ' || t.storage_type as line,
    'always' as variant,
    t.key,
    cast(u.mean / 1073741824 as decimal(20, 6)) as quantity,
    'measured' as evidence
from monthly_use as u
inner join storage_types as t on u.metric = t.metric and t.storage_type <> 'StandardStorage'
where u.uid in (select c.uid from chosen as c)
union all by name
select
    uid,
    'storage of other classes' as line,
    'always' as variant,
    's3:other:storage' as key,
    'measured' as evidence,
    'which other classes it holds is not known: ' || refused as unknown
from chosen
where refused is not null
union all by name
select
    u.uid,
    'monitoring' as line,
    'always' as variant,
    's3:intelligent:objects' as key,
    cast(any_value(c.objects) as decimal(20, 6)) as quantity,
    cast(0 as decimal(20, 6)) as low,
    'assumed' as evidence,
    'at most all objects of the bucket are in Intelligent-Tiering, and those under 128 KB are not monitored' as assumption,
    case when any_value(c.objects) is null then 'the number of objects was not measured' end as unknown
from monthly_use as u
inner join storage_types as t on u.metric = t.metric and t.storage_type like 'IntelligentTiering%'
inner join chosen as c on u.uid = c.uid
where u.mean > 0
group by u.uid
union all by name
select
    c.uid,
    'requests ' || way.tier as line,
    v.variant,
    case
        when v.variant <> 'replatform' then 's3:requests:' || way.tier
        when way.tier = 'tier1' then c.write_key
        else c.read_key
    end as key,
    cast(case when c.unknown is null then case way.tier when 'tier1' then c.writes else c.reads end end as decimal(20, 6)) as quantity,
    cast(case when c.unknown is null then case way.tier when 'tier1' then c.writes_high else c.reads_high end end as decimal(20, 6)) as high,
    'measured' as evidence,
    case
        when c.unknown is null and coalesce(c.other_gb, 0) > 0 then 'at the prices of the Standard class: requests are not told apart by class'
    end as assumption,
    case when c.unknown is not null then 'requests are not measured: ' || c.unknown end as unknown
from chosen as c
cross join (values ('tier1'), ('tier2')) as way (tier)
cross join (values ('always'), ('now'), ('replatform')) as v (variant)
where (v.variant = 'always') = (c.name is null) and (c.unknown is null or way.tier = 'tier1')
union all by name
select
    uid,
    'storage' as line,
    'replatform' as variant,
    storage_key as key,
    cast(billed as decimal(20, 6)) as quantity,
    cast(billed_high as decimal(20, 6)) as high,
    case when unread_key is null then 'measured' else 'assumed' end as evidence,
    told || case
        when smallest_billed > 0 then '; an object is billed as 128 KB at least'
        else '; no more than what is downloaded stays in the tier for frequent access'
    end as assumption
from moved
union all by name
select
    uid,
    'storage unread' as line,
    'replatform' as variant,
    unread_key as key,
    cast(gb as decimal(20, 6)) - cast(billed as decimal(20, 6)) as quantity,
    'assumed' as evidence,
    'what is not read for 30 days; after 90 days it costs less still' as assumption
from moved
where unread_key is not null
union all by name
select
    uid,
    'retrieval' as line,
    'replatform' as variant,
    retrieval_key as key,
    cast(reads_gb as decimal(20, 6)) as quantity,
    cast(reads_gb_high as decimal(20, 6)) as high,
    'measured' as evidence
from moved
where retrieval_key is not null
union all by name
select
    uid,
    'monitoring' as line,
    'replatform' as variant,
    monitoring_key as key,
    cast(objects as decimal(20, 6)) as quantity,
    cast(0 as decimal(20, 6)) as low,
    'measured' as evidence,
    'objects under 128 KB are not monitored, and are not told apart' as assumption
from moved
where monitoring_key is not null
