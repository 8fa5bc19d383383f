-- readiness_most_needed: one row per resource that others refer to, those that most refer to first.
-- in:  relations, inventory (views), $left_out (kinds that do not count), $at_most (rows)
-- out: uid, dependents (count of distinct sources)
select
    r.target_uid as uid,
    count(distinct r.source_uid) as dependents
from relations as r
semi join inventory as i on r.target_uid = i.uid
where not list_contains($left_out, r.kind)
group by r.target_uid
order by dependents desc, r.target_uid asc
limit $at_most
