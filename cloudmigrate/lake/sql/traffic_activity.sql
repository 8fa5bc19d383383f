-- traffic_activity: traffic by day.
-- grain: one row per (source, target, protocol, port, action, day)
-- in:  by_day (traffic_days)
-- out: the columns of the dataset traffic_activity, with places in the list of uids (from 0) instead of uids
select
    d.source - 1 as source_uid,
    d.target - 1 as target_uid,
    d.service >> 18 as protocol,
    (d.service >> 1) & 131071 as port,
    if(d.service & 1 = 1, 'REJECT', 'ACCEPT') as action,
    d.day,
    (d.seen >> 32)::integer as hours,
    d.bytes
from by_day as d
