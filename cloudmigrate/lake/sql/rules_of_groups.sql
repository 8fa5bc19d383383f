-- rules_of_groups: the rules that move groups of the plan need, with these groups at one end.
-- grain: one row per (move group, direction, protocol, port, peer)
-- in:  $groups (ids)
select
    move_group,
    direction,
    protocol,
    port,
    peer,
    peer_kind
from needed_rules
where list_contains($groups, move_group) or (peer_kind = 'move_group' and list_contains($groups, peer))
order by move_group, direction, protocol, port, peer
