-- interface_logs: what was logged of each interface at all: the ground on which "not seen" can mean something.
-- grain: one row per (day, interface)
-- in:  summed (conversation_sums), carried (settled_rows.CARRIED: what is not in summed), interfaces (interface_names), attributes
--      (interface_attributes), idle (one row per record without traffic: interface_id, day, status NODATA or SKIPDATA, hours: bit n for UTC
--      hour n, span_s)
-- out: day (since 1970), the columns of the dataset interface_logs, but interface as a number
with talked as (
    select
        interface,
        (facts >> 43)::integer as day,
        sum(flows)::bigint as records,
        bit_or(hours) as hours,
        max(span_s) as span_s
    from summed
    group by all
    union all
    from carried
),

logged as (
    select
        c.*,
        a.vpc_id,
        a.subnet_id,
        a.hint as owner_hint,
        0 as nodata_records,
        0 as skipdata_records,
        0 as skipped_hours
    from talked as c
    left join attributes as a on c.interface = a.interface
    where c.interface > 0
    union all by name
    select
        n.number as interface,
        i.day,
        count(*) as records,
        bit_or(if(i.status = 'NODATA', i.hours, 0)) as hours,
        max(i.span_s) as span_s,
        count(*) filter (where i.status = 'NODATA') as nodata_records,
        count(*) filter (where i.status = 'SKIPDATA') as skipdata_records,
        bit_or(if(i.status = 'SKIPDATA', i.hours, 0)) as skipped_hours
    from idle as i
    inner join interfaces as n on i.interface_id = n.interface_id
    group by n.number, i.day
)

select
    day,
    interface,
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
group by interface, day
order by day, interface
