"""Which rules were used: cases worked by hand, one row a rule, and the law that what is called unused may go."""

import random
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings

from cloudmigrate.domain.network import Network, ObservedEdge
from cloudmigrate.domain.reachability import allowed
from cloudmigrate.domain.rule_findings import Finding, RuleFinding, bearers_of, rule_findings
from cloudmigrate.lake.dependency_datasets import RULE_FINDINGS
from tests.domain.networks import ALL, ANYWHERE, TCP, Build, one_subnet, rule, to_all
from tests.domain.random_networks import RANDOM, network_of, pairs_of, with_groups

NOON, LATER = datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)
DAYS = {"app": 13, "db": 12}


def shop() -> Build:
    """app may reach db on 5432 by two rules, on 6379 by one; db lets the world in on 22; nobody bears sg-old."""
    made = one_subnet().group("sg-app", to_all("sg-app"))
    made.group(
        "sg-db",
        rule("sg-db", "ingress", TCP, 5432, "sg-app"),
        rule("sg-db", "ingress", TCP, (5000, 6000), "10.1.0.0/24"),
        rule("sg-db", "ingress", TCP, 6379, "sg-app"),
        replace(rule("sg-db", "ingress", TCP, 22, ANYWHERE), description="for <b>Bob</b>"),
    )
    made.group("sg-old", rule("sg-old", "ingress", TCP, 80, ANYWHERE))
    return made.at("app", "s", "10.1.0.5", "sg-app").at("db", "s", "10.1.0.6", "sg-db")


def edge(source: str = "app", target: str = "db", port: int = 5432, **more: object) -> ObservedEdge:
    return ObservedEdge(source, target, TCP, port, **({"bytes": 100, "last_seen": NOON} | more))  # type: ignore[arg-type]


def found(network: Network, *edges: ObservedEdge, days: dict[str, int] | None = None, least_days: int = 1) -> dict[str, RuleFinding]:
    rows = list(rule_findings(network, edges, DAYS if days is None else days, least_days=least_days))
    assert len(rows) == len(list(network.rules())) == len({one.rule.rule_id for one in rows})
    return {one.rule.rule_id.removeprefix("sg-"): one for one in rows}


BY_GROUP, BY_CIDR = "db/ingress/6/5432-5432/sg-app", "db/ingress/6/5000-6000/10.1.0.0/24"
CACHE, SSH = "db/ingress/6/6379-6379/sg-app", "db/ingress/6/22-22/0.0.0.0/0"
OLD, OUT = "old/ingress/6/80-80/0.0.0.0/0", "app/egress/-1/-1--1/0.0.0.0/0"


def test_every_rule_that_lets_an_edge_through_is_used() -> None:
    rows = found(shop().network(), edge(), edge(last_seen=LATER, port=5433, bytes=7))
    assert {one: rows[one].finding.value for one in rows} == {
        OUT: "used",
        BY_GROUP: "used",
        BY_CIDR: "used",
        CACHE: "unused",
        SSH: "unused",
        OLD: "no_bearer",
    }
    assert (rows[BY_GROUP].edges, rows[BY_GROUP].bytes, rows[BY_GROUP].last_seen) == (1, 100, NOON)
    assert (rows[BY_CIDR].edges, rows[BY_CIDR].bytes, rows[BY_CIDR].last_seen) == (2, 107, LATER)
    assert (rows[OUT].edges, rows[CACHE].edges, rows[CACHE].last_seen) == (2, 0, None)
    assert [(rows[one].bearers, rows[one].days_logged) for one in (OUT, CACHE, OLD)] == [(1, 13), (1, 12), (0, None)]


def test_rejected_attempts_use_no_rule() -> None:
    rows = found(shop().network(), edge(action="REJECT"), edge(port=22, source="external:203.0.113.9/32", action="REJECT"))
    assert {one.finding for one in rows.values()} == {Finding.UNUSED, Finding.NO_BEARER}


def test_without_fully_logged_days_nothing_is_called_unused() -> None:
    rows = found(shop().network(), edge(), days={"app": 0})
    assert [rows[one].finding.value for one in (BY_GROUP, CACHE, SSH, OLD)] == ["used", "not_measured", "not_measured", "no_bearer"]
    strict = found(shop().network(), edge(), least_days=13)
    assert [strict[one].finding.value for one in (CACHE, SSH)] == ["not_measured", "not_measured"]


def test_one_bearer_that_was_not_logged_is_enough_to_say_nothing() -> None:
    rows = found(shop().at("db2", "s", "10.1.0.7", "sg-db").network(), edge())
    assert (rows[CACHE].finding, rows[CACHE].bearers, rows[CACHE].days_logged) == (Finding.NOT_MEASURED, 2, 0)


def test_an_interface_that_nothing_uses_is_no_bearer() -> None:
    made = shop().at("eni-free", "s", "10.1.0.7", "sg-db", is_attached=False).at("eni-old", "s", "10.1.0.8", "sg-old", is_attached=False)
    rows = found(made.network(), edge())
    assert (rows[CACHE].finding, rows[CACHE].bearers, rows[OLD].finding) == (Finding.UNUSED, 1, Finding.NO_BEARER)


def test_where_interfaces_could_not_be_listed_nobody_knows_all_bearers() -> None:
    made = shop()
    made.blind.add(("1", "r"))
    assert {one.finding for one in found(made.network(), edge()).values()} == {Finding.USED, Finding.NOT_MEASURED}


def test_a_rule_that_may_have_let_an_edge_through_is_used() -> None:
    """Of 203.0.113.0/24 the rule opens one address, and another may have been seen."""
    made = shop().group("sg-db", rule("sg-db", "ingress", TCP, 22, "203.0.113.7/32"), rule("sg-db", "ingress", TCP, 22, "198.51.100.0/24"))
    rows = found(made.network(), edge("external:203.0.113.0/24", port=22))
    assert [rows[f"db/ingress/6/22-22/{one}"].finding.value for one in ("203.0.113.7/32", "198.51.100.0/24")] == ["used", "unused"]


def test_where_a_rule_is_sure_a_doubtful_one_is_not_used_by_it() -> None:
    made = shop().group("sg-db", rule("sg-db", "ingress", TCP, 22, "203.0.113.7/32"), rule("sg-db", "ingress", TCP, 22, ANYWHERE))
    rows = found(made.network(), edge("external:203.0.113.0/24", port=22))
    assert [rows[f"db/ingress/6/22-22/{one}"].finding.value for one in (ANYWHERE, "203.0.113.7/32")] == ["used", "unused"]


def test_what_is_seen_but_not_allowed_any_more_still_uses_what_lets_it_out() -> None:
    rows = found(shop().network(), edge(port=9999))
    assert (rows[OUT].finding, rows[BY_GROUP].finding) == (Finding.USED, Finding.UNUSED)


def test_a_guessed_direction_keeps_rules_of_the_other_from_being_called_unused() -> None:
    guessed = edge("db", "app", 40000, direction="guess")
    rows = found(shop().network(), guessed)
    assert {one: rows[one].finding.value for one in (CACHE, BY_CIDR, SSH, OUT)} == dict.fromkeys((CACHE, BY_CIDR, SSH, OUT), "not_measured")
    told = found(shop().network(), replace(guessed, direction="syn"))
    assert told[CACHE].finding is Finding.UNUSED


def test_a_row_has_the_columns_of_the_dataset() -> None:
    row = found(shop().network())[SSH].row()
    assert set(row) == set(RULE_FINDINGS.schema.names)
    assert row == {
        "rule_id": "sg-db/ingress/6/22-22/0.0.0.0/0",
        "group_uid": "arn:sg-db",
        "direction": "ingress",
        "protocol": 6,
        "from_port": 22,
        "to_port": 22,
        "peer": "0.0.0.0/0",
        "finding": "unused",
        "open_to_world": True,
        "bearers": 1,
        "edges": 0,
        "bytes": 0,
        "last_seen": None,
        "days_logged": 12,
        "description": "for <b>Bob</b>",
    }


def test_an_edge_is_read_from_a_row_of_traffic() -> None:
    row = {"source_uid": "a", "target_uid": "b", "protocol": 6, "port": 1, "action": "REJECT", "bytes": 3, "packets": 2, "direction": "syn"}
    assert ObservedEdge.of(row) == ObservedEdge("a", "b", 6, 1, 3, None, 1.0, "REJECT", "syn")


@settings(deadline=None)
@given(RANDOM)
def test_without_the_unused_rules_every_edge_is_judged_as_before(rng: random.Random) -> None:
    network = network_of(rng)
    edges = [ObservedEdge(*pair) for pair in pairs_of(rng, 12)]
    everyone = dict.fromkeys((uid for uids in bearers_of(network).values() for uid in uids), 14)
    unused = {one.rule.rule_id for one in rule_findings(network, edges, everyone) if one.finding is Finding.UNUSED}
    without = with_groups(
        network, lambda group: replace(group, rules=group.rules and tuple(one for one in group.rules if one.rule_id not in unused))
    )
    pairs = [(one.source_uid, one.target_uid, one.protocol, one.port) for one in edges]
    assert [one.verdict for one in allowed(without, pairs)] == [one.verdict for one in allowed(network, pairs)]


def test_a_rule_for_everything_is_open_to_the_world() -> None:
    peers = (ANYWHERE, "::/0", "0.0.0.0/1", "10.0.0.0/8", "sg-app")
    assert [rule("sg", "ingress", -1, ALL, one).is_open_to_world for one in peers] == [True, True, False, False, False]
