"""The report's sentences: plurals, zero, one, many, units."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cloudmigrate.domain.naming import short_type
from reports.readiness import words
from reports.readiness.plan_view import MoveGroup, NoWaveRow, Plan, Wave
from reports.readiness.view import IdleRow, Seen, Totals, Trust, UsageRow
from tests.reports.sample_views import empty_view, resource

GIB = 1024**3
NARROW = "\u202f"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(0, "no volumes"), (1, "1 volume"), (2, "2 volumes"), (12_345, "12,345 volumes")],
    ids=["zero", "one", "two", "many"],
)
def test_count(amount: int, expected: str) -> None:
    assert words.count(amount, "volume") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (7, "7"),
        (999.6, "1,000"),
        (1234.5, "1,234"),
        (12.345, "12.3"),
        (0.0123, "0.0123"),
        (0.00001234, "1.2e-05"),
        (-3.5, "-3.5"),
    ],
)
def test_number(value: float, expected: str) -> None:
    assert words.number(value) == expected


@pytest.mark.parametrize(
    ("size_bytes", "expected"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (100 * GIB, "100 GiB"),
        (1024 * GIB, "1 TiB"),
        (2**80, "1,048,576 EiB"),
    ],
)
def test_size(size_bytes: int, expected: str) -> None:
    assert words.size(size_bytes) == expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [(0, "0"), (0.001, "under 1"), (0.5, "50"), (0.995, "over 99"), (1, "100")],
    ids=["nothing", "never-rounded-to-nothing", "half", "never-rounded-to-all", "all"],
)
def test_share(part: float, expected: str) -> None:
    assert words.share(part) == f"{expected}{NARROW}%"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], "none"),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
    ids=["none", "one", "two", "as-many-as-fit", "more-than-fit"],
)
def test_listing(items: list[str], expected: str) -> None:
    assert words.listing(items) == expected


def test_hour_of_week_starts_on_monday() -> None:
    assert [words.hour_of_week(hour) for hour in (0, 14, 167)] == ["Mon 00:00", "Mon 14:00", "Sun 23:00"]


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [("AWS::EC2::Instance", "EC2 Instance"), ("Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachines")],
)
def test_short_type(canonical: str, expected: str) -> None:
    assert short_type(canonical) == expected


def test_instant_has_no_leading_zero_in_the_day() -> None:
    assert words.instant(datetime(2026, 3, 4, 5, 6, tzinfo=UTC)) == "4 Mar 2026, 05:06 UTC"


@pytest.mark.parametrize(("amount", "expected"), [(0, "no data"), (0.5, "under 1 day"), (1.0, "1 day"), (13.99, "14 days")])
def test_days(amount: float, expected: str) -> None:
    assert words.days(amount) == expected


def _trust(**changes: object) -> Trust:
    return replace(Trust(Seen(3), Seen(6), Seen(12), 100, 0, 10, 0, 0), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        pytest.param(
            _trust(), "Everything in scope was seen: 100 look-ups of a resource type in an account and region, none refused.", id="all-seen"
        ),
        pytest.param(
            _trust(gap_look_ups=1),
            f"1 of 100 look-ups (1{NARROW}%) could not be completed; what they would have shown is missing from every figure below.",
            id="one-gap",
        ),
        pytest.param(_trust(gap_look_ups=100), "Nothing at all could be seen; this report describes nothing yet.", id="nothing-seen"),
        pytest.param(_trust(look_ups=0), "Nothing was looked at, so nothing in this report describes the estate.", id="nothing-asked"),
        pytest.param(
            _trust(failed_critical_checks=2),
            "Everything in scope was seen: 100 look-ups of a resource type in an account and region, none refused. "
            "2 critical data checks failed: do not decide on this report.",
            id="critical-checks-failed",
        ),
    ],
)
def test_verdict(trust: Trust, expected: str) -> None:
    assert words.verdict_sentence(trust) == expected


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        pytest.param(_trust(checks=0), "No data checks were run on this snapshot.", id="none-run"),
        pytest.param(_trust(checks=1), "The one data check passed.", id="one-passed"),
        pytest.param(_trust(), "All 10 data checks passed.", id="all-passed"),
        pytest.param(_trust(failed_warning_checks=1), "1 of 10 data checks did not pass (1 warning).", id="one-warning"),
        pytest.param(
            _trust(failed_warning_checks=2, failed_critical_checks=1),
            "3 of 10 data checks did not pass (1 critical and 2 warnings).",
            id="both",
        ),
    ],
)
def test_quality(trust: Trust, expected: str) -> None:
    assert words.quality_sentence(trust) == expected


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        pytest.param(Totals(), "No resources were found in what could be seen.", id="none"),
        pytest.param(Totals(1, 1, 1, 1), "1 resource of 1 type in 1 account and 1 region.", id="one"),
        pytest.param(Totals(2, 1, 1, 0), "2 resources of 1 type in 1 account.", id="only-global"),
        pytest.param(Totals(10_234, 38, 3, 4), "10,234 resources of 38 types in 3 accounts and 4 regions.", id="many"),
    ],
)
def test_found(totals: Totals, expected: str) -> None:
    assert words.found_sentence(totals) == expected


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        pytest.param(Totals(5), "None of them holds data that must be moved.", id="none"),
        pytest.param(Totals(5, stateful=1), "1 of them holds data that must be moved; how much is not known.", id="one-without-size"),
        pytest.param(
            Totals(5, stateful=3, storage_bytes=150 * GIB, copies_bytes=30 * GIB),
            "3 of them hold data that must be moved: 150 GiB; snapshots and images add 30 GiB of copies.",
            id="several-with-copies",
        ),
        pytest.param(
            Totals(5, stateful=3, storage_bytes=150 * GIB, unsized=1),
            "3 of them hold data that must be moved: 150 GiB, with 1 of unknown size.",
            id="one-of-unknown-size",
        ),
    ],
)
def test_storage(totals: Totals, expected: str) -> None:
    assert words.storage_sentence(totals) == expected


def _cpu(uid: str) -> UsageRow:
    return UsageRow(uid, "CPUUtilization", "Average", "percent", 9, 1.0, 1, 1, 1, 1, 1, 1, None, None, None)


def _idle(uid: str) -> IdleRow:
    return IdleRow(uid, "CPU", "CPUUtilization", "percent", 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("measured", "idle", "expected"),
    [
        pytest.param(0, 0, "None of them reports its use of CPU.", id="no-cpu"),
        pytest.param(2, 0, f"None of 2 resources with CPU data stayed below 5{NARROW}% for 95{NARROW}% of the time.", id="none-idle"),
        pytest.param(
            1,
            1,
            f"The only resource with CPU data stayed below 5{NARROW}% for 95{NARROW}% of the time: "
            "ask its owner whether it is still needed.",
            id="the-only-one",
        ),
        pytest.param(
            3,
            2,
            f"2 of 3 resources with CPU data stayed below 5{NARROW}% for 95{NARROW}% of the time: "
            "ask their owners whether they are still needed.",
            id="several",
        ),
    ],
)
def test_idle(measured: int, idle: int, expected: str) -> None:
    view = replace(
        empty_view(), usage=tuple(_cpu(str(number)) for number in range(measured)), idle=tuple(_idle(str(number)) for number in range(idle))
    )
    assert words.idle_sentence(view) == expected


def _plan(*sizes: int, cyclic: int = 0) -> Plan:
    groups = tuple(MoveGroup(f"g{at}", at + 1, ("u",) * size, at < cyclic, (), ()) for at, size in enumerate(sizes))
    waves = tuple(Wave(at + 1, "", (f"g{at}",), size, 0, 0, (), ()) for at, size in enumerate(sizes))
    return Plan("plan", None, (), groups, waves, ())


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param(None, "No plan has been made of this snapshot yet; `cloudmigrate plan` makes one.", id="no-plan"),
        pytest.param(_plan(), "The plan has no waves: nothing that was found moves on its own.", id="no-waves"),
        pytest.param(_plan(1), "1 resource in 1 move group moves in 1 wave; what a group needs moves no later than it does.", id="one"),
        pytest.param(
            _plan(3, 2, cyclic=1),
            "5 resources in 2 move groups move in 2 waves; 1 group is bound in a cycle and cannot be split.",
            id="cycle",
        ),
    ],
)
def test_waves(plan: Plan | None, expected: str) -> None:
    assert words.waves_sentence(plan) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param((), "Every resource of the inventory has a wave.", id="none"),
        pytest.param((NoWaveRow("r", "t", 1),), "1 resource has no wave of its own, for the reason below.", id="one"),
        pytest.param(
            (NoWaveRow("r", "t", 1), NoWaveRow("s", "t", 4)), "5 resources have no wave of their own, for the reasons below.", id="many"
        ),
    ],
)
def test_no_wave(rows: tuple[NoWaveRow, ...], expected: str) -> None:
    assert words.no_wave_sentence(replace(_plan(1), no_wave=rows)) == expected


def test_inventory_sentence_adds_up() -> None:
    view = replace(empty_view(), plan=_plan(1), resources=(resource("a", wave=1, move_group="g0"), resource("b"), resource("c")))
    assert words.inventory_sentence(view) == "3 resources: 1 in a wave, 2 without one."
