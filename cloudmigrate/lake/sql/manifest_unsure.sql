-- manifest_unsure: pairs whose entity tags differ and may differ for the same content: parts, or encryption by a key.
-- grain: one row per key and version
-- in:  manifest_verdicts (view)
-- out: key, version_id (source), target_version_id
select
    key,
    version_id,
    target_version_id
from manifest_verdicts
where verdict = 'size_only' or detail = 'content'
