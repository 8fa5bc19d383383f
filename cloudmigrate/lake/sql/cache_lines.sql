-- cache_lines: one row per cache cluster: the hours of its nodes.
-- in:  inventory (view), $hours (of a month)
-- out: a line (see lake/costs.py)
select
    uid,
    'compute' as line,
    'always' as variant,
    spec ->> '$.CacheNodeType' as size,
    'cache:{size}:' || coalesce(spec ->> '$.Engine', '') as key,
    cast($hours * coalesce(try_cast(spec ->> '$.NumCacheNodes' as integer), 1) as decimal(20, 6)) as quantity,
    'configured' as evidence
from inventory
where type = 'AWS::ElastiCache::CacheCluster'
