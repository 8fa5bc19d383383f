-- plan_items: what planning needs to know of each resource.
-- grain: one row per resource
select
    uid,
    type
from inventory
order by uid
