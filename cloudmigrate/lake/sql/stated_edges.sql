-- stated_edges: one row per (source, target) of the inventory that configuration binds or orders, for a snapshot whose dependencies
--      were not mapped.
-- in:  relations, inventory (views), $kinds (kinds of relation that bind or order a move)
-- out: source_uid, target_uid, statements (list of kinds)
select
    r.source_uid,
    r.target_uid,
    list(distinct r.kind order by r.kind) as statements
from relations as r
semi join inventory as a on r.source_uid = a.uid
semi join inventory as b on r.target_uid = b.uid
where list_contains($kinds, r.kind) and r.source_uid != r.target_uid
group by r.source_uid, r.target_uid
order by r.source_uid, r.target_uid
