-- quality_coverage: one row per coverage row, with what the data checks ask.
-- in:  coverage (view)
-- out: account_id, region, type, status, copies (count of rows with this key),
--      explained (whether a gap says why: an error code or a detail; true where there is no gap)
select
    account_id,
    region,
    type,
    status,
    count(*) over (partition by account_id, region, type) as copies,
    coalesce(status in ('ok', 'empty') or nullif(error_code, '') is not null or nullif(detail, '') is not null, false) as explained
from coverage
