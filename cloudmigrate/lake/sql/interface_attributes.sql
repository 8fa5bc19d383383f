-- interface_attributes: what records told of an interface beside its traffic.
-- grain: one row per interface of which anything was told
-- in:  summed
-- out: interface (number), vpc_id, subnet_id, hint
select
    interface,
    any_value(vpc_id) as vpc_id,
    any_value(subnet_id) as subnet_id,
    any_value(hint) as hint
from summed
where vpc_id is not null or subnet_id is not null or hint is not null
group by interface
