-- coverage_by_status: how many look-ups ended how.
-- grain: one row per status that occurred
-- out: look_ups counts (account, region, type)
select
    status,
    count(*) as look_ups
from coverage
group by status
order by status
