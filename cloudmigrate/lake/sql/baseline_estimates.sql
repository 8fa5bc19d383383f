-- baseline_estimates: one row per service: what our lines of the present estate come to in a month at on-demand prices.
-- in:  costs (view), bill_services (registered: prefix of a rate key, service)
-- out: monthly_usd (of the lines that are known), lines, unknown (how many are not), unpriced (of these: used, and without a price)
with lines as (
    select unnest(cast(components as json[])) as line
    from costs
    where scenario = 'as_is' and term = 'on_demand'
),

told as (
    select
        split_part(line ->> '$.rate_key', ':', 1) as prefix,
        cast(line ->> '$.monthly_usd' as decimal(38, 10)) as monthly_usd,
        cast(line ->> '$.quantity' as decimal(20, 6)) as quantity
    from lines
)

select
    s.service,
    cast(coalesce(sum(t.monthly_usd), 0) as decimal(38, 10)) as monthly_usd,
    count(*) as lines,
    count(*) filter (where t.monthly_usd is null) as unknown,
    count(*) filter (where t.monthly_usd is null and t.quantity > 0) as unpriced
from told as t
inner join bill_services as s on t.prefix = s.prefix
group by s.service
order by s.service
