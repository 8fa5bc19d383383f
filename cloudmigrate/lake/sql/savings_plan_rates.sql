-- savings_plan_rates: one row per rate of a savings plan's offer file, in the columns of the dataset prices; price null where not exact,
--      or below 0.
-- in:  view offer (one text column per folded column name of the file, '' where it has none); macro exact_money;
--      $version, $region, $origin; $prefix (pattern of the region's usage types)
-- out: sku and service are those of the on-demand product that the plan discounts; price in currency an hour

select
    $version as price_version,
    discountedservicecode as service,
    case when discountedregioncode = '' then $region else discountedregioncode end as region,
    discountedsku as sku,
    ratecode as rate_code,
    productfamily as product_family,
    regexp_replace(discountedusagetype, $prefix, '') as usage_type,
    discountedoperation as operation,
    'savings_plan' as term,
    unit,
    currency,
    case
        when discountedsku = '' or ratecode = '' or currency = '' or starts_with(discountedrate, '-') then null
        else exact_money(discountedrate)
    end as price,
    cast(0 as decimal(38, 10)) as upfront,
    cast(0 as double) as begin_range,
    case when samplesource = '' then $origin else 'sample' end as origin,
    coalesce(
        nullif(discountedinstancetype, ''),
        nullif(regexp_extract(discountedusagetype, '(?:BoxUsage|DedicatedUsage|HostBoxUsage|UnusedBox|UnusedDed):([a-z0-9.-]+)$', 1), '')
    ) as instance_type,
    null as operating_system,
    null as tenancy,
    null as preinstalled_sw,
    null as license_model,
    null as capacity_status,
    null as market_option,
    null as database_engine,
    null as database_edition,
    null as deployment_option,
    null as volume_type,
    null as storage_class,
    null as cache_engine,
    null as to_region,
    null as transfer_type,
    null as group_name,
    try_cast(nullif(regexp_extract(leasecontractlength, '^([0-9]+)', 1), '') as integer) as lease_years,
    case purchaseoption
        when 'No Upfront' then 'no_upfront'
        when 'Partial Upfront' then 'partial_upfront'
        when 'All Upfront' then 'all_upfront'
        else nullif(purchaseoption, '')
    end as purchase_option,
    case
        when productfamily ilike 'EC2Instance%' or usagetype ilike 'EC2SP:%' then 'ec2_instance'
        when productfamily ilike 'Compute%' or usagetype ilike 'ComputeSP:%' then 'compute'
        else nullif(lower(productfamily), '')
    end as offering_class,
    null as end_range,
    try_cast(nullif(effectivedate, '') as timestamp with time zone) as effective_at,
    nullif(samplesource, '') as sample_source,
    try_cast(nullif(sampledon, '') as date) as sampled_on
from offer
