-- costs: one row per (uid, scenario, term) for a range of uids: what a resource costs in a month, with every line behind it.
-- in:  scenario_lines, rates, tiered_totals, spot_fits (tables); macro line_cost; $currency, $lease_year_hours (of a year),
--      $uid_from (in) and $uid_before (out), which bound memory
-- out: the columns of the dataset costs; a row for a term only where it has a price of that term: its other lines are at on-demand prices
with lines as (
    select *
    from scenario_lines
    where uid >= $uid_from and uid < $uid_before
),

offered as (
    select distinct
        l.uid,
        l.scenario,
        r.term
    from lines as l
    inner join rates as r on l.region = r.region and l.rate_key = r.rate_key
    where
        r.term <> 'on_demand' and l.quantity > 0
        and (r.term <> 'spot' or l.uid in (select f.uid from spot_fits as f))
    union all
    select distinct
        uid,
        scenario,
        'on_demand' as term
    from lines
),

first_rates as (
    select *
    from rates
    where begin_range = 0
),

met as (
    select
        l.*,
        o.term,
        t.tier_cost,
        t.tier_quantity,
        coalesce(own.term, usual.term) as paid_as,
        case when own.term is not null then own else usual end as rate
    from lines as l
    inner join offered as o on l.uid = o.uid and l.scenario = o.scenario
    left join first_rates as own on l.region = own.region and l.rate_key = own.rate_key and o.term = own.term
    left join first_rates as usual on l.region = usual.region and l.rate_key = usual.rate_key and usual.term = 'on_demand'
    left join tiered_totals as t
        on l.scenario = t.scenario and l.region = t.region and l.rate_key = t.rate_key and coalesce(own.term, 'on_demand') = 'on_demand'
),

checked as (
    select
        *,
        case
            when unknown is not null then unknown
            when quantity is null then 'its quantity is not known'
            when quantity = 0 then null
            when paid_as is null then 'no price of ' || rate_key || ' in ' || region
            when rate.ambiguous then 'several prices of ' || rate_key || ' in ' || region || ': ' || rate.skus
            when rate.currency <> $currency then 'the price of ' || rate_key || ' in ' || region || ' is in ' || rate.currency
            when rate.end_range is not null and tier_quantity is null then 'the tiers of ' || rate_key || ' in ' || region || ' do not go on'
        end as gap,
        rate.lease_years * $lease_year_hours as lease_hours
    from met
),

priced as (
    select
        *,
        case
            when gap is not null then null
            when quantity = 0 then 0
            else line_cost(quantity, rate.price, rate.upfront, lease_hours, tier_cost, tier_quantity)
        end as cost,
        case
            when gap is not null then null
            when quantity = 0 then 0
            else line_cost(low, rate.low_price, rate.upfront, lease_hours, tier_cost, tier_quantity)
        end as low_cost,
        case
            when gap is not null then null
            when quantity = 0 then 0
            else line_cost(high, rate.high_price, rate.upfront, lease_hours, tier_cost, tier_quantity)
        end as high_cost
    from checked
)

select
    uid,
    scenario,
    term,
    any_value(region) as region,
    case count(cost) when count(*) then 'priced' when 0 then 'unpriced' else 'partly' end as status,
    cast(sum(cost) as decimal(38, 10)) as monthly_cost_usd,
    cast(sum(low_cost) as decimal(38, 10)) as low_usd,
    cast(sum(high_cost) as decimal(38, 10)) as high_usd,
    string_agg(distinct rate.price_version, ', ' order by rate.price_version) filter (where cost is not null) as price_version,
    min(rate.sampled_on) filter (where cost is not null) as sampled_on,
    string_agg(line || ': ' || gap, '; ' order by line) as reason,
    cast(to_json(list(
        struct_pack(
            line := line,
            rate_key := rate_key,
            quantity := cast(quantity as varchar),
            low := cast(low as varchar),
            high := cast(high as varchar),
            unit := rate.unit,
            price := cast(rate.price as varchar),
            upfront := cast(nullif(rate.upfront, 0) as varchar),
            term := paid_as,
            tiered := tier_quantity is not null,
            monthly_usd := cast(cost as varchar),
            evidence := evidence,
            assumption := assumption,
            unknown := gap,
            price_version := rate.price_version,
            origin := rate.origin
        )
        order by line
    )) as varchar) as components
from priced
group by uid, scenario, term
