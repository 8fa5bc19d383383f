"""The calendar and what stands around it: placed and counted by hand."""

import re
from datetime import date

from reports.readiness import dependency_page, plan_page
from reports.readiness.dependency_view import FactorRow, FlowLogs, NeededRuleRow, RiskRow, RuleRow, SeenChance
from reports.readiness.plan_view import Crossing, Cut, FreezeWindow, MoveGroup, Plan, Wave
from tests.reports.sample_evidence import edge_known_by


def _plan(*waves: tuple[date | None, date | None], freezes: tuple[FreezeWindow, ...] = ()) -> Plan:
    rows = tuple(Wave(at + 1, "", (), 1, 0, 0, (), (), starts_on=first, ends_on=last) for at, (first, last) in enumerate(waves))
    return Plan("plan", None, (), (), rows, (), freeze_windows=freezes)


def test_a_plan_without_dates_has_no_calendar() -> None:
    assert plan_page.calendar(_plan((None, None))) is None


def test_waves_stand_where_their_days_are() -> None:
    # 20 days from Tuesday 1 to Sunday 20 December: wave 1 takes the first two, wave 2 the last one.
    frozen = FreezeWindow(date(2026, 12, 11), date(2026, 12, 15), "release")
    far = FreezeWindow(date(2027, 12, 11), date(2027, 12, 15), "later")
    plan = _plan((date(2026, 12, 1), date(2026, 12, 2)), (date(2026, 12, 20), None), freezes=(frozen, far))
    calendar = plan_page.calendar(plan)
    assert calendar is not None
    first, second = (re.findall(r'rect class="(\w+)" x="([\d.]+)%" width="([\d.]+)%"', row.chart) for row in calendar.rows)
    assert first == [("shut", "50", "25"), ("span", "0", "10")]
    assert second == [("shut", "50", "25"), ("span", "95", "5")]
    assert [row.when for row in calendar.rows] == ["1 to 2 Dec 2026", "20 Dec 2026"]
    assert re.findall(r'x="([\d.]+)%" y="11">([^<]+)', calendar.axis) == [("30", "7 Dec"), ("65", "14 Dec")]
    assert calendar.freezes == ("11 to 15 Dec 2026: release", "11 to 15 Dec 2027: later")


def test_a_long_plan_has_few_labels() -> None:
    calendar = plan_page.calendar(_plan((date(2026, 1, 10), None), (date(2028, 3, 1), None)))
    assert calendar is not None
    labels = re.findall(r">([^<]+)</text>", calendar.axis)
    assert labels[0] == "Feb 2026"
    assert len(labels) <= 6


def _group(one: str, members: tuple[str, ...], label: str | None = None) -> MoveGroup:
    return MoveGroup(one, 1, members, cyclic=False, cycle=(), needs=(), label=label)


def test_a_group_is_called_by_its_member_its_label_or_both() -> None:
    groups = (
        _group("g1", ("a", "b"), "billing"),
        _group("g2", ("a", "b")),
        _group("g3", ("c",), "shop"),
        _group("g4", ("d", "e", "f"), "shop"),
        _group("g5", ("g", "h"), "shop"),
    )
    names = plan_page.group_names(groups, {"a": "web"})
    assert names == {"g1": "billing", "g2": "web and 1 more", "g3": "c", "g4": "d and 2 more (shop)", "g5": "g and 1 more (shop)"}


def test_crossings_and_cuts_call_groups_by_name_the_largest_cut_first() -> None:
    plan = Plan("plan", None, (), (), (), (), crossings=(Crossing("g1", "gone", 2, 1, 9.0, 1),), cuts=(_cut("g2", 3), _cut("g1", 9)))
    names = {"g1": "billing", "g2": "web and b"}
    assert [(row.source, row.target) for row in plan_page.crossings(plan, names)] == [("billing", "gone")]
    assert [row.name for row in plan_page.cuts(plan, names)] == ["billing", "web and b"]


def _cut(group: str, size: int) -> Cut:
    return Cut(group, size, 2, ("a",), ("b",), (), 0.0, None, None, "")


def test_chances_fall_into_four_bins() -> None:
    rows = tuple(SeenChance(str(at), 1, 0.0, weekly, monthly) for at, (weekly, monthly) in enumerate(((1.0, 0.5), (0.5, 0.1), (0.0, 0.0))))
    bins = dependency_page.chance_bins(FlowLogs(chances=rows))
    assert [(row.weekly, row.monthly) for row in bins] == [(1, 0), (1, 1), (0, 1), (1, 1)]


def test_risks_come_with_their_factors_and_levels_with_what_is_wholly_measured() -> None:
    risks = (RiskRow("a", "high", 40.0, 55.0, ("exposure",)), RiskRow("b", "low", 2.0, 2.0))
    factors = (
        FactorRow("a", "age", 4.0, 4.0, 4.0, ""),
        FactorRow("a", "exposure", 0.0, 10.0, 10.0, ""),
        FactorRow("b", "age", 2.0, 2.0, 4.0, ""),
    )
    assert [(row.risk.uid, [one.factor for one in row.factors]) for row in dependency_page.risky(risks, factors)] == [
        ("a", ["age", "exposure"]),
        ("b", ["age"]),
    ]
    assert [(row.label, row.values) for row in dependency_page.level_bars(risks)] == [
        ("critical", ("0", "0")),
        ("high", ("1", "0")),
        ("medium", ("0", "0")),
        ("low", ("1", "1")),
    ]
    assert dependency_page.unmeasured(factors) == (dependency_page.Unmeasured("exposure", "", 1, 10.0),)


def test_rule_ports_in_words() -> None:
    def ports(protocol: int, low: int, high: int) -> str:
        return dependency_page.rule_ports(RuleRow("r", "g", "ingress", protocol, low, high, "p", "used", False, 1, 1, 1))

    assert [ports(-1, -1, -1), ports(6, 443, 443), ports(6, 8000, 8100), ports(17, 0, 65535), ports(1, -1, -1)] == [
        "all traffic",
        "TCP 443 (https)",
        "TCP 8000 to 8100",
        "UDP, all ports",
        "ICMP, all ports",
    ]


def test_peers_are_called_by_their_names() -> None:
    row = NeededRuleRow("g", "egress", 6, 443, "x", "move_group", 1, 1, 0.9)
    assert dependency_page.peer_name(row, {"x": "billing"}, {"x": "web"}) == "billing"
    assert dependency_page.peer_name(NeededRuleRow("g", "egress", 6, 443, "x", "cidr", 1, 1, 0.9), {"x": "billing"}, {}) == "x"


def test_far_ends_in_a_sentence() -> None:
    edges = (
        edge_known_by("traffic", source_uid="a", target_uid="external:s3"),
        edge_known_by("traffic", source_uid="b", target_uid="external:s3"),
        edge_known_by("traffic", source_uid="unknown:10.0.0.9", target_uid="a"),
        edge_known_by("config", source_uid="a", target_uid="arn:aws:iam::9:role/x"),
    )
    ends = dependency_page.far_ends(edges, {"a", "b"})
    assert [(row.kind, row.dependencies, row.resources) for row in ends] == [
        ("unknown", 1, 1),
        ("external", 2, 2),
        ("not in the inventory", 1, 1),
    ]
    assert dependency_page.far_sentence(ends) == (
        "Dependencies end at 1 network or service outside, 1 address that nothing known held and 1 resource that was not found."
    )
