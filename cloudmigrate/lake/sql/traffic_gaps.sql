-- traffic_gaps: the time within a day for which nobody is known to have held a met address.
-- grain: one row per (VPC of the recording interface, address, day, stretch of time)
-- in:  met (traffic_met), held (traffic_held)
-- out: from_at, until_at, aws_service
with bounds as (
    select
        vpc,
        address,
        day,
        from_at,
        until_at,
        coalesce(lag(until_at) over one, day::timestamptz) as free_from,
        lead(from_at) over one is null as is_last
    from held
    where from_at > day::timestamptz or until_at < day::timestamptz + interval 1 day
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
        day::timestamptz + interval 1 day as until_at
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
    m.day::timestamptz as from_at,
    m.day::timestamptz + interval 1 day as until_at,
    m.aws_service
from met as m
anti join held as h on m.vpc = h.vpc and m.address = h.address and m.day = h.day
