-- term_costs: one row per (uid, scenario, term): what every sum of costs takes of a resource: its costs at that term, else those on demand.
-- in:  costs, recommendations (views)
-- out: the row of costs that counts, with its scenario and term as of_scenario, of_term; terms are those that anything of the snapshot has;
--      scenario recommended follows the strategy that holds (strategy; null: none is needed, it is made anew where things move to).
--      The row that counts decides: priced and partly ones are summed, unpriced ones have no amount. No strategies, no such scenario.
with ways (strategy, place, scenario, unknown) as (
    values
    ('retain', 1, 'as_is', null),
    ('retire', 1, 'retire', null),
    ('replatform', 1, 'replatform', null),
    ('rehost', 1, 'rehost_rightsized', null),
    ('rehost', 2, 'rehost', null),  -- where the size that its use needs has no whole price, and the present one has
    ('none', 1, 'rehost', null),
    ('relocate', 1, null, 'relocate: what its hosts or hypervisor cost in the target is not known'),
    ('repurchase', 1, null, 'repurchase: what the product costs as a service is not known'),
    ('refactor', 1, null, 'refactor: what it costs once it is rebuilt is not known')
),

strategies as (
    select
        uid,
        strategy
    from recommendations
    where level = 'resource'
),

followed as (
    select
        c.uid,
        s.strategy,
        w.scenario,
        coalesce(w.unknown, w.strategy || ': nothing was estimated for it') as unknown
    from (select distinct uid from costs) as c
    left join strategies as s on c.uid = s.uid
    inner join ways as w on coalesce(s.strategy, 'none') = w.strategy
    left join costs as d on c.uid = d.uid and w.scenario = d.scenario and d.term = 'on_demand'
    where exists (select 1 from strategies)
    qualify row_number() over (partition by c.uid order by coalesce(d.status, '') = 'priced' desc, w.place asc) = 1
),

told as (
    select
        uid,
        scenario,
        term,
        scenario as of_scenario,
        cast(null as varchar) as strategy,
        region,
        status,
        monthly_cost_usd,
        low_usd,
        high_usd,
        price_version,
        sampled_on,
        reason
    from costs
    union all
    select
        f.uid,
        'recommended' as scenario,
        coalesce(c.term, 'on_demand') as term,
        f.scenario as of_scenario,
        f.strategy,
        c.region,
        coalesce(c.status, 'unpriced') as status,
        c.monthly_cost_usd,
        c.low_usd,
        c.high_usd,
        c.price_version,
        c.sampled_on,
        case when c.uid is null then f.unknown else c.reason end as reason
    from followed as f
    left join costs as c on f.uid = c.uid and f.scenario = c.scenario
),

terms as (
    select distinct
        scenario,
        term
    from told
)

select
    d.uid,
    d.scenario,
    t.term,
    d.of_scenario,
    d.strategy,
    coalesce(o.term, d.term) as of_term,
    case when o.uid is null then d.region else o.region end as region,
    case when o.uid is null then d.status else o.status end as status,
    case when o.uid is null then d.monthly_cost_usd else o.monthly_cost_usd end as monthly_cost_usd,
    case when o.uid is null then d.low_usd else o.low_usd end as low_usd,
    case when o.uid is null then d.high_usd else o.high_usd end as high_usd,
    case when o.uid is null then d.price_version else o.price_version end as price_version,
    case when o.uid is null then d.sampled_on else o.sampled_on end as sampled_on,
    case when o.uid is null then d.reason else o.reason end as reason
from told as d
inner join terms as t on d.scenario = t.scenario
left join told as o on d.uid = o.uid and d.scenario = o.scenario and t.term = o.term
where d.term = 'on_demand'
