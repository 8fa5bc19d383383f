-- price_rows: one row per rate of an offer file, in the columns of the dataset prices; price null where it is not exact, or below 0.
-- in:  view offer (one text column per folded column name of a price list, '' where the file has none); macro exact_money;
--      $version, $service, $region, $origin; $families (list of product families to keep, null: all); $prefix (pattern of the region's
--      usage types), $code (the usual one, with its hyphen: most need no pattern)
-- Texts as AWS writes them come first in a case: what makes letters small is asked of the rest alone.
-- out: price and upfront in currency; begin_range and end_range in units a month; region is the row's own (a local zone has one)

select
    $version as price_version,
    cast($service as varchar) as service,
    case when regioncode = '' then $region else regioncode end as region,
    sku,
    ratecode as rate_code,
    productfamily as product_family,
    case
        when starts_with(usagetype, $code) then substr(usagetype, length($code) + 1)
        when regioncode in ('', $region) then regexp_replace(usagetype, $prefix, '')
        else regexp_replace(usagetype, '^[A-Z]{3}[0-9]{1,2}-', '')
    end as usage_type,
    operation,
    case termtype
        when 'OnDemand' then 'on_demand'
        when 'Reserved' then 'reserved'
        else case lower(termtype) when 'ondemand' then 'on_demand' when 'reserved' then 'reserved' else termtype end
    end as term,
    unit,
    currency,
    case
        when sku = '' or ratecode = '' or currency = '' or begins is null or not isfinite(begins) then null
        when not isfinite(ends) then null
        when amount < 0 or begins < 0 then null
        when is_fee then amount * 0
        else amount
    end as price,
    case when is_fee then coalesce(amount, 0) else 0 end as upfront,
    coalesce(begins, 0) as begin_range,
    case when samplesource = '' then $origin else 'sample' end as origin,
    nullif(instancetype, '') as instance_type,
    nullif(operatingsystem, '') as operating_system,
    nullif(tenancy, '') as tenancy,
    nullif(preinstalledsw, '') as preinstalled_sw,
    nullif(licensemodel, '') as license_model,
    nullif(capacitystatus, '') as capacity_status,
    nullif(marketoption, '') as market_option,
    nullif(databaseengine, '') as database_engine,
    nullif(databaseedition, '') as database_edition,
    nullif(deploymentoption, '') as deployment_option,
    case
        when volumeapiname <> '' then volumeapiname
        when volumetype = '' or $service in ('AmazonS3', 'AmazonEFS') then null
        when contains(lower(usagetype), 'gp3') then 'gp3'
        when contains(lower(usagetype), 'gp2') then 'gp2'
        when contains(lower(usagetype), 'io2') then 'io2'
        when contains(lower(usagetype), 'piops') then 'io1'
        when contains(lower(usagetype), '.st1') then 'st1'
        when contains(lower(usagetype), '.sc1') then 'sc1'
        when volumetype = 'Magnetic' then 'standard'
        else volumetype
    end as volume_type,
    case
        when $service = 'AmazonS3' and volumetype <> '' then volumetype
        else nullif(storageclass, '')
    end as storage_class,
    nullif(cacheengine, '') as cache_engine,
    coalesce(nullif(toregioncode, ''), nullif(tolocation, '')) as to_region,
    nullif(transfertype, '') as transfer_type,
    nullif("group", '') as group_name,
    case leasecontractlength
        when '' then null
        when '1yr' then 1
        when '3yr' then 3
        else case replace(leasecontractlength, ' ', '') when '1yr' then 1 when '3yr' then 3 end
    end as lease_years,
    case purchaseoption
        when 'No Upfront' then 'no_upfront'
        when 'Partial Upfront' then 'partial_upfront'
        when 'All Upfront' then 'all_upfront'
        else nullif(purchaseoption, '')
    end as purchase_option,
    case when offeringclass in ('standard', 'convertible') then offeringclass else nullif(lower(offeringclass), '') end as offering_class,
    ends as end_range,
    to_timestamp(epoch(try_cast(effectivedate as timestamp))) as effective_at,
    nullif(samplesource, '') as sample_source,
    try_cast(nullif(sampledon, '') as date) as sampled_on
from (
    select
        *,
        exact_money(priceperunit) as amount,
        case when unit = 'Quantity' then lower(termtype) = 'reserved' else false end as is_fee,
        case when startingrange in ('', '0') then 0 else try_cast(startingrange as double) end as begins,
        case
            when endingrange in ('', 'Inf') then null
            when lower(endingrange) = 'inf' then null
            else coalesce(try_cast(endingrange as double), 'nan'::double)
        end as ends
    from offer
) as rates
where $families is null or list_contains($families, productfamily)
