-- readiness_coverage: one row per (account, region, type) that was in scope.
-- in:  coverage (view)
-- out: account_id, region, service, type, status, error_code, missing_action, detail, resources (count)
select
    account_id,
    region,
    service,
    type,
    status,
    error_code,
    missing_action,
    detail,
    coalesce(resources, 0) as resources
from coverage
order by account_id, region, service, type
