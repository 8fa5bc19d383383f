-- readiness_relations: one row per statement of configuration.
-- in:  relations (view)
-- out: source_uid, target_uid, kind
select
    source_uid,
    target_uid,
    kind
from relations
order by source_uid, kind, target_uid
