-- bucket_classes: one row per bucket: the class that its Standard data would cost the least in, by how often it is read.
-- in:  bucket_access, rates (tables), class_offers (registered, see domain/object_classes.py), $target_region (null: each bucket stays)
-- out: the offer's columns (null: Standard stays, and why); told: what each way would cost in a month, at the first tier's prices
with buckets as (
    select
        *,
        coalesce($target_region, region) as place,
        reads_gb / nullif(gb, 0) as read_share,
        case
            when unknown is not null then 'access not measured: ' || unknown
            when gb is null then 'access is measured, its size is not'
            when coalesce(other_gb, 0) > 0 or refused is not null then 'part of it is in other classes, and requests are not told apart by class'
            when objects is null then 'access is measured, the number of its objects is not'
        end as held_back
    from bucket_access
),

prices as (
    select
        region,
        rate_key,
        price
    from rates
    where term = 'on_demand' and begin_range = 0 and not ambiguous
),

standard as (
    select
        b.uid,
        cast(s.price * b.gb + w.price * b.writes + r.price * b.reads as decimal(38, 10)) as cost
    from buckets as b
    inner join prices as s on b.place = s.region and s.rate_key = 's3:standard:storage'
    inner join prices as w on b.place = w.region and w.rate_key = 's3:requests:tier1'
    inner join prices as r on b.place = r.region and r.rate_key = 's3:requests:tier2'
    where b.held_back is null and b.gb > 0
),

-- Of Intelligent-Tiering no more than what was downloaded can be in the tier for frequent access.
offered as (
    select
        b.uid,
        o.*,
        b.read_share < cast(o.reads_below as double) as meant_for_it,
        cast(
            case
                when o.unread_key is null then s.price * greatest(b.gb, b.objects * o.smallest_billed / 1073741824)
                else s.price * b.gb * least(b.read_share, 1) + u.price * b.gb * greatest(1 - b.read_share, 0)
            end
            + case when o.retrieval_key is null then 0 else g.price * b.reads_gb end
            + w.price * b.writes + r.price * b.reads
            + case when o.monitoring_key is null then 0 else m.price * b.objects end
            as decimal(38, 10)
        ) as cost
    from buckets as b
    cross join class_offers as o
    left join prices as s on b.place = s.region and o.storage_key = s.rate_key
    left join prices as u on b.place = u.region and o.unread_key = u.rate_key
    left join prices as g on b.place = g.region and o.retrieval_key = g.rate_key
    left join prices as w on b.place = w.region and o.write_key = w.rate_key
    left join prices as r on b.place = r.region and o.read_key = r.rate_key
    left join prices as m on b.place = m.region and o.monitoring_key = m.rate_key
    where b.held_back is null and b.gb > 0
),

best as (
    select o.*
    from offered as o
    inner join standard as s on o.uid = s.uid
    where o.meant_for_it and o.cost < s.cost
    qualify row_number() over (partition by o.uid order by o.cost asc, o.name asc) = 1
),

told as (
    select
        uid,
        string_agg(name || ' ' || coalesce(cast(cast(cost as decimal(18, 2)) as varchar), 'not known'), ', ' order by name) as texts
    from offered
    group by uid
)

select
    b.uid,
    e.* exclude (uid),
    b.read_share,
    case
        when b.held_back is not null then b.held_back || '; no class is recommended'
        when b.gb = 0 then 'it holds nothing in the Standard class'
        else
            'read ' || cast(cast(b.read_share as decimal(18, 3)) as varchar) || ' times a month by bytes: '
            || case
                when s.cost is null then 'no price of Standard in ' || b.place || ', so no class is recommended'
                when e.name is not null then e.name || ' costs the least'
                else 'Standard stays'
            end
            || ' (a month: Standard ' || coalesce(cast(cast(s.cost as decimal(18, 2)) as varchar), 'not known') || ', ' || t.texts || ' USD)'
            || case when e.least_days > 0 then '; what is deleted within ' || e.least_days || ' days is billed to that day' else '' end
            || case
                when e.name is not null then '; moving is charged once for each object, which is not in here; two weeks may say little of a year'
                else ''
            end
    end as told
from buckets as b
left join best as e on b.uid = e.uid
left join standard as s on b.uid = s.uid
left join told as t on b.uid = t.uid
