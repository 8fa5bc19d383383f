-- quality_inventory: one row per resource, with what the data checks ask.
-- in:  inventory (view), $latest_at (instant: anything later is in the future)
-- out: uid, provider, account_id, region, type, storage_bytes (bytes), copies (count of rows with this uid),
--      created_ahead_s (seconds after $latest_at; negative: before; null: unknown)
select
    uid,
    provider,
    account_id,
    region,
    type,
    storage_bytes,
    count(*) over (partition by uid) as copies,
    epoch(created_at) - epoch($latest_at::timestamptz) as created_ahead_s
from inventory
