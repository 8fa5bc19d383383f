-- observation: what the window of flow logs can have shown of each resource.
-- grain: one row per resource that a network interface serves, or that must have an address
-- in:  flow_log_coverage (view), holders (interface_id, vpc_id, holder_uid), addressed (uid)
-- out: fully_logged_days (days on which all of its interfaces logged every hour, none skipped), skipped_share (0..1, of logged hours),
--      probabilities (0..1) that an occurrence once a week, once in 30 days, at an unknown time, falls on such a day
with interfaces as (
    select
        uid,
        count(distinct interface_id) as interfaces
    from (
        select
            holder_uid as uid,
            interface_id
        from holders
        union all
        select
            uid,
            null as interface_id
        from addressed
    ) as known
    group by uid
),

days as (
    select
        h.holder_uid as uid,
        c.day,
        count(distinct c.interface_id) filter (where c.fully_logged) as whole
    from flow_log_coverage as c
    inner join holders as h on c.interface_id = h.interface_id
    group by h.holder_uid, c.day
),

logged as (
    select
        h.holder_uid as uid,
        count(distinct c.interface_id) as logged_interfaces,
        sum(c.skipped_hours)::double / nullif(sum(c.skipped_hours + c.logged_hours), 0) as skipped_share
    from flow_log_coverage as c
    inner join holders as h on c.interface_id = h.interface_id
    group by h.holder_uid
),

counted as (
    select
        i.uid,
        i.interfaces,
        count(d.day) filter (where d.whole = i.interfaces) as fully_logged_days
    from interfaces as i
    left join days as d on i.uid = d.uid
    group by i.uid, i.interfaces
)

select
    c.uid,
    c.interfaces::integer as interfaces,
    coalesce(l.logged_interfaces, 0)::integer as logged_interfaces,
    c.fully_logged_days::integer as fully_logged_days,
    coalesce(l.skipped_share, 0) as skipped_share,
    least(1, c.fully_logged_days / 7.0)::double as weekly_seen_probability,
    least(1, c.fully_logged_days / 30.0)::double as monthly_seen_probability
from counted as c
left join logged as l on c.uid = l.uid
