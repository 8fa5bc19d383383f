-- workload_links: how much two resources have to do with one another, whichever needs the other.
-- grain: one row per unordered pair of resources with a dependency between them
-- in:  dependencies
-- out: one_uid, other_uid (one before other), weight: for what was seen, confidence times the bytes' order of magnitude (log10), summed over
--      ports and directions, so that a backup of terabytes weighs a few times a query of kilobytes, not a billion times; a statement of
--      configuration weighs like a megabyte
with pairs as (
    select
        least(source_uid, target_uid) as one_uid,
        greatest(source_uid, target_uid) as other_uid,
        if(observed, confidence * log10(10 + bytes), 0) as seen,
        if(configured, 6, 0) as stated
    from dependencies
    where
        not starts_with(source_uid, 'external:') and not starts_with(source_uid, 'unknown:')
        and not starts_with(target_uid, 'external:') and not starts_with(target_uid, 'unknown:')
)

select
    one_uid,
    other_uid,
    sum(seen) + max(stated) as weight
from pairs
group by one_uid, other_uid
order by one_uid, other_uid
