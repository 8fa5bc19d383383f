-- quality_all: every data check of the snapshot and what it found.
-- grain: one row per (dataset, check_name)
-- out: the columns of quality; checked_rows and failed_rows are counts, sample is JSON text
select
    dataset,
    check_name,
    severity,
    passed,
    checked_rows,
    failed_rows,
    sample,
    detail
from quality
order by dataset, check_name
