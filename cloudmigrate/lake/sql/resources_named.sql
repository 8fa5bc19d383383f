-- resources_named: the resources that a person may mean by these names: an ARN or its end, a resource's name, a workload's.
-- grain: one row per resource
-- in:  $names
select
    i.uid,
    i.name,
    w.workload
from inventory as i
left join workloads as w on i.uid = w.uid
where
    list_contains($names, i.uid)
    or list_contains($names, i.name)
    or list_contains($names, w.workload)
    or list_contains($names, regexp_extract(i.uid, '([^:/]+)[:/]*$', 1))
order by i.uid
