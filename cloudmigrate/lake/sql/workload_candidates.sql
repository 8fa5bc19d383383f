-- workload_candidates: what telling workloads needs to know of each resource.
-- grain: one row per resource
select
    uid,
    type,
    name,
    tags
from inventory
order by uid
