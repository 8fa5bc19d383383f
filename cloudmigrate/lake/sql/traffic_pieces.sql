-- traffic_pieces: conversations, those cut by the hour of which an end changed hands on that day.
-- grain: one row per (row of located, hour of the day where it is cut)
-- in:  located (traffic_located), ends (traffic_ends)
-- out: the columns of located, and at: the instant that tells whose address it was, which is the first record or the hour's beginning
-- Of what is summed over a day only the hours are known: each hour with traffic gets an equal share of it.
with contested as (
    select distinct
        vpc,
        address,
        day
    from ends
    where not is_whole
),

flagged as (
    select
        l.*,
        if(
            c.day is null and s.day is null,
            [null],
            list_filter(range(24), lambda h: (l.hours & (1 << h::integer)) <> 0)
        ) as cut
    from located as l
    left join contested as c on l.vpc = c.vpc and l.client = c.address and l.day = c.day
    left join contested as s on l.vpc = s.vpc and l.server = s.address and l.day = s.day
),

numbered as (
    select
        *,
        unnest(cut) as hour,
        generate_subscripts(cut, 1) as n,
        len(cut) as pieces
    from flagged
)

select
    * exclude (cut, hour, n, pieces)
    replace (
        -- of integers: the shares add up to the whole
        to_server_bytes * n // pieces - to_server_bytes * (n - 1) // pieces as to_server_bytes,
        to_client_bytes * n // pieces - to_client_bytes * (n - 1) // pieces as to_client_bytes,
        to_server_packets * n // pieces - to_server_packets * (n - 1) // pieces as to_server_packets,
        to_client_packets * n // pieces - to_client_packets * (n - 1) // pieces as to_client_packets,
        flows * n // pieces - flows * (n - 1) // pieces as flows,
        coalesce(greatest(first_at, day::timestamptz + to_hours(hour)), first_at) as first_at,
        coalesce(least(last_at, day::timestamptz + to_hours(hour + 1)), last_at) as last_at,
        coalesce(1 << hour::integer, hours) as hours
    ),
    coalesce(greatest(first_at, day::timestamptz + to_hours(hour)), first_at) as at
from numbered
