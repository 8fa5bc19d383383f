-- artifact_recommendations: what is recommended, what needs a look first: open questions, then overrides, then the least sure.
-- grain: one row per workload or resource
-- out: reason (the first); confidence in percent
select
    coalesce(i.name, r.uid) as name,
    r.strategy,
    round(100 * r.confidence)::int as confidence_pct,
    r.reasons ->> 0 as reason,
    r.open_question,
    r.pattern,
    r.runner_up,
    r.recommended,
    r.level,
    r.workload,
    i.type,
    r.uid
from recommendations as r
left join inventory as i on r.level = 'resource' and r.uid = i.uid
order by
    r.open_question is null,
    r.override is null,
    r.level desc,
    r.confidence asc,
    r.uid asc
