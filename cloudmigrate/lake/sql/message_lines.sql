-- message_lines: one row per (queue or topic, what is billed of it): requests and deliveries in a month.
-- in:  inventory (view), monthly_use (table)
-- out: a line (see lake/costs.py); a request is up to 64 KB, and larger messages count as several, which no metric tells
with queues as (
    select
        i.uid,
        case when (i.spec ->> '$.FifoQueue') = 'true' then 'fifo' else 'standard' end as kind,
        u.counted,
        u.filled
    from inventory as i
    left join monthly_use as u on i.uid = u.uid and u.metric = 'NumberOfMessagesSent'
    where i.type = 'AWS::SQS::Queue'
),

topics as (
    select
        i.uid,
        (i.spec ->> '$.FifoTopic') = 'true' as fifo,
        cast(i.spec -> '$.Subscriptions' as json[]) as subscriptions,
        u.counted,
        u.filled
    from inventory as i
    left join monthly_use as u on i.uid = u.uid and u.metric = 'NumberOfMessagesPublished'
    where i.type = 'AWS::SNS::Topic'
),

subscribed as (
    select
        uid,
        counted,
        filled,
        unnest(subscriptions) ->> '$.Protocol' as protocol
    from topics
    where not coalesce(fifo, false)
),

-- Deliveries to queues and functions cost nothing (Amazon SNS pricing).
deliveries as (
    select
        uid,
        case
            when protocol in ('http', 'https') then 'http'
            when protocol in ('email', 'email-json') then 'email'
            else protocol
        end as way,
        count(*) as subscriptions,
        any_value(counted) as counted,
        any_value(filled) as filled
    from subscribed
    where protocol not in ('sqs', 'lambda')
    group by all
)

select
    uid,
    'requests' as line,
    'always' as variant,
    'sqs:' || kind as key,
    cast(counted * 3 as decimal(20, 6)) as quantity,
    cast(counted * 0.3 as decimal(20, 6)) as low,
    cast(filled * 3 as decimal(20, 6)) as high,
    'assumed' as evidence,
    'each message is sent, received and deleted by a request of its own, at best ten by one; polls that find nothing are not counted'
        as assumption,
    case when counted is null then 'messages were not measured (NumberOfMessagesSent)' end as unknown
from queues
union all by name
select
    uid,
    'requests' as line,
    'always' as variant,
    'sns:requests' as key,
    cast(counted as decimal(20, 6)) as quantity,
    cast(filled as decimal(20, 6)) as high,
    'measured' as evidence,
    case
        when fifo then 'FIFO topics have no rule yet'
        when counted is null then 'messages were not measured (NumberOfMessagesPublished)'
    end as unknown
from topics
union all by name
select
    uid,
    'deliveries ' || way as line,
    'always' as variant,
    'sns:' || way as key,
    cast(counted * subscriptions as decimal(20, 6)) as quantity,
    cast(0 as decimal(20, 6)) as low,
    cast(filled * subscriptions as decimal(20, 6)) as high,
    'assumed' as evidence,
    'every message goes to each of ' || subscriptions || ' subscriptions once: filters and repeats are not told' as assumption,
    case
        when way not in ('http', 'email', 'firehose') then 'deliveries by ' || way || ' have no rule yet'
        when counted is null then 'messages were not measured (NumberOfMessagesPublished)'
    end as unknown
from deliveries
