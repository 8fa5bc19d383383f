-- readiness_kinds: one row per kind of relation.
-- in:  relations, inventory (views)
-- out: kind, relations, sources, targets, unresolved (counts; unresolved = target not in the inventory)
select
    r.kind,
    count(*) as relations,
    count(distinct r.source_uid) as sources,
    count(distinct r.target_uid) as targets,
    count(*) filter (where i.uid is null) as unresolved
from relations as r
left join inventory as i on r.target_uid = i.uid
group by r.kind
order by relations desc, r.kind asc
