-- coverage_all: what was looked at in the snapshot, gaps first.
-- grain: one row per (account, region, type)
-- out: the columns of coverage; resources is a count
select
    snapshot,
    account_id,
    region,
    service,
    type,
    status,
    error_code,
    missing_action,
    detail,
    resources
from coverage
order by (status in ('ok', 'empty')), account_id, region, service, type
