-- traffic_logged: what was logged of each resource's interfaces.
-- grain: one row per resource of which something was logged
-- in:  covered (flow_log_coverage), uids (number, uid)
-- out: number (of the uid), days (bit n: on day n after the first some interface was fully logged; null for none), days_logged (how many they
--      are; null as well), skipped_hours, known_hours (logged or skipped), aggregation_s (the longest)
select
    u.number,
    -- as many days as an estate may look back, and one
    bitstring_agg((day - (select min(c.day) from covered as c))::integer, 0, 401) filter (where fully_logged) as days,
    nullif(count(distinct day) filter (where fully_logged), 0) as days_logged,
    sum(skipped_hours)::double as skipped_hours,
    sum(skipped_hours + logged_hours)::double as known_hours,
    max(aggregation_s) as aggregation_s
from covered as l
inner join uids as u on l.uid = u.uid
group by u.number
