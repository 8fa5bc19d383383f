-- quality_relations: one row per relation, with what the data checks ask.
-- in:  relations, inventory (views)
-- out: source_uid, target_uid, kind, copies (count of rows with this key), source_known, target_known (in the inventory)
select
    r.source_uid,
    r.target_uid,
    r.kind,
    count(*) over (partition by r.source_uid, r.target_uid, r.kind) as copies,
    r.source_uid in (select i.uid from inventory as i) as source_known,
    r.target_uid in (select i.uid from inventory as i) as target_known
from relations as r
