-- flow_log_gaps: whether flow logs were looked for, what of them could not be read at the last attempt, and what counts all the same.
-- grain: one row
-- in:  flow_log_sources
-- out: places (where flow logs were looked for), gaps (places that could not be read wholly), attempted_at (when),
--      known (gaps that were read in full before, and of which records count), known_until (of these, the earliest instant)
select
    count(*) as places,
    count(*) filter (where status not in ('ok', 'empty')) as gaps,
    max(attempted_at) as attempted_at,
    count(*) filter (where status = 'partial' and read_at is not null) as known,
    min(read_at) filter (where status = 'partial') as known_until
from flow_log_sources
