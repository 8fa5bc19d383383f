-- artifact_coverage: what was looked at, gaps first.
-- grain: one row per (account, region, service, status)
-- out: types and resources are counts; missing_actions and error_codes are lists joined by commas
select
    account_id,
    region,
    service,
    status,
    count(*) as types,
    coalesce(sum(resources), 0)::bigint as resources,
    coalesce(string_agg(distinct error_code, ', ' order by error_code), '') as error_codes,
    coalesce(string_agg(distinct missing_action, ', ' order by missing_action), '') as missing_actions
from coverage
group by account_id, region, service, status
order by (status in ('ok', 'empty')), account_id, region, service, status
