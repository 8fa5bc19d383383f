-- traffic_gaps: the time within a day for which nobody is known to have held a met address.
-- grain: one row per (VPC of the recording interface, address, day, stretch of time)
-- in:  met (traffic_met), held (traffic_held), macro midnight
-- out: from_at, until_at, aws_service
with bounds as (
    select
        vpc,
        address,
        day,
        from_at,
        until_at,
        coalesce(lag(until_at) over one, midnight(day)) as free_from,
        lead(from_at) over one is null as is_last
    from held
    where from_at > midnight(day) or until_at < midnight(day + 1)
    window one as (partition by vpc, address, day order by from_at)
),

stretches as (
    select
        vpc,
        address,
        day,
        free_from as from_at,
        from_at as until_at
    from bounds
    union all
    select
        vpc,
        address,
        day,
        until_at as from_at,
        midnight(day + 1) as until_at
    from bounds
    where is_last
)

select
    s.*,
    m.aws_service
from stretches as s
inner join met as m on s.vpc = m.vpc and s.address = m.address and s.day = m.day
where s.from_at < s.until_at
union all
select
    m.vpc,
    m.address,
    m.day,
    midnight(m.day) as from_at,
    midnight(m.day + 1) as until_at,
    m.aws_service
from met as m
anti join held as h on m.vpc = h.vpc and m.address = h.address and m.day = h.day
