-- monthly_use: one row per (uid, metric) with data: its mean, and what its sums come to in a month.
-- in:  utilisation, metric_coverage (views), $hours (of a month)
-- out: mean (in the metric's unit), counted (a month like the window: periods without a data point had nothing), filled (they were as the
--      others were)
with periods as (
    select
        uid,
        metric,
        min(period_s) as period_s
    from metric_coverage
    where status = 'ok'
    group by uid, metric
)

select
    u.uid,
    u.metric,
    u.mean,
    u.mean * least(u.coverage_share, 1) * $hours * 3600 / p.period_s as counted,
    u.mean * $hours * 3600 / p.period_s as filled
from utilisation as u
left join periods as p on u.uid = p.uid and u.metric = p.metric
