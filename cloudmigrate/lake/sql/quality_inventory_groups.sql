-- quality_inventory_groups: one row per (provider, account, region, type), with the worst values of its resources;
-- the columns of quality_inventory, for snapshots too large to be checked row by row.
-- in:  inventory (view), $latest_at (instant: anything later is in the future)
-- out: uid (one of them; null if any is null), provider, account_id, region, type, storage_bytes (least, bytes),
--      copies (most rows with one uid), created_ahead_s (most seconds after $latest_at)
with uids as (
    select
        uid,
        provider,
        account_id,
        region,
        type,
        min(storage_bytes) as storage_bytes,
        max(created_at) as created_at,
        count(*) as copies
    from inventory
    group by uid, provider, account_id, region, type
)

select
    case when count(uid) = count(*) then min(uid) end as uid,
    provider,
    account_id,
    region,
    type,
    min(storage_bytes) as storage_bytes,
    max(copies) as copies,
    epoch(max(created_at)) - epoch($latest_at::timestamptz) as created_ahead_s
from uids
group by provider, account_id, region, type
order by provider, account_id, region, type
