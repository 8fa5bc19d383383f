"""The metrics series grows by overlapping runs, and a snapshot sees every point once."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.series import SeriesKind, SeriesPart, Window, select_series, series_key, write_series
from cloudmigrate.lake.views import Selection, Views

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
TYPE = "AWS::EC2::Instance"


def hours(start: float, end: float) -> Window:
    return Window(MIDNIGHT + start * HOUR, MIDNIGHT + end * HOUR)


def part(name: str, start: float, end: float, *, run: float, kind: SeriesKind = SeriesKind.REGULAR, series: str = "s") -> SeriesPart:
    span = hours(start, end)
    return SeriesPart(
        path=name,
        series=series,
        type=TYPE,
        period_s=3600,
        collected_at=MIDNIGHT + run * HOUR,
        range_from=span.start,
        range_to=span.end,
        rows=1,
        bytes=1,
        uid_min="a",
        uid_max="z",
        valid_from=span.start,
        valid_to=span.end,
        kind=kind,
    )


def seen(parts: Sequence[SeriesPart], window: Window) -> list[tuple[str, float, float]]:
    return [(one.path, (one.valid_from - MIDNIGHT) / HOUR, (one.valid_to - MIDNIGHT) / HOUR) for one in select_series(parts, window)]


REGULAR = part("first", 0, 10, run=10)
LATER = part("second", 7, 20, run=20)
BACKFILL = part("back", 0, 7, run=20, kind=SeriesKind.BACKFILL)


@pytest.mark.parametrize(
    ("parts", "window", "expected"),
    [
        pytest.param([], hours(0, 24), [], id="nothing"),
        pytest.param([REGULAR], hours(0, 24), [("first", 0, 10)], id="one-run-is-seen-whole"),
        pytest.param([REGULAR], hours(2, 5), [("first", 2, 5)], id="the-window-cuts-both-ends"),
        pytest.param([REGULAR], hours(10, 24), [], id="outside-the-window"),
        pytest.param([REGULAR, LATER], hours(0, 24), [("first", 0, 7), ("second", 7, 20)], id="a-later-run-replaces-from-its-start"),
        pytest.param([LATER, REGULAR], hours(0, 24), [("first", 0, 7), ("second", 7, 20)], id="whatever-the-order-given"),
        pytest.param(
            [REGULAR, BACKFILL, LATER],
            hours(0, 24),
            [("back", 0, 7), ("first", 0, 7), ("second", 7, 20)],
            id="a-backfill-stands-beside-what-was-there",
        ),
        pytest.param(
            [BACKFILL, LATER, part("third", 5, 30, run=30)],
            hours(0, 24),
            [("back", 0, 5), ("third", 5, 24)],
            id="a-later-run-replaces-backfills-too",
        ),
        pytest.param(
            [part("a", 0, 10, run=10), part("b", 0, 10, run=10)],
            hours(0, 24),
            [("a", 0, 10), ("b", 0, 10)],
            id="batches-of-one-run-stand-side-by-side",
        ),
        pytest.param(
            [REGULAR, part("other", 3, 20, run=20, series="other")],
            hours(0, 24),
            [("other", 3, 20), ("first", 0, 10)],
            id="another-series-replaces-nothing",
        ),
        pytest.param(
            [part("long", 0, 24, run=24), part("repair", 6, 8, run=30)],
            hours(0, 24),
            [("long", 0, 6), ("repair", 6, 8), ("long", 8, 24)],
            id="a-part-replaced-in-its-middle-comes-back-twice",
        ),
        pytest.param([REGULAR, part("again", 0, 10, run=12)], hours(0, 24), [("again", 0, 10)], id="a-part-replaced-whole-is-gone"),
    ],
)
def test_what_a_snapshot_sees(parts: Sequence[SeriesPart], window: Window, expected: list[tuple[str, float, float]]) -> None:
    assert seen(parts, window) == expected


def columns(uids: Sequence[str], window: Window, **values: object) -> dict[str, Any]:
    """Hourly points of *uids* in *window*; each value column full of one number."""
    count = int((window.end - window.start) / HOUR)
    times = [window.start + number * HOUR for number in range(count)]
    return {
        "uid": [uid for uid in uids for _ in times],
        "observed_at": times * len(uids),
        **{name.replace("_", "|"): [value] * (count * len(uids)) for name, value in values.items()},
    }


def collect(
    lake: Lake, points: dict[str, Any], run: Window, *, name: str, at: datetime, kind: SeriesKind = SeriesKind.REGULAR
) -> tuple[SeriesPart, ...]:
    return write_series(
        lake,
        points,
        account_id="111111111111",
        region="eu-central-1",
        type=TYPE,
        period_s=3600,
        run=run,
        collected_at=at,
        part=name,
        kind=kind,
    )


def test_points_are_split_by_utc_day(tmp_path: Path) -> None:
    lake, run = Lake.open(tmp_path), hours(20, 50)
    parts = collect(lake, columns(["b", "a"], run, CPU_Average=1.5), run, name="r1", at=run.end)
    folder = "metrics/account=111111111111/region=eu-central-1"
    assert [one.path for one in parts] == [f"{folder}/day=2026-11-{day}/AWS-EC2-Instance-r1.parquet" for day in (20, 21, 22)]
    assert [(one.range_from, one.range_to) for one in parts] == [
        (MIDNIGHT + 20 * HOUR, MIDNIGHT + 24 * HOUR),
        (MIDNIGHT + 24 * HOUR, MIDNIGHT + 48 * HOUR),
        (MIDNIGHT + 48 * HOUR, MIDNIGHT + 50 * HOUR),
    ]
    assert [one.rows for one in parts] == [8, 48, 4]
    assert {(one.uid_min, one.uid_max, one.series) for one in parts} == {
        ("a", "b", series_key("111111111111", "eu-central-1", TYPE, 3600, ["CPU|Average"]))
    }


def test_a_part_is_wide_float32_sorted_by_uid_and_time(tmp_path: Path) -> None:
    lake, run = Lake.open(tmp_path), hours(0, 2)
    points: dict[str, Any] = {
        "uid": ["b", "a", "a"],
        "observed_at": np.array(["2026-11-20T00:00", "2026-11-20T01:00", "2026-11-20T00:00"], dtype="datetime64[m]"),
        "Net|Sum": np.array([1.0, np.nan, 0.1]),
        "CPU|Average": [None, None, None],
    }
    (one,) = collect(lake, points, run, name="r1", at=run.end)
    table = pq.read_table(lake.location(one.path), partitioning=None)
    assert [str(column.type) for column in table.schema] == ["string", "timestamp[us, tz=UTC]", "float", "float"]
    assert table.to_pylist() == [
        {"uid": "a", "observed_at": MIDNIGHT, "CPU|Average": None, "Net|Sum": pytest.approx(0.1)},
        {"uid": "a", "observed_at": MIDNIGHT + HOUR, "CPU|Average": None, "Net|Sum": None},
        {"uid": "b", "observed_at": MIDNIGHT, "CPU|Average": None, "Net|Sum": 1.0},
    ]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"CPU": [1.0]}, id="no-statistic"),
        pytest.param({"a|b|c": [1.0]}, id="two-bars"),
        pytest.param({}, id="no-values"),
        pytest.param({"cpu|Average": [1.0], "CPU|Average": [1.0]}, id="names-that-differ-by-case-only"),
    ],
)
def test_columns_must_name_metric_and_statistic(tmp_path: Path, bad: dict[str, list[float]]) -> None:
    with pytest.raises(LakeError, match=r"Metric\|Statistic"):
        collect(Lake.open(tmp_path), {"uid": ["a"], "observed_at": [MIDNIGHT], **bad}, hours(0, 1), name="r", at=MIDNIGHT)


def test_points_outside_the_time_asked_about_are_a_defect(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="outside the time asked about"):
        collect(Lake.open(tmp_path), columns(["a"], hours(0, 3), CPU_Average=1.0), hours(0, 2), name="r", at=MIDNIGHT)


def test_a_backfill_without_points_makes_no_parts(tmp_path: Path) -> None:
    empty = columns([], hours(0, 3), CPU_Average=1.0)

    assert collect(Lake.open(tmp_path), empty, hours(0, 3), name="r", at=MIDNIGHT, kind=SeriesKind.BACKFILL) == ()


def test_a_regular_run_that_found_nothing_replaces_what_earlier_runs_said_of_its_time(tmp_path: Path) -> None:
    lake, first, second = Lake.open(tmp_path), hours(0, 30), hours(22, 49)
    earlier = collect(lake, columns(["a"], first, CPU_Average=1.0), first, name="r1", at=first.end)
    later = collect(lake, columns([], second, CPU_Average=1.0), second, name="r2", at=second.end)

    assert [(one.rows, one.range_from, one.range_to) for one in later] == [
        (0, MIDNIGHT + 22 * HOUR, MIDNIGHT + 24 * HOUR),
        (0, MIDNIGHT + 24 * HOUR, MIDNIGHT + 48 * HOUR),
        (0, MIDNIGHT + 48 * HOUR, MIDNIGHT + 49 * HOUR),
    ]
    chosen = select_series([*earlier, *later], hours(0, 50))
    with Views(lake, Selection("20261122T203000Z-3f9a1c", {}, series=chosen)) as views:
        assert views.query("select count(*) as n, max(observed_at) as last from metrics").rows == [
            {"n": 22, "last": "2026-11-20T21:00:00Z"}
        ]


def test_the_key_changes_with_the_set_of_metrics_only() -> None:
    assert series_key("1", "r", "T", 300, ["b|x", "a|x"]) == series_key("1", "r", "T", 300, ["a|x", "b|x"])
    assert series_key("1", "r", "T", 300, ["a|x"]) != series_key("1", "r", "T", 300, ["a|y"])


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[float, float, frozenset[str]]]:
    """Runs as (hours since the last run, hours fetched again, resources at that time)."""
    resources = st.frozensets(st.sampled_from("abcd"), min_size=1)
    return draw(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 6), resources), min_size=1, max_size=5))


@settings(max_examples=15, deadline=None)
@given(history=histories(), window_hours=st.integers(10, 60))
def test_every_point_is_seen_once_after_any_sequence_of_runs(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[int, int, frozenset[str]]], window_hours: int
) -> None:
    """Runs as collection makes them: all known resources from a little before the last run's end, new ones from the window's start."""
    lake, parts, known = Lake.open(tmp_path_factory.mktemp("lake")), [], set[str]()
    now, expected = MIDNIGHT + 100 * HOUR, set[tuple[str, datetime]]()
    mark: datetime | None = None
    for number, (elapsed, again, resources) in enumerate(history):
        now += elapsed * HOUR
        window = Window(now - window_hours * HOUR, now)
        start = window.start if mark is None else max(window.start, mark - again * HOUR)
        present = known | resources
        regular = Window(start, now)
        parts += collect(lake, columns(sorted(present), regular, CPU_Average=float(number)), regular, name=f"run-{number}", at=now)
        fresh = resources - known
        if mark is not None and fresh and window.start < start:
            back = Window(window.start, start)
            points = columns(sorted(fresh), back, CPU_Average=float(number))
            parts += collect(lake, points, back, name=f"back-{number}", at=now, kind=SeriesKind.BACKFILL)
        reached = start if mark is not None else None
        expected = {(uid, at) for uid, at in expected if reached is None or at < reached}
        expected |= {(uid, start + step * HOUR) for uid in present for step in range(int((now - start) / HOUR))}
        if mark is not None:
            expected |= {
                (uid, window.start + step * HOUR) for uid in fresh for step in range(max(0, math.floor((start - window.start) / HOUR)))
            }
        known, mark = present, now
        visible = {(uid, at) for uid, at in expected if at >= window.start}
        with Views(lake, Selection("s", {}, select_series(parts, window)), threads=1) as views:
            rows = views.query("select uid, metric, stat, observed_at, count(*) as times from metrics group by all").rows
        assert {row["times"] for row in rows} <= {1}
        assert {(row["uid"], datetime.fromisoformat(str(row["observed_at"]))) for row in rows} == visible
