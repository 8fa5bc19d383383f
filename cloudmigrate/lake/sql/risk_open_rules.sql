-- risk_open_rules: how many inbound rules open to the world each resource bears, by itself or through its interfaces.
-- grain: one row per resource that bears a security group; open_rules is null where one of its groups was not read
-- in:  relations, rule_findings, inventory (views), $bears (kind of relation from a bearer to its group), $interface (kind of relation
--      from a resource to its interface)
-- out: open_rules (count of distinct rules)
with borne as (
    select
        source_uid as uid,
        target_uid as group_uid
    from relations
    where kind = $bears
    union
    select
        has.source_uid as uid,
        of_it.target_uid as group_uid
    from relations as has
    inner join relations as of_it on has.target_uid = of_it.source_uid and of_it.kind = $bears
    where has.kind = $interface
)

select
    b.uid,
    case
        when count(*) filter (where g.uid is null) = 0
            then count(distinct r.rule_id) filter (where r.open_to_world and r.direction = 'ingress')
    end as open_rules
from borne as b
left join inventory as g on b.group_uid = g.uid
left join rule_findings as r on b.group_uid = r.group_uid
group by b.uid
order by b.uid
