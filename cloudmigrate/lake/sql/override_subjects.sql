-- override_subjects: what is recommended for some resources, before a person decides otherwise.
-- grain: one row per resource of $uids that can migrate
-- in:  $uids, $types (types that can migrate); inventory, recommendations (views)
-- out: recommended (null where nothing was recommended yet)
select
    i.uid,
    i.name,
    r.recommended
from inventory as i
left join recommendations as r on r.level = 'resource' and i.uid = r.uid
where list_contains($uids, i.uid) and list_contains($types, i.type)
order by i.uid
