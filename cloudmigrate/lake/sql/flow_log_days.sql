-- flow_log_days: one row: the days and interfaces that have at least one flow log record.
-- in:  flow_log_coverage (view)
-- out: first_day, last_day (dates, UTC), days, interfaces, interface_days, fully_logged_interface_days (counts),
--      skipped_share (0..1, of hours logged or skipped)
select
    min(day) as first_day,
    max(day) as last_day,
    count(distinct day) as days,
    count(distinct interface_id) as interfaces,
    count(*) as interface_days,
    count(*) filter (where fully_logged) as fully_logged_interface_days,
    coalesce(sum(skipped_hours)::double / nullif(sum(skipped_hours + logged_hours), 0), 0) as skipped_share
from flow_log_coverage
