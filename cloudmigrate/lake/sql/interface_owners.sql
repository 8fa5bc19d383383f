-- interface_owners: whose interface it is, by what records say themselves.
-- grain: one row per (interface, owner)
-- in:  interface_logs (view)
-- out: owner_hint (instance id, or ecs:CLUSTER/SERVICE), account_id, region; the one said last comes last
select
    interface_id,
    owner_hint,
    any_value(account_id) as account_id,
    any_value(region) as region
from interface_logs
where owner_hint is not null and interface_id like 'eni-%'
group by interface_id, owner_hint
order by max(day), interface_id, owner_hint
