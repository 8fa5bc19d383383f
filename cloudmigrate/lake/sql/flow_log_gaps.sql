-- flow_log_gaps: whether flow logs were looked for, and what of them could not be read.
-- grain: one row
-- in:  flow_log_sources
-- out: places (where flow logs were looked for), gaps (places that could not be read wholly)
select
    count(*) as places,
    count(*) filter (where status not in ('ok', 'empty')) as gaps
from flow_log_sources
