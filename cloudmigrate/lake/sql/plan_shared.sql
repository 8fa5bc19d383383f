-- plan_shared: shared services that are held out of grouping and order.
-- grain: one row per resource
select
    uid,
    service
from shared_services
where held_out
order by uid
