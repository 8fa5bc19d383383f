-- traffic_refused: what the client was let send and the server's side refused: it never arrived.
-- grain: one row per (source, target, service, day) of which what the ends logged counts as rejected
-- in:  sided (traffic_sided)
-- That is where on a day the server's interfaces logged nothing but refusals and the client got no packet back.
with unanswered as (
    select
        source,
        target,
        service,
        day
    from sided
    where seen & 458752 = 65536 and service & 1 = 0
)

select u.*
from unanswered as u
semi join sided as s
    on
        u.source = s.source
        and u.target = s.target
        and u.service = if(s.seen & 131072 <> 0 and s.service & 1 = 1, s.service - 1, null)
        and u.day = s.day
