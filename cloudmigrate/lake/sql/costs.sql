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
    select
        rowid as rate_id,
        region,
        rate_key,
        term
    from rates
    where begin_range = 0
),

paid as (
    select
        l.*,
        o.term,
        coalesce(own.term, usual.term) as paid_as,
        coalesce(own.rate_id, usual.rate_id) as rate_id
    from lines as l
    inner join offered as o on l.uid = o.uid and l.scenario = o.scenario
    left join first_rates as own on l.region = own.region and l.rate_key = own.rate_key and o.term = own.term
    left join first_rates as usual on l.region = usual.region and l.rate_key = usual.rate_key and usual.term = 'on_demand'
),

met as (
    select
        p.*,
        r.price,
        r.low_price,
        r.high_price,
        r.upfront,
        r.unit,
        r.currency,
        r.end_range,
        r.ambiguous,
        r.skus,
        r.price_version,
        r.origin,
        r.sampled_on,
        t.tier_cost,
        t.tier_quantity,
        r.lease_years * $lease_year_hours as lease_hours
    from paid as p
    left join rates as r on p.rate_id = r.rowid
    left join tiered_totals as t
        on p.scenario = t.scenario and p.region = t.region and p.rate_key = t.rate_key and p.paid_as = 'on_demand'
),

checked as (
    select
        *,
        case
            when unknown is not null then unknown
            when quantity is null then 'its quantity is not known'
            when quantity = 0 then null
            when paid_as is null then 'no price of ' || rate_key || ' in ' || region
            when ambiguous then 'several prices of ' || rate_key || ' in ' || region || ': ' || skus
            when currency <> $currency then 'the price of ' || rate_key || ' in ' || region || ' is in ' || currency
            when end_range is not null and tier_quantity is null then 'the tiers of ' || rate_key || ' in ' || region || ' do not go on'
        end as gap
    from met
),

valued as (
    select
        *,
        case
            when gap is not null then null
            when quantity = 0 then 0
            else line_cost(quantity, price, upfront, lease_hours, tier_cost, tier_quantity)
        end as cost
    from checked
),

-- Most lines have no range.
priced as (
    select
        *,
        case
            when cost is null or (low = quantity and low_price is not distinct from price) then cost
            else line_cost(low, low_price, upfront, lease_hours, tier_cost, tier_quantity)
        end as low_cost,
        case
            when cost is null or (high = quantity and high_price is not distinct from price) then cost
            else line_cost(high, high_price, upfront, lease_hours, tier_cost, tier_quantity)
        end as high_cost
    from valued
),

told as (
    select
        *,
        cast(to_json(struct_pack(
            line := line,
            rate_key := rate_key,
            quantity := cast(quantity as varchar),
            low := cast(low as varchar),
            high := cast(high as varchar),
            unit := unit,
            price := cast(price as varchar),
            upfront := cast(nullif(upfront, 0) as varchar),
            term := paid_as,
            tiered := tier_quantity is not null,
            monthly_usd := cast(cost as varchar),
            evidence := evidence,
            assumption := assumption,
            unknown := gap,
            price_version := price_version,
            origin := origin
        )) as varchar) as component
    from priced
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
    array_to_string(list_sort(list_distinct(list(price_version) filter (where cost is not null))), ', ') as price_version,
    min(sampled_on) filter (where cost is not null) as sampled_on,
    string_agg(line || ': ' || gap, '; ' order by line) as reason,
    '[' || string_agg(component, ', ' order by line) || ']' as components
from told
group by uid, scenario, term
