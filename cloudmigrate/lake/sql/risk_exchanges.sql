-- risk_exchanges: which resources of different workloads exchange, those with shared services that are held out of grouping left aside.
-- grain: one row per (source, target)
-- in:  dependencies, workloads, shared_services (views)
-- out: source_uid needs target_uid
with held_out as (
    select uid
    from shared_services
    where held_out
)

select distinct
    d.source_uid,
    d.target_uid
from dependencies as d
inner join workloads as a on d.source_uid = a.uid
inner join workloads as b on d.target_uid = b.uid and a.workload != b.workload
where
    d.source_uid not in (from held_out)
    and d.target_uid not in (from held_out)
order by d.source_uid, d.target_uid
