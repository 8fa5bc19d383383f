-- recommendation_features: what every dataset tells of each resource that bears on its strategy, for the whole estate at once.
-- grain: one row per resource of $types
-- in:  inventory, relations, dependencies, observation, shared_services, workloads, patterns, sizing, costs, metric_coverage
--      (views; empty where they were never made), $types (types that can migrate), $stated (kinds of relations that state a need or a
--      part), $parts (kinds whose source is a part of its target and speaks for it), $ports (on which self-managed products answer),
--      $profile (whose sizes are taken), $surely (confidence from which an answering port counts, 0..1)
-- out: callers (others that need it, each once, by accepted traffic or configuration), named_callers (three of them), port (answering,
--      with most callers), logged_days (fully; of a whole without an interface the fewest of its parts), shared, use_samples (data points of
--      any metric), use_asked (whether all its metrics were asked for and answered, if only with nothing), monthly costs on demand in
--      dollars by scenario (struct: usd, low_usd, high_usd, is_whole)
with needed as (
    select
        target_uid as uid,
        source_uid as other
    from dependencies
    union
    select
        target_uid as uid,
        source_uid as other
    from relations
    where list_contains($stated, kind)
),

callers as (
    select
        uid,
        count(*) as callers,
        min(other, 3) as named_callers
    from needed
    where uid <> other
    group by uid
),

answering as (
    select
        target_uid as uid,
        port,
        count(distinct source_uid) as callers
    from dependencies
    where observed and confidence >= $surely and list_contains($ports, port)
    group by target_uid, port
),

ports as (
    select
        uid,
        max_by(port, callers * 65536 - port) as port
    from answering
    group by uid
),

wholes as (
    select
        r.target_uid as uid,
        min(coalesce(o.fully_logged_days, 0)) as fully_logged_days
    from relations as r
    left join observation as o on r.source_uid = o.uid
    where list_contains($parts, r.kind)
    group by r.target_uid
),

measured as (
    select
        uid,
        sum(points) as use_samples,
        bool_and(status in ('ok', 'no_data')) as use_asked
    from metric_coverage
    group by uid
),

priced as (
    select
        uid,
        scenario,
        struct_pack(
            usd := monthly_cost_usd,
            low_usd := coalesce(low_usd, monthly_cost_usd),
            high_usd := coalesce(high_usd, monthly_cost_usd),
            is_whole := status = 'priced'
        ) as cost
    from costs
    where term = 'on_demand' and monthly_cost_usd is not null
),

costs_of as (
    select
        uid,
        any_value(cost) filter (where scenario = 'as_is') as as_is,
        any_value(cost) filter (where scenario = 'rehost') as rehost,
        any_value(cost) filter (where scenario = 'rehost_rightsized') as rehost_rightsized,
        any_value(cost) filter (where scenario = 'replatform') as replatform
    from priced
    group by uid
)

select
    i.uid,
    i.type,
    i.account_id,
    i.region,
    i.tags,
    i.spec,
    i.stateful,
    w.workload,
    p.pattern,
    p.reason as pattern_reason,
    p.hours,
    p.network_hours,
    p.connection_hours,
    p.peak_pct,
    p.peak_measured,
    p.network_mb_a_day_max,
    p.connections_max,
    p.duty_cycle,
    c.named_callers,
    a.port,
    s.held_out as shared,
    m.use_samples,
    m.use_asked,
    z.verdict as sizing,
    z.current_type,
    z.target_type,
    k.as_is,
    k.rehost,
    k.rehost_rightsized,
    k.replatform,
    coalesce(c.callers, 0) as callers,
    coalesce(o.fully_logged_days, h.fully_logged_days) as logged_days
from inventory as i
left join workloads as w on i.uid = w.uid
left join patterns as p on i.uid = p.uid
left join callers as c on i.uid = c.uid
left join ports as a on i.uid = a.uid
left join observation as o on i.uid = o.uid
left join wholes as h on i.uid = h.uid
left join shared_services as s on i.uid = s.uid
left join measured as m on i.uid = m.uid
left join sizing as z on i.uid = z.uid and z.profile = $profile
left join costs_of as k on i.uid = k.uid
where list_contains($types, i.type)
order by i.uid
