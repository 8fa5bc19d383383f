-- interface_logs: what was logged of each interface at all: the ground on which "not seen" can mean something.
-- grain: one row per (day, interface)
-- in:  summed, interfaces (interface_names), attributes (interface_attributes), idle (one row per record without traffic: interface_id,
--      day, status NODATA or SKIPDATA, hours: bit n for UTC hour n, span_s)
-- out: day (since 1970), the columns of the dataset interface_logs
with carried as (
    select
        interface,
        day,
        sum(flows)::bigint as records,
        bit_or(hours) as hours,
        max(span_s) as span_s
    from summed
    group by interface, day
),

logged as (
    select
        i.interface_id,
        c.* exclude (interface),
        a.vpc_id,
        a.subnet_id,
        a.hint as owner_hint,
        0 as nodata_records,
        0 as skipdata_records,
        0 as skipped_hours
    from carried as c
    inner join interfaces as i on c.interface = i.number and i.number > 0
    left join attributes as a on c.interface = a.interface
    union all by name
    select
        interface_id,
        day,
        1 as records,
        if(status = 'NODATA', hours, 0) as hours,
        span_s,
        if(status = 'NODATA', 1, 0) as nodata_records,
        if(status = 'SKIPDATA', 1, 0) as skipdata_records,
        if(status = 'SKIPDATA', hours, 0) as skipped_hours
    from idle
)

select
    day,
    interface_id,
    sum(records)::bigint as records,
    sum(nodata_records)::bigint as nodata_records,
    sum(skipdata_records)::bigint as skipdata_records,
    -- AWS gathers for at most 60 or 600 seconds (Amazon VPC User Guide, "Aggregation interval").
    if(max(span_s) <= 60, 60, 600) as aggregation_s,
    bit_or(hours) as hours,
    bit_or(skipped_hours) as skipped_hours,
    any_value(vpc_id) as vpc_id,
    any_value(subnet_id) as subnet_id,
    any_value(owner_hint) as owner_hint
from logged
group by interface_id, day
order by day, interface_id
