-- quality_relations_groups: one row per (kind, both ends known or not), with the worst values of its relations;
-- the columns of quality_relations, for snapshots too large to be checked row by row.
-- in:  relations, inventory (views)
-- out: source_uid, target_uid (one of them), kind, copies (most rows with one key), source_known, target_known (in the inventory)
with keys as (
    select
        r.source_uid,
        r.target_uid,
        r.kind,
        count(*) as copies
    from relations as r
    group by r.source_uid, r.target_uid, r.kind
),

resolved as (
    select
        k.source_uid,
        k.target_uid,
        k.kind,
        k.copies,
        k.source_uid in (select i.uid from inventory as i) as source_known,
        k.target_uid in (select i.uid from inventory as i) as target_known
    from keys as k
)

select
    min(source_uid) as source_uid,
    min(target_uid) as target_uid,
    kind,
    max(copies) as copies,
    source_known,
    target_known
from resolved
group by kind, source_known, target_known
order by kind, source_known, target_known
