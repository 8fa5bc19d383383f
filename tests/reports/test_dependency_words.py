"""Sentences on traffic, rules, risk and the calendar: right number, right plural, nothing promised that was not measured."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from reports.readiness import dependency_words as words
from reports.readiness import plan_words
from reports.readiness.dependency_view import FlowLogPlace, FlowLogs, MemberRow, NeededRuleRow, RiskRow, RuleRow, SeenChance, SharedRow
from reports.readiness.plan_view import Crossing, Cut, Excluded, FreezeWindow, Pin, Plan, Retired, Wave
from reports.readiness.ports import port_text
from reports.readiness.view import CoverageRow
from tests.reports.sample_evidence import edge_known_by as edge
from tests.reports.sample_evidence import sample_report
from tests.reports.sample_views import SNAPSHOT_AT, empty_view

OK = FlowLogPlace("s3://a/", "1", "eu", "estate file", "ok", 3, 3)
DENIED = replace(OK, source="s3://b/", status="denied", objects=0)
TRIED = SNAPSHOT_AT + timedelta(minutes=22)
STALE = replace(
    OK, status="partial", error_code="NoCredentialsError", new_objects=0, read_objects=3, read_at=SNAPSHOT_AT, attempted_at=TRIED
)
LOGS = FlowLogs((OK,), SNAPSHOT_AT, SNAPSHOT_AT + timedelta(days=13), 14, 97, 100, 90, objects=3, records=1234)


@pytest.mark.parametrize(
    ("logs", "expected"),
    [
        pytest.param(
            None,
            "Flow logs were not looked for in this snapshot, so nothing here comes from traffic; `cloudmigrate dependencies` reads them.",
            id="nobody-looked",
        ),
        pytest.param(
            FlowLogs(),
            "The estate names no flow logs and its inventory has none that could be read, so nothing here comes from traffic.",
            id="no-place",
        ),
        pytest.param(
            FlowLogs((DENIED,)), "Not one record was read from 1 place of flow logs, so nothing here comes from traffic.", id="nothing-read"
        ),
        pytest.param(
            replace(LOGS, places=(replace(OK, detail="fl-a, fl-b deliver to this one log group"),)),
            "Flow logs of 14 days were read from 1 of 1 place: 1,234 records at 97 interfaces. "
            "In 1 log group several flow logs may have written the same records, whose bytes then count twice.",
            id="shared",
        ),
        pytest.param(LOGS, "Flow logs of 14 days were read from 1 of 1 place: 1,234 records at 97 interfaces.", id="all-well"),
        pytest.param(
            replace(LOGS, places=(OK, DENIED), days=1, interfaces=1, records=1, skipped_share=0.25, unreadable_objects=1, broken_lines=1),
            "Flow logs of 1 day were read from 1 of 2 places: 1 record at 1 interface. AWS skipped data in 25\u202f% of the hours "
            "(SKIPDATA). 1 of 3 objects could not be read. 1 line was no record.",
            id="with-flaws",
        ),
        pytest.param(
            replace(LOGS, places=(STALE, replace(STALE, source="s3://b/"))),
            "Flow logs of 14 days were read from 2 of 2 places: 1,234 records at 97 interfaces. "
            "The last attempt, on 22 Nov 2026, 20:52 UTC, did not succeed at 2 of 2 places (NoCredentialsError): "
            "all that lay there on 22 Nov 2026, 20:30 UTC was read, "
            "what came since may be missing.",
            id="read-before-and-refused-now",
        ),
        pytest.param(
            replace(
                LOGS,
                places=(
                    replace(DENIED, error_code="AccessDenied", attempted_at=TRIED),
                    STALE,
                    replace(STALE, source="s3://c/", read_at=SNAPSHOT_AT + timedelta(hours=-1)),
                    replace(STALE, source="s3://d/", read_at=None),
                    OK,
                ),
            ),
            "Flow logs of 14 days were read from 4 of 5 places, 1 of them in part: 1,234 records at 97 interfaces. "
            "The last attempt, on 22 Nov 2026, 20:52 UTC, did not succeed at 4 of 5 places (AccessDenied and NoCredentialsError): "
            "all that lay at 2 of them on 22 Nov 2026, 19:30 UTC or later was read, what came since may be missing.",
            id="each-kind",
        ),
        pytest.param(
            replace(LOGS, places=(replace(STALE, read_objects=None, read_at=None, attempted_at=None),)),
            "Flow logs of 14 days were read from 1 of 1 place, 1 of them in part: 1,234 records at 97 interfaces.",
            id="as-an-older-snapshot-tells-it",
        ),
        pytest.param(
            FlowLogs((replace(DENIED, error_code="AccessDenied", attempted_at=TRIED),)),
            "Not one record was read from 1 place of flow logs, so nothing here comes from traffic. "
            "The last attempt, on 22 Nov 2026, 20:52 UTC, did not succeed at 1 of 1 place (AccessDenied).",
            id="never-read",
        ),
    ],
)
def test_flow_logs(logs: FlowLogs | None, expected: str) -> None:
    assert words.flow_logs_sentence(logs) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param((), "No resource with an address is known, so nothing can be concluded from silence.", id="none-known"),
        pytest.param(
            (14, 7),
            "What happens once a week is certain to have been seen at all 2 resources with an address, once a month at none.",
            id="all",
        ),
        pytest.param(
            (30, 6, 0),
            "What happens once a week is certain to have been seen at 1 of 3 resources with an address, once a month at 1. "
            "1 has no fully logged day: its silence says nothing.",
            id="some",
        ),
        pytest.param(
            (0, 0),
            "What happens once a week is certain to have been seen at none of 2 resources with an address, once a month at none. "
            "2 have no fully logged day: their silence says nothing.",
            id="blind",
        ),
    ],
)
def test_chances(days: tuple[int, ...], expected: str) -> None:
    rows = [SeenChance(str(at), day, 0.0, min(1, day / 7), min(1, day / 30)) for at, day in enumerate(days)]
    others = " Of what has no address, such as buckets and queues, flow logs show nothing: there the probability is 0." if days else ""
    assert words.chance_sentence(rows) == expected + others


@pytest.mark.parametrize(
    ("edges", "logs", "expected"),
    [
        pytest.param((), LOGS, "No dependency between resources is known.", id="none"),
        pytest.param((edge("both"),), LOGS, "1 dependency: 1 seen in traffic and stated by configuration.", id="one-both"),
        pytest.param(
            (edge("both"), edge("traffic"), edge("traffic"), edge("config")),
            LOGS,
            "4 dependencies: 1 seen in traffic and stated by configuration, 2 only seen and 1 only stated.",
            id="each",
        ),
        pytest.param(
            (edge("config"), edge("config")),
            None,
            "2 dependencies, all stated by configuration; no flow logs were read, so traffic that configuration does not name is missing.",
            id="no-logs",
        ),
        pytest.param((edge("config"),), LOGS, "1 dependency, stated by configuration; none was seen in traffic.", id="silent"),
    ],
)
def test_dependencies(edges: tuple[object, ...], logs: FlowLogs | None, expected: str) -> None:
    assert words.dependencies_sentence(replace(empty_view(), dependencies=edges, flow_logs=logs)) == expected  # type: ignore[arg-type]


def test_without_mapped_dependencies_configuration_speaks() -> None:
    assert words.dependencies_sentence(empty_view()) == "Configuration states no relation between the resources found."


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        pytest.param((True, False, False), "2 were seen but are not allowed by today's rules any more: find out what changed", id="two"),
        pytest.param((False, None), "1 was seen but is not allowed by today's rules any more: find out what changed", id="one"),
        pytest.param((True, True), "All that was seen is still allowed by today's rules.", id="all-allowed"),
        pytest.param((True, None), "", id="some-not-judged"),
        pytest.param((None, None), "Whether today's rules still let them through could not be told for any.", id="none-judged"),
        pytest.param((), "", id="nothing-seen"),
    ],
)
def test_what_is_not_allowed_any_more(allowed: tuple[bool | None, ...], expected: str) -> None:
    found = words.shut_sentence([edge("traffic", allowed=one) for one in allowed])
    assert found.startswith(expected)
    assert bool(found) == bool(expected)


def _rule(finding: str, *, wide: bool = False, direction: str = "ingress") -> RuleRow:
    return RuleRow("sgr", "sg", direction, 6, 443, 443, "0.0.0.0/0", finding, wide, 1, 1, 1)


@pytest.mark.parametrize(
    ("rules", "expected", "opened"),
    [
        pytest.param([], "No security group rule was found.", "No rules let the whole world in.", id="none"),
        pytest.param(
            [_rule("used", wide=True)], "Of 1 security group rule 1 was seen in use.", "1 rule lets the whole world in.", id="one-used"
        ),
        pytest.param(
            [
                _rule("used", wide=True, direction="egress"),
                _rule("unused", wide=True),
                _rule("unused", wide=True),
                _rule("not_measured"),
                _rule("no_bearer"),
            ],
            "Of 5 security group rules 1 was seen in use, 2 were never used, 1 was not measured and 1 is on nothing that was found.",
            "2 rules let the whole world in (2 of them were never used); 1 lets traffic out to all of it.",
            id="each",
        ),
    ],
)
def test_rules(rules: list[RuleRow], expected: str, opened: str) -> None:
    assert words.rules_sentence(rules) == expected
    assert words.open_sentence(rules) == opened


@pytest.mark.parametrize(
    ("levels", "blind", "expected"),
    [
        pytest.param((), 0, "No resource that can migrate was found, so there is no risk to score.", id="none"),
        pytest.param(("low", "medium"), 0, "None of 2 resources is at high or critical risk.", id="calm"),
        pytest.param(
            ("critical", "high", "high", "low"),
            1,
            "Of 4 resources 1 is at critical and 2 are at high risk. For 1 of the 4 exposure was not measured; that counts at its maximum.",
            id="hot",
        ),
    ],
)
def test_risk(levels: tuple[str, ...], blind: int, expected: str) -> None:
    rows = [RiskRow(str(at), level, 1.0, 2.0, ("exposure",) if at < blind else ()) for at, level in enumerate(levels)]
    assert words.risk_sentence(rows) == expected


def test_of_what_was_not_measured_the_most_frequent_is_named() -> None:
    missing = [("downtime_tolerance",), ("exposure", "downtime_tolerance"), ()]
    rows = [RiskRow(str(at), "low", 1.0, 2.0, factors) for at, factors in enumerate(missing)]

    assert words.risk_sentence(rows) == (
        "None of 3 resources is at high or critical risk. "
        "For 2 of the 3 something was not measured, most often downtime tolerance (2); that counts at its maximum."
    )


@pytest.mark.parametrize(
    ("held", "back", "expected"),
    [
        (0, 0, "No resource was found that serves so many that it would bind everything into one group."),
        (1, 0, "1 resource serves so many others that it would bind them all into one group, and is held out of grouping."),
        (
            2,
            1,
            "2 resources serve so many others that they would bind them all into one group, and are held out of grouping; 1 was put back",
        ),
        (0, 2, "No shared service is held out of grouping; 2 were put back by a person."),
    ],
    ids=["none", "one", "two-and-one-back", "all-back"],
)
def test_shared_services(held: int, back: int, expected: str) -> None:
    rows = [SharedRow(str(at), "dns", 9, at < held, "") for at in range(held + back)]
    assert words.shared_sentence(rows, LOGS).startswith(expected)


def test_what_was_not_looked_at_is_never_told_as_none() -> None:
    unread = "Shared services are told by their traffic, and none was read."
    assert [words.shared_sentence((), logs) for logs in (None, FlowLogs())] == [unread, unread]
    refused = [CoverageRow("1", region, "ec2", "AWS::EC2::SecurityGroup", "denied", None, None, None, 0) for region in ("a", "b")]
    assert words.rules_sentence((), refused) == "Security groups could not be looked at in 2 account regions, and no rule is known."
    assert words.rules_sentence([_rule("used")], refused[:1]) == (
        "Of 1 security group rule 1 was seen in use. In 1 account region they could not be looked at."
    )


def test_workloads_and_their_sources() -> None:
    members = [MemberRow(str(at), "shop", source, "", 0.9) for at, source in enumerate(("tag", "tag", "mapping"))]
    assert words.sources_sentence(members) == "Told by: 2 by a tag and 1 by the mapping file."
    assert words.sources_sentence([]) == ""
    assert words.workloads_sentence(replace(empty_view(), workloads=())) == "None of no resources belongs to a workload."
    view = sample_report(60)
    assert words.workloads_sentence(view) == f"{len(view.members)} of 60 resources belong to {len(view.workloads or ())} workloads."


def test_needed_rules() -> None:
    row = NeededRuleRow("g", "egress", 6, 443, "s3", "aws_service", 1, 1, 0.9)
    assert words.needed_sentence([]) == "No traffic of a move group was seen, so no rule can be derived from it."
    assert words.needed_sentence([row]) == "1 move group needs 1 rule by what was seen; what was not seen is not in them."
    assert words.needed_sentence([row, replace(row, move_group="h")]).startswith("2 move groups need 2 rules")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "class", "not measured"),
        (1.0, "yes or no", "yes"),
        (0.0, "yes or no", "no"),
        (3.0, "class", "3"),
        (0.25, "probability", "0.25"),
        (2048.0, "bytes", "2 KiB"),
        (12.5, "dependencies", "12.5"),
        (0.0008, "days", "0"),
        (97.25, "percent", "97.2\u202f%"),
    ],
)
def test_numbers_of_factors(value: float | None, unit: str, expected: str) -> None:
    assert words.factor_number(value, unit) == expected


def test_points_show_an_interval_only_where_there_is_one() -> None:
    assert (words.points(5, 5), words.points(5, 12.25), words.points(5.01, 5.04)) == ("5", "5 to 12.2", "5")


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, "no date"),
        (date(2026, 12, 1), None, "1 Dec 2026"),
        (date(2026, 12, 1), date(2026, 12, 1), "1 Dec 2026"),
        (date(2026, 12, 1), date(2026, 12, 3), "1 to 3 Dec 2026"),
        (date(2026, 11, 30), date(2026, 12, 2), "30 Nov to 2 Dec 2026"),
        (date(2026, 12, 30), date(2027, 1, 2), "30 Dec 2026 to 2 Jan 2027"),
    ],
)
def test_spans_of_days(first: date | None, last: date | None, expected: str) -> None:
    assert plan_words.days_of(first, last) == expected


def _wave(number: int, starts: date | None, *, pilot: bool = False) -> Wave:
    return Wave(number, "", (), 1, 0, 0, (), (), starts_on=starts, ends_on=starts, pilot=pilot)


def test_the_calendar_in_words() -> None:
    plan = Plan("plan", None, (), (), (_wave(1, date(2026, 12, 1), pilot=True), _wave(2, date(2027, 1, 12))), ())
    assert plan_words.calendar_sentence(plan) == "The first wave starts on 1 Dec 2026, the last ends on 12 Jan 2027."
    frozen = replace(plan, freeze_windows=(FreezeWindow(date(2026, 12, 18), date(2027, 1, 4), "year-end", ("prod",)),))
    assert plan_words.calendar_sentence(frozen).endswith(
        "; 1 freeze window is kept free of what is tagged prod; what has no such tag may move in it."
    )
    assert plan_words.freeze_text(frozen.freeze_windows[0]) == "18 Dec 2026 to 4 Jan 2027: year-end (only prod)"
    assert plan_words.calendar_sentence(replace(plan, waves=(_wave(1, None),))) == ""
    assert plan_words.pilots_sentence(plan.waves) == "Wave 1 is a pilot, small on purpose."
    assert plan_words.pilots_sentence(plan.waves[1:]) == ""
    assert plan_words.pilots_sentence((plan.waves[0], _wave(2, None, pilot=True))) == "Waves 1 and 2 are pilots, small on purpose."


def test_what_a_plan_was_asked_for() -> None:
    policy = [("max_resources_per_wave", "50"), ("pilot_max_servers", "9"), ("separate_layers", "False"), ("min_confidence", "0.0")]
    policy += [("link_latency_ms", "20.0"), ("transfer_usd_per_gb", "0.09"), ("of_a_later_version", "7")]
    assert plan_words.policy_sentence(policy) == (
        "Asked for: at most 50 resources a wave; at most 9 servers in a pilot; assumed between the sites: 20 ms; "
        "assumed price of data between the sites: 0.09 USD per GB; of a later version 7."
    )
    assert plan_words.policy_sentence(()) == ""


def test_what_crosses_sites_and_what_a_cut_costs() -> None:
    assert plan_words.crossings_sentence(()) == "No traffic was seen between move groups of different waves."
    assert plan_words.crossings_sentence((Crossing("a", "b", 2, 1, 2048.0, 3),)) == (
        "Between 1 pair of move groups of different waves 2 KiB a day was seen: it crosses sites from the earlier wave until the later one."
    )
    cut = Cut("g", 9, 6, ("a",), ("b",), (), 1024.0, 20.0, 0.389, "")
    assert plan_words.cut_cost(cut) == "1 KiB/s over no dependencies, 20 ms more per round trip and 0.39 USD a day for transfer"
    assert plan_words.cuts_sentence((cut,)).startswith("1 move group is larger than a wave may be. It moves whole; here is where it could")
    assert plan_words.cuts_sentence((cut, cut)).startswith(
        "2 move groups are larger than a wave may be. They move whole; here is where each"
    )


def test_what_people_decided() -> None:
    plan = Plan("plan", None, (), (), (), (), pins=(Pin("a", 1, "", ""),), excluded=(Excluded("b", "", ""), Excluded("c", "", "")))
    assert plan_words.decisions_sentence(plan) == "By people's decisions: 1 resource pinned to a wave and 2 resources taken out."
    assert plan_words.decisions_sentence(replace(plan, pins=(), excluded=())) == ""
    gone = replace(plan, pins=(), excluded=(), retired=(Retired("d", "", ""),))
    assert plan_words.decisions_sentence(gone) == "By people's decisions: 1 resource retired by a wave."


@pytest.mark.parametrize(
    ("protocol", "port", "expected"),
    [
        (None, None, "configuration"),
        (6, 5432, "TCP 5432 (postgresql)"),
        (17, 53, "UDP 53 (dns)"),
        (6, 0, "TCP"),
        (1, 0, "ICMP"),
        (99, 7, "IP 99 7"),
    ],
)
def test_ports(protocol: int | None, port: int | None, expected: str) -> None:
    assert port_text(protocol, port) == expected
