-- readiness_series: one row per resource that is asked for: the means of one of its metrics hour by hour.
-- in:  metrics (view), $uids and $metrics (lists of the same length: whose metric)
-- out: uid, metric, hours (list, since the epoch), means (list, same order: of Average where it was fetched, else sums of Sum)
with wanted as (
    select
        unnest($uids) as uid,
        unnest($metrics) as metric
),

hourly as (
    select
        m.uid,
        m.metric,
        m.stat,
        epoch_us(m.observed_at) // 3600000000 as hour_no,
        case m.stat when 'Sum' then sum(m.value) else avg(m.value) end as mean
    from metrics as m
    inner join wanted as w on m.uid = w.uid and m.metric = w.metric
    where m.stat in ('Average', 'Sum') and list_contains($uids, m.uid)
    group by m.uid, m.metric, m.stat, hour_no
),

chosen as (
    select *
    from hourly
    qualify dense_rank() over (partition by uid, metric order by stat) = 1
)

select
    uid,
    metric,
    list(hour_no order by hour_no) as hours,
    list(mean order by hour_no) as means
from chosen
group by uid, metric
order by uid, metric
