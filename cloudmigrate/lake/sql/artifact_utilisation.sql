-- artifact_utilisation: use of capacity, busiest first.
-- grain: one row per (resource, metric that is a share of a capacity)
-- out: percentiles and max in percent of the capacity; coverage and idle share in percent
select
    i.name,
    i.type,
    i.account_id,
    i.region,
    u.metric,
    round(u.p50, 1) as p50,
    round(u.p95, 1) as p95,
    round(u.p99, 1) as p99,
    round(u.max, 1) as max,
    round(100 * u.idle_share, 0)::int as idle_pct,
    round(100 * u.coverage_share, 0)::int as measured_pct
from utilisation as u
inner join inventory as i on u.uid = i.uid
where u.idle_share is not null
order by u.p95 desc, i.uid asc, u.metric asc
