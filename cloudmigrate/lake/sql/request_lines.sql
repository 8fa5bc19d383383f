-- request_lines: one row per (table or API, what is billed of it): requests or provisioned capacity, and storage.
-- in:  inventory (view), monthly_use (table), $hours (of a month)
-- out: a line (see lake/costs.py); indexes, streams, backups and caches of APIs are not told
with tables as (
    select
        i.uid,
        coalesce(i.spec ->> '$.BillingModeSummary.BillingMode', 'PROVISIONED') = 'PAY_PER_REQUEST' as by_request,
        try_cast(i.spec ->> '$.ProvisionedThroughput.ReadCapacityUnits' as double) as rcu,
        try_cast(i.spec ->> '$.ProvisionedThroughput.WriteCapacityUnits' as double) as wcu,
        try_cast(i.spec ->> '$.TableSizeBytes' as double) / 1073741824 as gb,
        r.counted as reads,
        r.filled as reads_high,
        w.counted as writes,
        w.filled as writes_high
    from inventory as i
    left join monthly_use as r on i.uid = r.uid and r.metric = 'ConsumedReadCapacityUnits'
    left join monthly_use as w on i.uid = w.uid and w.metric = 'ConsumedWriteCapacityUnits'
    where i.type = 'AWS::DynamoDB::Table'
),

ways as (
    select
        uid,
        by_request,
        'reads' as line,
        case when by_request then 'dynamodb:rru' else 'dynamodb:rcu' end as key,
        case when by_request then reads else rcu * $hours end as amount,
        case when by_request then reads_high else rcu * $hours end as high
    from tables
    union all
    select
        uid,
        by_request,
        'writes' as line,
        case when by_request then 'dynamodb:wru' else 'dynamodb:wcu' end as key,
        case when by_request then writes else wcu * $hours end as amount,
        case when by_request then writes_high else wcu * $hours end as high
    from tables
)

select
    uid,
    line,
    'always' as variant,
    key,
    cast(amount as decimal(20, 6)) as quantity,
    cast(high as decimal(20, 6)) as high,
    case when by_request then 'measured' else 'configured' end as evidence,
    case when amount is null then 'consumed capacity was not measured' end as unknown
from ways
union all by name
select
    uid,
    'storage' as line,
    'always' as variant,
    'dynamodb:storage' as key,
    cast(gb as decimal(20, 6)) as quantity,
    'configured' as evidence,
    case when gb is null then 'the API tells no size' end as unknown
from tables
union all by name
select
    i.uid,
    'requests' as line,
    'always' as variant,
    case when i.type = 'AWS::ApiGateway::RestApi' then 'apigw:rest' else 'apigw:http' end as key,
    cast(u.counted as decimal(20, 6)) as quantity,
    cast(u.filled as decimal(20, 6)) as high,
    'measured' as evidence,
    case
        when coalesce(i.spec ->> '$.ProtocolType', 'HTTP') = 'WEBSOCKET' then 'messages of WebSocket APIs have no rule yet'
        when u.counted is null then 'requests were not measured (Count)'
    end as unknown
from inventory as i
left join monthly_use as u
    on i.uid = u.uid and u.metric = 'Count' and coalesce(i.spec ->> '$.ProtocolType', 'HTTP') <> 'WEBSOCKET'
where i.type in ('AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api')
