-- artifact_dependencies: how many dependencies of which kind, and with what evidence.
-- grain: one row per kind
-- in:  dependencies
-- out: dependencies, pairs (distinct source and target), bytes, not_allowed (seen, but rules and routes do not let it through now),
--      allowed_unknown (seen, and nothing tells), outside (with an end that is no resource)
select
    kind,
    count(*) as dependencies,
    count(distinct row(source_uid, target_uid)) as pairs,
    least(sum(bytes), 9007199254740991)::bigint as bytes,
    count(*) filter (where not allowed) as not_allowed,
    count(*) filter (where observed and allowed is null) as allowed_unknown,
    count(*) filter (
        where starts_with(source_uid, 'external:') or starts_with(source_uid, 'unknown:')
        or starts_with(target_uid, 'external:') or starts_with(target_uid, 'unknown:')
    ) as outside
from dependencies
group by kind
order by kind
