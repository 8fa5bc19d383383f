-- readiness_metric_gaps: one row per (account, cause) for which metrics were refused.
-- in:  metric_coverage (view)
-- out: account_id, status, error_code, detail, regions (list), types (list), resources (count)
select
    account_id,
    status,
    error_code,
    any_value(detail order by detail) as detail,
    list(distinct region order by region) as regions,
    list(distinct type order by type) as types,
    count(distinct uid) as resources
from metric_coverage
where status not in ('ok', 'no_data')
group by account_id, status, error_code
order by resources desc, account_id asc, status asc, error_code asc
