-- flow_log_coverage: what was logged of each interface, day by day.
-- grain: one row per (interface, day)
-- in:  interface_logs (view), holders (interface_id, vpc_id, holder_uid), refused_batches, refused_interfaces (one column each: what came
--      from, or is covered by, flow logs of rejected traffic alone)
-- out: the columns of the dataset flow_log_coverage; hours in which only rejected traffic could have been logged are no logged hours
with days as (
    select
        interface_id,
        day,
        any_value(account_id) as account_id,
        any_value(region) as region,
        sum(records)::bigint as records,
        sum(nodata_records)::bigint as nodata_records,
        sum(skipdata_records)::bigint as skipdata_records,
        bit_or(if(batch in (from refused_batches) or interface_id in (from refused_interfaces), 0, hours)) as hours,
        bit_or(skipped_hours) as skipped,
        max(aggregation_s) as aggregation_s,
        any_value(vpc_id) as vpc_id
    from interface_logs
    group by interface_id, day
)

select
    d.interface_id,
    d.day,
    d.account_id,
    d.region,
    d.records,
    d.nodata_records,
    d.skipdata_records,
    bit_count(d.hours)::integer as logged_hours,
    bit_count(d.skipped)::integer as skipped_hours,
    d.hours = 16777215 and d.skipped = 0 as fully_logged,
    d.aggregation_s,
    h.holder_uid as uid,
    coalesce(h.vpc_id, d.vpc_id) as vpc_id
from days as d
left join holders as h on d.interface_id = h.interface_id
