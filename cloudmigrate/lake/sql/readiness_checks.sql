-- readiness_checks: one row per data check, failed and critical ones first.
-- in:  quality (view)
-- out: dataset, check_name, severity, passed, checked_rows (count), failed_rows (count), sample, detail
select
    dataset,
    check_name,
    severity,
    passed,
    checked_rows,
    failed_rows,
    sample,
    detail
from quality
order by passed, severity, dataset, check_name
