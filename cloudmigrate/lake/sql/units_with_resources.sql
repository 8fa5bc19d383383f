-- units_with_resources: where the snapshot holds resources.
-- grain: one row per (account, region)
select
    account_id,
    region,
    count(*) as resources
from inventory
group by account_id, region
order by account_id, region
