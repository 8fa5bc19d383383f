-- wave_resources: everything of a snapshot that a wave's steps are made from.
-- grain: one row per resource: members of the wave, and all of the types that members bear or hold
-- in:  inventory (view), $uids (members), $types (types)
-- out: the columns of inventory but the snapshot and what was observed when
select
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
    private_ips
from inventory
where list_contains($uids, uid) or list_contains($types, type)
order by uid
