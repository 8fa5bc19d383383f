-- bucket_access: one row per bucket: what it holds and how much of it is read in a month, as far as that was measured.
-- in:  inventory, metric_coverage (views), monthly_use (table), storage_types (registered: metric, of every way of storing)
-- out: gb, other_gb (2^30 bytes: in the Standard class, in all others), objects, reads_gb, reads, writes (a month) with what they would be
--      if periods without data had been as the others; refused: why other classes are not known; unknown: why access is not
with held as (
    select
        b.uid,
        max(u.mean) filter (where t.metric = 'BucketSizeBytes') / 1073741824 as gb,
        sum(u.mean) filter (where t.metric <> 'BucketSizeBytes') / 1073741824 as other_gb
    from inventory as b
    cross join storage_types as t
    left join monthly_use as u on b.uid = u.uid and t.metric = u.metric
    where b.type = 'AWS::S3::Bucket'
    group by b.uid
),

asked as (
    select
        uid,
        min(detail) filter (where metric like 'BucketSizeBytes/%' and status not in ('ok', 'no_data')) as refused,
        count(*) filter (where metric in ('GetRequests', 'PutRequests', 'BytesDownloaded')) as questions,
        min(coalesce(detail, status)) filter (
            where metric in ('GetRequests', 'HeadRequests', 'PutRequests', 'PostRequests', 'ListRequests', 'BytesDownloaded')
            and status not in ('ok', 'no_data')
        ) as unread
    from metric_coverage
    group by uid
),

counted as (
    select
        uid,
        count(*) as with_data,
        sum(counted) filter (where metric = 'BytesDownloaded') / 1073741824 as reads_gb,
        sum(filled) filter (where metric = 'BytesDownloaded') / 1073741824 as reads_gb_high,
        sum(counted) filter (where metric in ('GetRequests', 'HeadRequests')) as reads,
        sum(filled) filter (where metric in ('GetRequests', 'HeadRequests')) as reads_high,
        sum(counted) filter (where metric in ('PutRequests', 'PostRequests', 'ListRequests')) as writes,
        sum(filled) filter (where metric in ('PutRequests', 'PostRequests', 'ListRequests')) as writes_high
    from monthly_use
    where metric in ('GetRequests', 'HeadRequests', 'PutRequests', 'PostRequests', 'ListRequests', 'BytesDownloaded')
    group by uid
)

select
    h.uid,
    b.region,
    h.gb,
    h.other_gb,
    n.mean as objects,
    coalesce(c.reads_gb, 0) as reads_gb,
    coalesce(c.reads_gb_high, 0) as reads_gb_high,
    coalesce(c.reads, 0) as reads,
    coalesce(c.reads_high, 0) as reads_high,
    coalesce(c.writes, 0) as writes,
    coalesce(c.writes_high, 0) as writes_high,
    a.refused,
    case
        when coalesce(a.questions, 0) = 0 then 'nobody switched on request metrics of the whole bucket'
        when a.unread is not null then 'its request metrics could not be read: ' || a.unread
        when coalesce(c.with_data, 0) = 0 then 'its request metrics have no data point: too new, or nobody came'
    end || case
        when json_array_length(b.spec -> '$.AnalyticsConfigurations') > 0
            then '; a storage class analysis runs, and what it exports says more'
        else ''
    end as unknown
from held as h
inner join inventory as b on h.uid = b.uid
left join monthly_use as n on h.uid = n.uid and n.metric = 'NumberOfObjects'
left join asked as a on h.uid = a.uid
left join counted as c on h.uid = c.uid
