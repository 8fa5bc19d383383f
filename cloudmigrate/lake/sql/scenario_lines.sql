-- scenario_lines: one row per (uid, scenario, line): a line with its region and its rate's key in that scenario.
-- in:  cost_lines, rates (tables), inventory, sizing (views), scenario_rules, graviton_siblings, managed_databases (registered), $target_region (null: each
--      resource stays in its region), $profile (whose sizes are taken)
-- out: rate_key, region; note: what the scenario changed
with sizes as (
    select
        l.*,
        i.region as home,
        z.target_type,
        coalesce(
            z.arm_type,
            case when g.arm is not null then regexp_replace(l.size, '((^|\.)' || g.x86 || ')\.', '\2' || g.arm || '.') end
        ) as arm_size
    from cost_lines as l
    inner join inventory as i on l.uid = i.uid
    left join sizing as z on l.uid = z.uid and z.profile = $profile and z.verdict in ('keep', 'smaller', 'larger')
    left join graviton_siblings as g on regexp_extract(l.size, '(?:^|\.)([a-z0-9-]+)\.[a-z0-9]+$', 1) = g.x86
),

placed as (
    select
        s.*,
        r.scenario,
        r.sizes,
        r.moves and $target_region is not null as moved,
        case when r.moves and $target_region is not null and s.home <> 'global' then $target_region else s.home end as region
    from sizes as s
    inner join scenario_rules as r on s.variant = 'always' or s.variant = r.variant
),

known as (
    select distinct
        region,
        rate_key
    from rates
    where term = 'on_demand'
),

sized as (
    select
        p.*,
        case
            when p.sizes = 'rightsized' and p.target_type <> p.size then p.target_type
            when p.sizes = 'graviton' and a.rate_key is not null then p.arm_size
            else p.size
        end as chosen,
        -- What was between two regions is between zones once both have moved.
        case
            when m.key is not null then m.key
            when p.moved and p.key like 'transfer:inter-region:%' then 'transfer:inter-az'
            else p.key
        end as new_key
    from placed as p
    left join managed_databases as m on p.sizes = 'graviton' and p.line = 'compute' and p.uid = m.uid
    left join known as a
        on
            p.sizes = 'graviton'
            and (p.key like '%:linux' or p.key not like 'ec2:%')
            and p.region = a.region
            and a.rate_key = replace(p.key, '{size}', p.arm_size)
)

select
    uid,
    scenario,
    line,
    region,
    replace(new_key, '{size}', coalesce(chosen, '')) as rate_key,
    quantity,
    coalesce(low, quantity) as low,
    coalesce(high, quantity) as high,
    evidence,
    nullif(concat_ws(
        '; ',
        assumption,
        case when new_key like 'rds:%' and key like 'ec2:%' then 'a managed database, as the estate file says; its volumes are counted as they are' end,
        case when chosen <> size and new_key = key then size || ' becomes ' || chosen end,
        case when new_key <> key and key like 'transfer:%' then 'both ends move to one region' end
    ), '') as assumption,
    unknown
from sized
