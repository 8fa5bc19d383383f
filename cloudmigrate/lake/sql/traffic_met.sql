-- traffic_met: every address that took part in a conversation.
-- grain: one row per (VPC of the recording interface, address, day)
-- in:  located (traffic_located)
-- out: first_at, last_at (of its records that day), aws_service (name, where the format says)
select
    vpc,
    address,
    day,
    min(first_at) as first_at,
    max(last_at) as last_at,
    max(aws_service) as aws_service
from (
    select
        vpc,
        unnest([client, server]) as address,
        day,
        first_at,
        last_at,
        aws_service
    from located
) as sides
group by vpc, address, day
