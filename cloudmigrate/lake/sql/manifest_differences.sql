-- manifest_differences: every version that is not seen to be the same in both buckets.
-- grain: one row per key and version
-- in:  manifest_verdicts (view)
-- out: key, version_id (source; none where only the target has it), target_version_id, verdict, detail
select
    key,
    version_id,
    target_version_id,
    verdict,
    detail
from manifest_verdicts
where verdict <> 'same'
order by verdict, key, version_id, target_version_id
