-- traffic_activity: traffic by day.
-- grain: one row per (source, target, protocol, port, action, day)
-- in:  by_day (traffic_days), uids (number, uid)
-- out: the columns of the dataset traffic_activity
select
    s.uid as source_uid,
    t.uid as target_uid,
    d.protocol,
    d.port,
    d.action,
    d.day,
    d.hours,
    d.bytes
from by_day as d
inner join uids as s on d.source = s.number
inner join uids as t on d.target = t.number
