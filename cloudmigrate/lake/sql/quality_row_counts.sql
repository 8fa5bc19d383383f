-- quality_row_counts: one row per checked dataset of the snapshot; of metrics, an upper bound of its series.
-- in:  inventory, coverage, relations, metric_coverage (views)
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
union all
select
    'metrics' as dataset,
    count(*) as row_count
from metric_coverage
