-- diff_inventory: one row per resource of the snapshot, as the comparison of two snapshots reads them.
-- in:  nothing but the view
-- out: the compared columns; tags and spec as JSON text, which costs a fraction of parsed objects; storage_bytes (bytes)
select
    uid,
    provider,
    account_id,
    region,
    type,
    name,
    state,
    to_json(tags)::varchar as tags,
    spec::varchar as spec,
    stateful,
    storage_bytes,
    private_ips,
    created_at
from inventory
