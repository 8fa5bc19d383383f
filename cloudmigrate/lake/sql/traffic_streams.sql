-- traffic_streams: what two flow logs captured of the same interface: the records of one of them count.
-- grain: one row per (stream, interface, day, action) to leave out
-- in:  conversations (view), streams (batch, stream: which flow log a batch came from)
-- Two flow logs captured the same traffic where the times of their records overlap by half of the shorter time or more; less is one flow
-- log that took over from another. Of two the one with more hours counts, then with more records.
with heard as (
    select
        s.stream,
        c.interface_id,
        c.day,
        c.action,
        epoch(min(c.first_at)) as first_s,
        epoch(max(c.last_at)) as last_s,
        bit_count(bit_or(c.hours)) as hours,
        sum(c.flows) as flows
    from conversations as c
    inner join streams as s on c.batch = s.batch
    where c.interface_id <> ''
    group by s.stream, c.interface_id, c.day, c.action
)

select distinct
    o.stream,
    o.interface_id,
    o.day,
    o.action
from heard as o
inner join heard as b
    on
        o.interface_id = b.interface_id
        and o.day = b.day
        and o.action = b.action
        and o.stream <> b.stream
        and (b.hours, b.flows, o.stream) > (o.hours, o.flows, b.stream)
where least(o.last_s, b.last_s) - greatest(o.first_s, b.first_s) >= 0.5 * least(o.last_s - o.first_s, b.last_s - b.first_s)
