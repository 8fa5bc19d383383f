-- resources_of_types: the snapshot's resources of some types.
-- grain: one row per resource
-- in:  $types (list of CloudFormation types)
-- out: the columns of inventory that a Resource has
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
    private_ips,
    created_at
from inventory
where list_contains($types, type)
order by uid
