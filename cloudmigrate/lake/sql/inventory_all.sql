-- inventory_all: every resource of the snapshot, in the order of its uid.
-- grain: one row per resource
-- out: the columns of inventory
select
    snapshot,
    uid,
    provider,
    account_id,
    region,
    type,
    name,
    state,
    tags,
    spec,
    stateful,
    storage_bytes,
    private_ips,
    created_at
from inventory
order by uid
