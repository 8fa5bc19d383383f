-- traffic: who talked to whom over the whole window.
-- grain: one row per (source, target, protocol, port, action)
-- in:  traffic_by_day (traffic_days), covered (flow_log_coverage), rules (direction, strength, confidence),
--      resolutions (resolution, weakness, confidence)
-- out: the columns of the dataset traffic
-- Periodicity, from days and hours with traffic: once (one day); continuous or, where at most 4 records come in an hour, hourly (four
-- fifths of all hours between the first and the last day); daily (four fifths of those days, three at least); weekly (always the same
-- weekday, over more than a week); month_end (only last three or first days of months, of two months at least); else irregular.
with totals as (
    select
        source_uid,
        target_uid,
        protocol,
        port,
        action,
        sum(bytes)::bigint as bytes,
        sum(packets)::bigint as packets,
        sum(flows)::bigint as flows,
        min(first_at) as first_seen,
        max(last_at) as last_seen,
        sum(bit_count(hours))::integer as active_hours,
        count(*)::integer as days_seen,
        max(day) - min(day) + 1 as span_days,
        count(distinct isodow(day)) as weekdays,
        bool_and(day(day) = 1 or day(last_day(day)) - day(day) <= 2) as at_month_ends,
        count(distinct date_trunc('month', day - interval 1 day)) as months,
        min(strength) as strength,
        max(weakness) as weakness
    from traffic_by_day
    group by source_uid, target_uid, protocol, port, action
),

logged as (
    select
        uid,
        count(distinct day) filter (where fully_logged) as days_logged,
        sum(skipped_hours) as skipped_hours,
        sum(logged_hours) as logged_hours,
        max(aggregation_s) as aggregation_s
    from covered
    where uid is not null
    group by uid
)

select
    t.source_uid,
    t.target_uid,
    t.protocol,
    t.port,
    t.action,
    t.bytes,
    t.packets,
    t.flows,
    t.first_seen,
    t.last_seen,
    t.active_hours,
    t.days_seen,
    r.confidence * o.confidence as confidence,
    r.direction,
    o.resolution,
    case
        when t.days_seen = 1 then 'once'
        when t.active_hours >= 0.8 * 24 * t.span_days then if(t.flows <= 4 * t.active_hours, 'hourly', 'continuous')
        when t.days_seen >= 3 and t.days_seen >= 0.8 * t.span_days then 'daily'
        when t.weekdays = 1 and t.span_days > 7 then 'weekly'
        when t.at_month_ends and t.months >= 2 then 'month_end'
        else 'irregular'
    end as periodicity,
    greatest(coalesce(ls.days_logged, 0), coalesce(lt.days_logged, 0))::integer as days_logged,
    coalesce(
        (coalesce(ls.skipped_hours, 0) + coalesce(lt.skipped_hours, 0))::double
        / nullif(
            coalesce(ls.skipped_hours, 0) + coalesce(lt.skipped_hours, 0) + coalesce(ls.logged_hours, 0) + coalesce(lt.logged_hours, 0), 0
        ),
        0
    ) as skipped_share,
    greatest(ls.aggregation_s, lt.aggregation_s)::integer as aggregation_s
from totals as t
inner join rules as r on t.strength = r.strength
inner join resolutions as o on t.weakness = o.weakness
left join logged as ls on t.source_uid = ls.uid
left join logged as lt on t.target_uid = lt.uid
