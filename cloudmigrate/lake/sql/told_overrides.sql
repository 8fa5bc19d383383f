-- told_overrides: one row per resource whose recommendation tells of a decision, or that is one of $uids: the decision as it was told.
-- in:  $uids; recommendations (view)
-- out: override (null where none was told)
select
    uid,
    override
from recommendations
where level = 'resource' and (override is not null or list_contains($uids, uid))
order by uid
