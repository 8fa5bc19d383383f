"""The least-privilege rules of move groups: cases worked by hand, and what must hold of any estate."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.dependencies import Dependency
from cloudmigrate.domain.needed_rules import NeededRule, needed_rules
from cloudmigrate.lake.dependency_datasets import NEEDED_RULES

NOON, LATER = datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)
GROUP_OF = {"web1": "shop", "web2": "shop", "db": "data"}
SEEN = Dependency("web1", "db", "traffic", 6, 5432, 100, 10, 1, NOON, NOON, 0.9, allowed=True, observed=True, configured=False)


def told(*edges: Dependency) -> list[tuple[str, str, int, int, str, str]]:
    return [(one.move_group, one.direction, one.protocol, one.port, one.peer_kind, one.peer) for one in needed_rules(GROUP_OF, edges)]


def test_between_two_groups_each_side_needs_a_rule_however_many_members_talk() -> None:
    edges = [SEEN, replace(SEEN, source_uid="web2", bytes=50, confidence=0.6, last_seen=LATER)]
    assert list(needed_rules(GROUP_OF, edges)) == [
        NeededRule("data", "ingress", 6, 5432, "move_group", "shop", 2, 150, 0.9, LATER),
        NeededRule("shop", "egress", 6, 5432, "move_group", "data", 2, 150, 0.9, LATER),
    ]


def test_within_a_group_it_names_itself() -> None:
    assert told(replace(SEEN, target_uid="web2", port=8080)) == [
        ("shop", "egress", 6, 8080, "move_group", "shop"),
        ("shop", "ingress", 6, 8080, "move_group", "shop"),
    ]


def test_what_stays_and_what_lies_outside_is_named_itself() -> None:
    assert told(replace(SEEN, target_uid="dns", protocol=17, port=53)) == [("shop", "egress", 17, 53, "resource", "dns")]
    assert told(replace(SEEN, source_uid="external:203.0.113.0/24", target_uid="web1", port=443)) == [
        ("shop", "ingress", 6, 443, "cidr", "203.0.113.0/24")
    ]
    assert told(replace(SEEN, target_uid="external:S3", port=443)) == [("shop", "egress", 6, 443, "aws_service", "S3")]
    assert told(replace(SEEN, source_uid="unknown:10.9.9.9")) == [("data", "ingress", 6, 5432, "cidr", "10.9.9.9/32")]
    assert told(replace(SEEN, source_uid="external:2001:db8::7")) == [("data", "ingress", 6, 5432, "cidr", "2001:db8::7/128")]
    assert told(replace(SEEN, source_uid="dns", target_uid="ntp")) == []


def test_what_only_configuration_states_needs_no_rule() -> None:
    assert told(replace(SEEN, kind="config", protocol=None, port=None, observed=False, configured=True)) == []


def test_a_row_has_the_columns_of_the_dataset() -> None:
    row = next(iter(needed_rules(GROUP_OF, [SEEN]))).row("plan-1")
    assert set(row) == set(NEEDED_RULES.schema.names)
    assert (row["plan_id"], row["move_group"], row["peer"], row["last_seen"]) == ("plan-1", "data", "shop", NOON)


ENDS = st.sampled_from(["web1", "web2", "db", "dns", "external:203.0.113.0/24", "external:S3", "unknown:10.9.9.9"])
EDGES = st.lists(
    st.builds(replace, st.just(SEEN), source_uid=ENDS, target_uid=ENDS, port=st.sampled_from([443, 5432]), bytes=st.integers(0, 9))
)


@given(EDGES)
def test_every_observed_edge_is_let_through_and_every_rule_is_needed(edges: list[Dependency]) -> None:
    """Each end that moves has a rule that means the other end; no rule is without an edge; keys are distinct; order does not matter."""
    rules = list(needed_rules(GROUP_OF, edges))
    keys = {(one.move_group, one.direction, one.protocol, one.port, one.peer) for one in rules}
    assert len(keys) == len(rules)
    for edge in edges:
        for own, direction in ((edge.target_uid, "ingress"), (edge.source_uid, "egress")):
            if own in GROUP_OF:
                assert [one for one in rules if (one.move_group, one.direction, one.port) == (GROUP_OF[own], direction, edge.port)]
    ends = sum((one.source_uid in GROUP_OF) + (one.target_uid in GROUP_OF) for one in edges)
    assert sum(one.edges for one in rules) == ends
    assert rules == list(needed_rules(GROUP_OF, reversed(edges)))
