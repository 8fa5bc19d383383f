-- plan_items: what planning needs to know of each resource.
-- grain: one row per resource
-- out: tags (JSON object); risk_level and workload are null where they were not assessed
select
    i.uid,
    i.type,
    i.name,
    i.tags,
    r.level as risk_level,
    w.workload
from inventory as i
left join risks as r on i.uid = r.uid
left join workloads as w on i.uid = w.uid
order by i.uid
