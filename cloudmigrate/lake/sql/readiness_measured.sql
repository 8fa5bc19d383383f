-- readiness_measured: one row per type: resources asked for metrics, by the best answer that any of their metrics had.
-- in:  metric_coverage (view)
-- out: type, asked, with_data, no_data, refused (counts of resources; refused = denied, throttled or failed)
with best as (
    select
        uid,
        type,
        bool_or(status = 'ok' and points > 0) as has_data,
        bool_or(status not in ('ok', 'no_data')) as is_refused
    from metric_coverage
    group by uid, type
)

select
    type,
    count(*) as asked,
    count(*) filter (where has_data) as with_data,
    count(*) filter (where not has_data and not is_refused) as no_data,
    count(*) filter (where not has_data and is_refused) as refused
from best
group by type
order by type
