-- manifest_held: versions that both buckets hold, in pairs.
-- grain: one row per key and version
-- in:  manifest_verdicts (view)
-- out: key, version_id (source), target_version_id
select
    key,
    version_id,
    target_version_id
from manifest_verdicts
where verdict in ('same', 'size_only', 'different')
