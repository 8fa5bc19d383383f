-- relations_all: every statement of configuration in the snapshot.
-- grain: one row per (source, target, kind)
-- out: source_uid needs target_uid
select
    source_uid,
    target_uid,
    kind
from relations
order by source_uid, target_uid, kind
