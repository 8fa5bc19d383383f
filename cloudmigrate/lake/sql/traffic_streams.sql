-- traffic_streams: what two flow logs captured of the same interface: the records of one of them count.
-- grain: one row per (batch, interface, day, action) to leave out
-- in:  conversations (view), streams (batch, stream: which flow log a batch came from)
-- The one with records in most hours counts, then with most records. Another captured the same traffic where the times of both overlap by
-- half of the shorter time or more; less is a flow log that took over from another.
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
),

ranked as (
    select
        *,
        first_value(stream) over best as best_stream,
        first_value(first_s) over best as best_first_s,
        first_value(last_s) over best as best_last_s
    from heard
    window best as (partition by interface_id, day, action order by hours desc, flows desc, stream asc)
)

select
    s.batch,
    r.interface_id,
    r.day,
    r.action
from ranked as r
inner join streams as s on r.stream = s.stream
where
    r.stream <> r.best_stream
    and least(r.last_s, r.best_last_s) - greatest(r.first_s, r.best_first_s)
    >= 0.5 * least(r.last_s - r.first_s, r.best_last_s - r.best_first_s)
