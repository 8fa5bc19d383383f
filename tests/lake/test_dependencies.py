"""Traffic and stated needs joined (dependencies_observed, dependencies), by hand-worked cases."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.folding import ConfiguredNeed
from cloudmigrate.lake.dependencies import Judge, Pair, write_dependencies
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views

SNAPSHOT = "20251122T120000Z-3f9a1c"
AT = datetime(2025, 11, 22, 12, tzinfo=UTC)
Row = dict[str, Any]
Join = Callable[..., list[Row]]


def seen(source: str, target: str, port: int = 443, **other: Any) -> Row:
    """A row of traffic."""
    usual = {
        "protocol": 6,
        "action": "ACCEPT",
        "bytes": 1000,
        "packets": 10,
        "flows": 2,
        "first_seen": AT,
        "last_seen": AT + timedelta(hours=1),
        "active_hours": 1,
        "days_seen": 1,
        "confidence": 0.9,
        "direction": "listens",
        "resolution": "resolved",
        "periodicity": "once",
        "days_logged": 3,
        "skipped_share": 0.0,
        "hours_of_day": None,
        "aggregation_s": 60,
    }
    return usual | {"source_uid": source, "target_uid": target, "port": port} | other


@pytest.fixture
def join(tmp_path: Path) -> Join:
    """The dependencies of some traffic and some needs."""

    def run(
        traffic: Iterable[Row],
        *needs: ConfiguredNeed,
        homes: Mapping[str, str] | None = None,
        judge: Judge | None = None,
    ) -> list[Row]:
        lake = Lake.open(str(tmp_path / "lake"))
        written = lake.write("traffic", traffic, snapshot_id=SNAPSHOT, part="t")
        with Views(lake, Selection(SNAPSHOT, {"traffic": (written.path,)} if written.rows else {})) as views:
            part = write_dependencies(views, needs=needs, homes=homes or {}, judge=judge, part="d")
        with Views(lake, Selection(SNAPSHOT, {"dependencies": (part.path,)})) as views:
            return views.rows("dependencies")

    return run


def brief(rows: Sequence[Row], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_seen_stated_and_both(join: Join) -> None:
    rows = join(
        [seen("a", "b"), seen("a", "c", 5432)],
        ConfiguredNeed("a", "c", ("environment",), ()),
        ConfiguredNeed("a", "d", ("environment", "target"), ("tg",)),
    )

    told = ("source_uid", "target_uid", "kind", "protocol", "port", "observed", "configured", "confidence", "statements", "via")
    assert brief(rows, *told) == [
        ("a", "b", "traffic", 6, 443, True, False, 0.9, [], []),
        ("a", "c", "both", 6, 5432, True, True, 1.0, ["environment"], []),
        ("a", "d", "config", None, None, False, True, 1.0, ["environment", "target"], ["tg"]),
    ]
    assert brief(rows[2:], "bytes", "flows", "first_seen", "direction", "allowed") == [(0, 0, None, None, None)]


def test_a_statement_counts_for_every_port_of_its_pair_and_one_direction(join: Join) -> None:
    rows = join([seen("a", "b", 80), seen("a", "b", 443), seen("b", "a", 22)], ConfiguredNeed("a", "b", ("target",), ("tg",)))

    assert brief(rows, "source_uid", "port", "kind", "via") == [
        ("a", 80, "both", ["tg"]),
        ("a", 443, "both", ["tg"]),
        ("b", 22, "traffic", []),
    ]


def test_rejected_attempts_never_enter(join: Join) -> None:
    rows = join([seen("a", "b", 22, action="REJECT"), seen("a", "c", 22, action="REJECT")], ConfiguredNeed("a", "b", ("target",), ()))

    assert brief(rows, "source_uid", "target_uid", "kind", "observed", "bytes") == [("a", "b", "config", False, 0)]


def test_ends_that_are_plumbing_are_their_resource_and_equal_edges_are_one(join: Join) -> None:
    rows = join(
        [
            seen("a", "b", bytes=100, days_seen=2, confidence=0.5, direction="guess", periodicity="irregular"),
            seen(
                "a",
                "eni",
                bytes=10,
                days_seen=5,
                confidence=0.95,
                direction="known",
                periodicity="daily",
                first_seen=AT - timedelta(days=1),
            ),
            seen("b", "eni"),
        ],
        homes={"eni": "b"},
    )

    [row] = rows
    assert (row["source_uid"], row["target_uid"], row["bytes"], row["packets"], row["flows"]) == ("a", "b", 110, 20, 4)
    assert (row["confidence"], row["direction"], row["periodicity"], row["days_seen"]) == (0.95, "known", "irregular", 5)
    assert (row["first_seen"], row["via"]) == (AT - timedelta(days=1), ["eni"])


def test_sums_of_lies_end_instead_of_ending_the_run(join: Join) -> None:
    """1,100 interfaces of one resource, each with as much as a sum may be: more than 64 bits hold."""
    most = 2**53 - 1
    homes = {f"eni-{number}": "b" for number in range(1100)}

    [row] = join([seen("a", eni, bytes=most, packets=most) for eni in homes], homes=homes)

    assert (row["bytes"], row["packets"], row["flows"]) == (most, most, 2200)


def test_ends_outside_stay(join: Join) -> None:
    rows = join([seen("external:203.0.113.0/24", "a"), seen("a", "unknown:10.0.0.9", 53, protocol=17)])

    assert brief(rows, "source_uid", "target_uid", "protocol") == [("a", "unknown:10.0.0.9", 17), ("external:203.0.113.0/24", "a", 6)]


def test_the_judge_is_asked_once_for_each_observed_edge(join: Join) -> None:
    asked: list[Pair] = []

    def judge(pairs: Iterator[Pair]) -> Iterator[bool | None]:
        for pair in pairs:
            asked.append(pair)
            yield {80: True, 443: False}.get(pair[3])

    rows = join(
        [seen("a", "b", 80), seen("a", "b", 443), seen("a", "eni", 443), seen("a", "c", 22)],
        ConfiguredNeed("a", "d", ("target",), ()),
        homes={"eni": "b"},
        judge=judge,
    )

    assert sorted(asked) == [("a", "b", 6, 80), ("a", "b", 6, 443), ("a", "c", 6, 22)]
    # Observed but not allowed any more is shown as such, never left out.
    assert brief(rows, "target_uid", "port", "allowed", "observed") == [
        ("b", 80, True, True),
        ("b", 443, False, True),
        ("c", 22, None, True),
        ("d", None, None, False),
    ]


def test_without_traffic_configuration_alone_speaks(join: Join) -> None:
    rows = join([], ConfiguredNeed("a", "b", ("event-source",), ("m",)), judge=lambda pairs: [True for _ in pairs])

    assert brief(rows, "source_uid", "target_uid", "kind", "via") == [("a", "b", "config", ["m"])]
