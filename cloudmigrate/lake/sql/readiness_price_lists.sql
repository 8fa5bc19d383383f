-- readiness_price_lists: one row per price list that the snapshot sees.
-- in:  prices (view)
-- out: price_version, service, region, prices (count), samples (count of dated samples), sampled_on (the oldest), sources (list)
select
    price_version,
    service,
    region,
    count(*) as prices,
    count(*) filter (where origin = 'sample') as samples,
    min(sampled_on) as sampled_on,
    list(distinct sample_source order by sample_source) filter (where sample_source is not null) as sources
from prices
group by price_version, service, region
order by service, region, price_version
