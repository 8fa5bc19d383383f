-- rates: one row per (region, rate key, term, tier): what one unit costs.
-- in:  prices, spot_prices (views); rate_rules, cost_terms, platforms, cost_regions (registered tables, see lake/costs.py)
-- out: price, low_price, high_price for each unit (spot: the middle zone's median, the cheapest zone's, the dearest zone's p90); upfront for
--      each unit's lease; begin_range, end_range in units a month; skus; ambiguous where products of different prices have the key
with matched as (
    select
        p.region,
        p.sku,
        p.rate_code,
        p.term,
        p.lease_years,
        p.purchase_option,
        p.offering_class,
        p.unit,
        p.currency,
        p.upfront,
        p.price_version,
        p.origin,
        p.sampled_on,
        cast(p.begin_range as decimal(20, 6)) as begin_range,
        try_cast(p.end_range as decimal(20, 6)) as end_range,  -- what no decimal holds is no end
        cast(p.price * cast(r.factor as decimal(11, 10)) as decimal(18, 10)) as price,
        replace(
            replace(
                replace(
                    replace(r.key, '{instance_type}', coalesce(p.instance_type, '')), '{volume_type}', coalesce(p.volume_type, '')
                ),
                '{cache_engine}', replace(lower(coalesce(p.cache_engine, '')), ' ', '-')
            ),
            '{to_region}', coalesce(p.to_region, '')
        ) as rate_key
    from prices as p
    inner join rate_rules as r on p.service = r.service and p.product_family = r.product_family
    where
        p.term in ('on_demand', 'reserved')
        and abs(p.price) < 1000000 and p.upfront < 10000000 and p.begin_range < 1000000000000  -- more is no price of anything
        and p.region in (select c.region from cost_regions as c)
        and coalesce(p.capacity_status, 'Used') = 'Used'
        and coalesce(p.market_option, 'OnDemand') = 'OnDemand'
        and (p.term = 'on_demand' or coalesce(p.offering_class, 'standard') = 'standard')
        and (r.operation is null or p.operation = r.operation)
        and (r.tenancy is null or p.tenancy = r.tenancy)
        and (r.license_model is null or p.license_model = r.license_model)
        and (r.deployment_option is null or p.deployment_option = r.deployment_option)
        and (r.database_engine is null or p.database_engine = r.database_engine)
        and (r.usage_type is null or regexp_full_match(p.usage_type, r.usage_type))
        and (r.unit is null or p.unit = 'Quantity' or regexp_full_match(p.unit, r.unit))
),

planned as (
    select distinct
        p.region,
        p.sku,
        p.rate_code,
        p.term,
        p.lease_years,
        p.purchase_option,
        p.offering_class,
        p.unit,
        p.currency,
        p.upfront,
        p.price_version,
        p.origin,
        p.sampled_on,
        cast(0 as decimal(20, 6)) as begin_range,
        cast(null as decimal(20, 6)) as end_range,
        cast(p.price as decimal(18, 10)) as price,
        m.rate_key
    from prices as p
    inner join matched as m on p.region = m.region and p.sku = m.sku and m.term = 'on_demand'
    where p.term = 'savings_plan' and p.price < 1000000
),

-- An offer's fee and its price per unit are two rows of the list.
offers as (
    select
        m.region,
        m.rate_key,
        t.term,
        m.lease_years,
        m.purchase_option,
        m.offering_class,
        m.price_version,
        m.sku,
        m.begin_range,
        max(m.end_range) as end_range,
        sum(case when m.unit = 'Quantity' and m.term = 'reserved' then 0 else m.price end) as price,
        sum(m.upfront) as upfront,
        coalesce(max(m.unit) filter (where m.unit <> 'Quantity'), 'Hrs') as unit,
        max(m.currency) as currency,
        max(m.origin) as origin,
        min(m.sampled_on) as sampled_on
    from (
        from matched
        union all
        from planned
    ) as m
    inner join cost_terms as t
        on
            m.term = t.price_term
            and m.lease_years is not distinct from t.lease_years
            and m.purchase_option is not distinct from t.purchase_option
            and (t.price_term <> 'savings_plan' or m.offering_class = t.offering_class)
    group by all
),

spot as (
    select
        s.region,
        'ec2:' || s.instance_type || ':' || p.name as rate_key,
        min(s.median) as low_price,
        quantile_disc(s.median, 0.5) as price,
        max(s.p90) as high_price,
        max(s.currency) as currency,
        max(s.origin) as origin,
        min(s.sampled_on) as sampled_on,
        'spot/' || strftime(max(s.window_to), '%Y%m%d') || '/' || s.region as price_version
    from spot_prices as s
    inner join platforms as p on replace(s.product, ' (Amazon VPC)', '') = p.details
    where s.region in (select c.region from cost_regions as c)
    group by s.region, s.instance_type, p.name
)

select
    region,
    rate_key,
    term,
    any_value(lease_years) as lease_years,
    any_value(purchase_option) as purchase_option,
    any_value(offering_class) as offering_class,
    begin_range,
    max(end_range) as end_range,
    cast(min(price) as decimal(18, 10)) as price,
    cast(min(price) as decimal(18, 10)) as low_price,
    cast(max(price) as decimal(18, 10)) as high_price,
    cast(min(upfront) as decimal(18, 10)) as upfront,
    min(unit) as unit,
    min(currency) as currency,
    max(price_version) as price_version,
    max(origin) as origin,
    min(sampled_on) as sampled_on,
    count(distinct struct_pack(a := price, b := upfront, c := unit, d := currency)) > 1 as ambiguous,
    string_agg(distinct sku, ', ' order by sku) as skus
from offers
group by region, rate_key, term, begin_range
union all by name
select
    region,
    rate_key,
    'spot' as term,
    cast(0 as decimal(20, 6)) as begin_range,
    cast(price as decimal(18, 10)) as price,
    cast(low_price as decimal(18, 10)) as low_price,
    cast(high_price as decimal(18, 10)) as high_price,
    cast(0 as decimal(18, 10)) as upfront,
    'Hrs' as unit,
    currency,
    price_version,
    origin,
    sampled_on,
    false as ambiguous
from spot
