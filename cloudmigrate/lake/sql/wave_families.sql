-- wave_families: one row per (kind of reservation, region, family) that runs: the wave with which the last of it leaves.
-- in:  inventory, waves (views; one plan), term_costs (view), $scenario (of the target)
-- out: kind, region, family, wave; null where some of it is in no wave, or is retained, and so stays
with things as (
    select
        i.uid,
        i.region,
        case i.type
            when 'AWS::EC2::Instance' then 'reserved_instance'
            when 'AWS::RDS::DBInstance' then 'reserved_db_instance'
            else 'reserved_cache_node'
        end as kind,
        coalesce(i.spec ->> '$.InstanceType', i.spec ->> '$.DBInstanceClass', i.spec ->> '$.CacheNodeType') as size
    from inventory as i
    where i.type in ('AWS::EC2::Instance', 'AWS::RDS::DBInstance', 'AWS::ElastiCache::CacheCluster')
)

select
    t.kind,
    t.region,
    regexp_replace(t.size, '\.[a-z0-9]+$', '') as family,
    case when count(*) = count(w.wave) and count(k.uid) = 0 then max(w.wave) end as wave
from things as t
left join waves as w on t.uid = w.uid
left join term_costs as k on t.uid = k.uid and k.scenario = $scenario and k.term = 'on_demand' and k.strategy = 'retain'
group by t.kind, t.region, regexp_replace(t.size, '\.[a-z0-9]+$', '')
order by all
