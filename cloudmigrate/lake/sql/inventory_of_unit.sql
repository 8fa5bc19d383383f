-- inventory_of_unit: the resources of one account and region, as metric collection needs them (no tags, no addresses).
-- grain: one row per resource
-- in: $account_id, $region
select
    uid,
    provider,
    account_id,
    region,
    type,
    name,
    state,
    spec,
    stateful,
    storage_bytes,
    created_at
from inventory
where account_id = $account_id and region = $region
order by uid
