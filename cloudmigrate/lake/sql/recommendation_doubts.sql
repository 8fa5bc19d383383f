-- recommendation_doubts: what keeps each recommendation from being surer, and what would change it.
-- grain: one row per workload or resource
-- out: confidence_parts (JSON); change (the reason that says it, null of workloads); least_sure (of a workload, what its least sure member is called)
select
    r.level,
    r.uid,
    r.confidence_parts,
    r.runner_up,
    list_extract(
        list_filter(from_json(r.reasons, '["VARCHAR"]'), lambda reason: starts_with(reason, 'would change it: ')), -1
    ) as change,
    coalesce(i.name, r.confidence_parts ->> 'least_sure') as least_sure
from recommendations as r
left join inventory as i on r.confidence_parts ->> 'least_sure' = i.uid
