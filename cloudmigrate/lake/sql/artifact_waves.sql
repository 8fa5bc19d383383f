-- artifact_waves: the size and make-up of each wave.
-- grain: one row per wave
-- out: resources and move_groups are counts; types is text such as "3 AWS::RDS::DBInstance, 1 AWS::S3::Bucket"
with by_type as (
    select
        w.wave,
        i.type,
        count(*) as resources
    from waves as w
    inner join inventory as i on w.uid = i.uid
    group by w.wave, i.type
),

groups as (
    select
        wave,
        count(distinct move_group) as move_groups
    from waves
    group by wave
)

select
    b.wave,
    sum(b.resources)::bigint as resources,
    g.move_groups,
    string_agg(b.resources || ' ' || b.type, ', ' order by b.resources desc, b.type asc) as types
from by_type as b
inner join groups as g on b.wave = g.wave
group by b.wave, g.move_groups
order by b.wave
