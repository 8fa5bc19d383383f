-- readiness_profiles: one row per resource: the week of its most telling metric.
-- in:  utilisation_profile, utilisation, inventory (views), $preferred (metric names, the most telling first)
-- out: uid, metric, unit, hours (list of 0..167), means (list, in unit, same order as hours)
with chosen as (
    select
        u.uid,
        u.metric,
        u.unit
    from utilisation as u
    semi join inventory as i on u.uid = i.uid
    where list_contains($preferred, u.metric)
    qualify row_number() over (partition by u.uid order by list_position($preferred, u.metric)) = 1
)

select
    c.uid,
    c.metric,
    c.unit,
    list(p.hour_of_week order by p.hour_of_week) as hours,
    list(p.mean order by p.hour_of_week) as means
from chosen as c
inner join utilisation_profile as p on c.uid = p.uid and c.metric = p.metric
group by c.uid, c.metric, c.unit
order by c.uid
