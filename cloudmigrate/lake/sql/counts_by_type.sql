-- counts_by_type: how many resources the snapshot holds of each type.
-- grain: one row per type that was found
select
    type,
    count(*) as resources
from inventory
group by type
order by type
