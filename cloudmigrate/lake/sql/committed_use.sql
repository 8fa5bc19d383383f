-- committed_use: one row per (region, pool): how much of what one reservation can serve ran in each hour of the window.
-- in:  running_points (uid, observed_at: a data point says that it ran), scenario_lines, rates (tables), size_units (registered),
--      followed_scenarios (uid, scenario: which of its scenarios counts; none: it commits to nothing), $since (in), $until (out)
-- out: units (list: of each hour with any), on_demand (USD an hour of one unit), rate_key (whose price that is), rate_units (its units)
with subjects as (
    select
        l.uid,
        l.region,
        l.rate_key,
        case
            when l.rate_key like 'ec2:%:linux' or regexp_matches(l.rate_key, '^rds:.*:(postgres|mysql|mariadb|aurora-\w+):')
                then regexp_replace(l.rate_key, '\.[a-z0-9]+:', ':')
            else l.rate_key
        end as pool,
        u.units
    from scenario_lines as l
    inner join followed_scenarios as f on l.uid = f.uid and l.scenario = f.scenario
    inner join size_units as u on regexp_extract(l.rate_key, '\.([a-z0-9]+):', 1) = u.size
    where l.line = 'compute' and l.quantity > 0
),

running as (
    select distinct
        uid,
        date_trunc('hour', observed_at) as hour
    from running_points
    where observed_at >= $since and observed_at < $until
),

hourly as (
    select
        s.region,
        s.pool,
        r.hour,
        sum(case when s.pool = s.rate_key then 1 else s.units end) as units
    from running as r
    inner join subjects as s on r.uid = s.uid
    group by s.region, s.pool, r.hour
),

-- All sizes of a pool cost the same for each unit: the commonest stands for it.
priced as (
    select
        s.region,
        s.pool,
        s.rate_key,
        any_value(case when s.pool = s.rate_key then 1 else s.units end) as rate_units,
        any_value(r.price) as price
    from subjects as s
    inner join rates as r
        on s.region = r.region and s.rate_key = r.rate_key and r.term = 'on_demand' and not r.ambiguous and r.begin_range = 0
    group by s.region, s.pool, s.rate_key
    qualify row_number() over (partition by s.region, s.pool order by count(*) desc, s.rate_key asc) = 1
)

select
    h.region,
    h.pool,
    p.rate_key,
    p.rate_units,
    p.price,
    list(h.units) as units
from hourly as h
inner join priced as p on h.region = p.region and h.pool = p.pool
group by h.region, h.pool, p.rate_key, p.rate_units, p.price
order by h.region, h.pool
