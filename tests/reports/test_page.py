"""What stands where: counted and sorted by hand."""

from dataclasses import replace
from datetime import UTC, datetime

from reports.readiness import page, trust_page, wave_page
from reports.readiness.dependency_view import FlowLogPlace, FlowLogs
from reports.readiness.plan_view import MoveGroup, NoWaveRow, Plan, Wave
from reports.readiness.view import RelationRow, UsageRow
from tests.reports.sample_views import empty_view, resource


def _cpu(uid: str, p95: float) -> UsageRow:
    return UsageRow(uid, "CPUUtilization", "Average", "percent", 9, 1.0, p95, p95, p95, p95, p95, p95, None, None, None)


def _plan(*groups: MoveGroup, no_wave: tuple[NoWaveRow, ...] = ()) -> Plan:
    waves = (Wave(1, "", tuple(group.id for group in groups), sum(len(group.members) for group in groups), 0, 0, (), ()),)
    return Plan("plan", None, (), groups, waves, no_wave)


def test_cpu_bins_hold_their_lower_bound_and_the_last_its_upper() -> None:
    view = replace(empty_view(), usage=tuple(_cpu(str(p95), p95) for p95 in (0, 4.9, 5, 79.9, 80, 100, 103)))
    assert [row.values for row in page.cpu_bins(view)] == [("2",), ("1",), ("0",), ("0",), ("0",), ("1",), ("3",)]


def test_cpu_rows_are_busiest_first_and_only_of_the_inventory() -> None:
    view = replace(empty_view(), resources=(resource("a"), resource("b")), usage=(_cpu("a", 10), _cpu("b", 90), _cpu("gone", 99)))
    assert [row.resource.uid for row in page.cpu_rows(view)] == ["b", "a"]


def test_notable_groups_are_cycles_then_the_largest_with_what_binds_them() -> None:
    groups = (
        MoveGroup("alone", 1, ("x",), cyclic=False, cycle=(), needs=()),
        MoveGroup("pair", 1, ("a", "b"), cyclic=False, cycle=(), needs=()),
        MoveGroup("three", 1, ("c", "d", "e"), cyclic=False, cycle=(), needs=()),
        MoveGroup("ring", 1, ("f", "g"), cyclic=True, cycle=("f", "g"), needs=()),
    )
    relations = (
        RelationRow("a", "b", "network-interface"),
        RelationRow("a", "b", "subnet"),
        RelationRow("a", "c", "target"),
        RelationRow("c", "d", "volume"),
        RelationRow("c", "e", "volume"),
    )
    view = replace(empty_view(), relations=relations, settings_kinds=("subnet",))
    found = wave_page.notable_groups(view, _plan(*groups))
    assert [(notable.item.group.id, notable.bound_by) for notable in found] == [
        ("ring", ()),
        ("three", ("2 × volume",)),
        ("pair", ("1 × network interface",)),
    ]


def test_reasons_add_up_the_commonest_first() -> None:
    rows = (
        NoWaveRow("network", "AWS::EC2::Subnet", 2),
        NoWaveRow("identity", "AWS::IAM::Role", 4),
        NoWaveRow("network", "AWS::EC2::VPC", 3),
    )
    assert [(row.reason, row.resources, row.types) for row in wave_page.reasons(_plan(no_wave=rows))] == [
        ("network", 5, ("3 × EC2 VPC", "2 × EC2 Subnet")),
        ("identity", 4, ("4 × IAM Role",)),
    ]


def test_a_lane_shows_cycles_first_and_counts_what_it_leaves_out() -> None:
    groups = [MoveGroup(f"g{number:02}", 1, (f"u{number}",), cyclic=number == 13, cycle=(), needs=()) for number in range(14)]
    (lane,) = wave_page.lanes(replace(empty_view(), resources=(resource("u13", name="ring"),)), _plan(*groups))
    assert lane.groups[0].members == ("ring",)
    assert (len(lane.groups), lane.more_groups) == (12, 2)


def test_metrics_are_a_gap_when_refused_and_plain_when_some_have_none() -> None:
    view = empty_view()
    tone = {item.label: item.tone for item in trust_page.trust_items(view)}
    assert tone == {
        "Accounts seen in full": "gap",
        "Account regions seen in full": "gap",
        "Services seen in full": "gap",
        "Metrics": "gap",
        "Flow logs": "gap",
        "Weekly traffic surely seen": "gap",
        "Prices": "gap",
        "Bill reproduced": "gap",
        "Data checks passed": "gap",
    }


def test_a_place_whose_newest_data_was_not_seen_is_no_place_that_was_not_read() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    stale = FlowLogPlace("s3://a/", "1", "eu", "estate file", "partial", 3, 0, read_objects=3, read_at=at, attempted_at=at)
    denied = replace(stale, source="s3://b/", status="denied", read_at=None)

    def flow_logs(*places: FlowLogPlace) -> tuple[str, str, str]:
        view = replace(empty_view(), flow_logs=FlowLogs(places, days=15, records=9))
        return next((item.value, item.note, item.tone) for item in trust_page.trust_items(view) if item.label == "Flow logs")

    assert flow_logs(stale, stale, stale) == ("15 days", "newest data of 3 of 3 places not seen", "gap")
    assert flow_logs(denied, stale) == ("15 days", "1 of 2 places not read in full, newest data of 1 of 2 places not seen", "gap")
