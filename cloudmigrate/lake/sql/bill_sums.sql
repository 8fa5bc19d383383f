-- bill_sums: one row per (account, service, category, billing period, currency) of a bill: what AWS charged.
-- in:  charges (view: one text column per role, see lake/bills.py)
-- out: amount (decimal, summed at 18 places), covered_from and covered_to (out): days of the period with charges of any service;
--      broken: charges whose amount or time cannot be read
with told as (
    select
        coalesce(account, '') as account_id,
        coalesce(service, 'unknown') as service,
        coalesce(category, 'Usage') as category,
        coalesce(currency, 'USD') as currency,
        period,
        try_cast(amount as decimal(38, 18)) as amount,
        -- Of other years there is no bill, and no day either that every calendar has.
        case when year(try_cast(charged_from as timestamp)) between 2006 and 2999 then try_cast(charged_from as timestamp) end as charged_from,
        case when year(try_cast(charged_to as timestamp)) between 2006 and 2999 then try_cast(charged_to as timestamp) end as charged_to
    from charges
    where provider is null or provider in ('AWS', 'Amazon Web Services', 'Amazon Web Services, Inc.')
),

periods as (
    select
        period,
        cast(min(charged_from) as date) as covered_from,
        cast(max(charged_to) - interval 1 microsecond as date) + 1 as covered_to
    from told
    group by period
)

select
    t.account_id,
    t.service,
    t.category,
    t.currency,
    p.covered_from,
    p.covered_to,
    cast(coalesce(sum(t.amount), 0) as decimal(38, 10)) as amount,
    count(*) filter (where t.amount is null or t.charged_from is null or t.charged_to is null) as broken
from told as t
inner join periods as p on t.period is not distinct from p.period
group by t.account_id, t.service, t.category, t.currency, p.covered_from, p.covered_to
order by t.account_id, t.service, t.category, p.covered_from
