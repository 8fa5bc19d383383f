-- interface_attributes: what records told of an interface beside its traffic.
-- grain: one row per interface of which anything was told
-- in:  texts (conversation_sides), interfaces (interface_names)
-- out: interface (number), vpc_id, subnet_id, hint
select
    coalesce(i.number, 0) as interface,
    any_value(t.vpc_id) as vpc_id,
    any_value(t.subnet_id) as subnet_id,
    any_value(t.hint) as hint
from texts as t
left join interfaces as i on t.interface_id = i.interface_id
where t.vpc_id is not null or t.subnet_id is not null or t.hint is not null
group by all
