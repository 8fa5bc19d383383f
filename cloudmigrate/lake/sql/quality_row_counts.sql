-- quality_row_counts: one row per checked dataset of the snapshot.
-- in:  inventory, coverage, relations (views)
-- out: dataset, row_count (count)
select
    'inventory' as dataset,
    count(*) as row_count
from inventory
union all
select
    'coverage' as dataset,
    count(*) as row_count
from coverage
union all
select
    'relations' as dataset,
    count(*) as row_count
from relations
