"""Series, what a snapshot reads of them, and read marks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.lake import series as lake_series
from cloudmigrate.ledger.ledger import Ledger, SeriesRow
from cloudmigrate.ledger.records import SeriesKind, SeriesSelection

DAY = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def written(
    path: str, hours: tuple[int, int], *, series: str = "111111111111/eu-central-1/AWS::EC2::Instance/300/ab"
) -> lake_series.SeriesPart:
    """A part as the lake hands it over."""
    start, end = DAY + hours[0] * HOUR, DAY + hours[1] * HOUR
    return lake_series.SeriesPart(
        path=path,
        series=series,
        type="AWS::EC2::Instance",
        period_s=300,
        collected_at=DAY + 30 * HOUR,
        range_from=start,
        range_to=end,
        rows=12,
        bytes=4096,
        uid_min="arn:a",
        uid_max="arn:z",
        valid_from=start,
        valid_to=end,
    )


def add(ledger: Ledger, *parts: lake_series.SeriesPart, region: str = "eu-central-1", **more: object) -> None:
    ledger.add_series(parts, account_id="111111111111", region=region, run_id="r1", **more)  # type: ignore[arg-type]


def paths(rows: tuple[SeriesRow, ...]) -> list[str]:
    return [row.path for row in rows]


@pytest.fixture
def snapshot(ledger: Ledger) -> str:
    ledger.begin_snapshot("s1", "acme", "r1")
    ledger.commit_snapshot("s1", [])
    return "s1"


def test_a_part_comes_back_with_all_that_the_lake_told(ledger: Ledger) -> None:
    part = replace(written("m/1.parquet", (0, 24)), kind=lake_series.SeriesKind.BACKFILL)
    add(ledger, part, committed_at=DAY + 31 * HOUR)

    (row,) = ledger.series_parts()
    assert (row.account_id, row.region, row.run_id, row.committed_at) == ("111111111111", "eu-central-1", "r1", DAY + 31 * HOUR)
    assert row.kind is SeriesKind.BACKFILL
    for name in lake_series.SeriesPart.__dataclass_fields__:
        assert getattr(row, name) == getattr(part, name), name


def test_parts_and_marks_are_added_together_or_not_at_all(ledger: Ledger) -> None:
    add(ledger, written("m/1.parquet", (0, 24)), marks={"metrics/a": {"until": "2026-11-21"}})
    clash = written("m/1.parquet", (0, 12))
    with pytest.raises(LedgerError, match=r"m/1\.parquet is already in the ledger as another part"):
        add(ledger, written("m/2.parquet", (24, 30)), clash, marks={"metrics/a": {"until": "2026-11-22"}})

    assert paths(ledger.series_parts()) == ["m/1.parquet"]
    mark = ledger.mark("metrics/a")
    assert mark is not None
    assert mark.value == {"until": "2026-11-21"}


def test_adding_again_after_a_lost_answer_adds_nothing(ledger: Ledger) -> None:
    add(ledger, written("m/1.parquet", (0, 24)))
    add(ledger, written("m/1.parquet", (0, 24)), written("m/2.parquet", (24, 30)))

    assert paths(ledger.series_parts()) == ["m/1.parquet", "m/2.parquet"]


def test_parts_are_found_by_place_series_and_time(ledger: Ledger) -> None:
    other = "111111111111/us-west-2/AWS::RDS::DBInstance/300/cd"
    add(ledger, written("m/1.parquet", (0, 24)), written("m/2.parquet", (24, 30)))
    add(ledger, written("m/3.parquet", (0, 24), series=other), region="us-west-2")

    assert paths(ledger.series_parts("111111111111/us-west-2/")) == ["m/3.parquet"]
    assert paths(ledger.series_parts(region="eu-central-1")) == ["m/1.parquet", "m/2.parquet"]
    assert paths(ledger.series_parts(account_id="222222222222")) == []
    assert paths(ledger.series_parts(type="AWS::EC2::Instance", since=DAY + 24 * HOUR)) == ["m/2.parquet"], "a range ends before its end"
    assert paths(ledger.series_parts(until=DAY + 24 * HOUR)) == ["m/1.parquet", "m/3.parquet"]
    assert paths(ledger.series_parts("11111111111%")) == [], "a prefix is text, not a pattern"


def test_a_snapshot_reads_what_its_newest_statement_selects(ledger: Ledger, snapshot: str) -> None:
    first, second = written("m/1.parquet", (0, 24)), written("m/2.parquet", (24, 30))
    add(ledger, first, second)
    window = (DAY, DAY + 30 * HOUR)
    assert ledger.series_of(snapshot) == ()

    ledger.bind_series(snapshot, [first], (DAY, DAY + 24 * HOUR))
    ledger.bind_series(snapshot, lake_series.select_series([first, second], lake_series.Window(*window)), window)

    found = ledger.snapshot(snapshot)
    assert found is not None
    assert (found.window_start, found.window_end) == window
    assert paths(ledger.series_of(snapshot)) == ["m/1.parquet", "m/2.parquet"]


def test_a_part_may_be_read_before_and_after_a_gap(ledger: Ledger, snapshot: str) -> None:
    add(ledger, written("m/1.parquet", (0, 24)))
    ledger.bind_series(
        snapshot,
        [SeriesSelection("m/1.parquet", DAY, DAY + 3 * HOUR), SeriesSelection("m/1.parquet", DAY + 5 * HOUR, DAY + 24 * HOUR)],
        (DAY, DAY + 24 * HOUR),
    )

    assert [(row.valid_from.hour, row.valid_to.hour) for row in ledger.series_of(snapshot)] == [(0, 3), (5, 0)]


def test_many_parts_are_bound_in_one_statement(ledger: Ledger, snapshot: str) -> None:
    parts = [written(f"m/{number:05}.parquet", (0, 24)) for number in range(1200)]
    add(ledger, *parts)
    ledger.bind_series(snapshot, parts, (DAY, DAY + 24 * HOUR))

    assert len(ledger.series_of(snapshot)) == 1200


@pytest.mark.parametrize(
    ("selection", "window", "reason"),
    [
        pytest.param("m/9.parquet", (DAY, DAY + HOUR), "not in the ledger, such as m/9.parquet", id="unknown-part"),
        pytest.param("m/1.parquet", (DAY + HOUR, DAY), "ends before it begins", id="window-backwards"),
    ],
)
def test_a_selection_must_make_sense(ledger: Ledger, snapshot: str, selection: str, window: tuple[datetime, datetime], reason: str) -> None:
    add(ledger, written("m/1.parquet", (0, 24)))
    with pytest.raises(LedgerError, match=reason):
        ledger.bind_series(snapshot, [SeriesSelection(selection, DAY, DAY + HOUR)], window)
    found = ledger.snapshot(snapshot)
    assert found is not None
    assert found.window_start is None


def test_the_newest_mark_counts(ledger: Ledger) -> None:
    assert ledger.mark("metrics/a") is None
    ledger.set_mark("metrics/a", {"until": "2026-11-20T00:00:00Z"}, "r1")
    ledger.set_mark("metrics/a", {"until": "2026-11-21T00:00:00Z"}, "r1", DAY)
    ledger.set_mark("metrics/b", [1, None, "x"], "r1")
    ledger.set_mark("traffic/a", 7, "r1")

    mark = ledger.mark("metrics/a")
    assert mark is not None
    assert (mark.value, mark.updated_at, mark.run_id) == ({"until": "2026-11-21T00:00:00Z"}, DAY, "r1")
    assert {source: mark.value for source, mark in ledger.marks("metrics/").items()} == {
        "metrics/a": {"until": "2026-11-21T00:00:00Z"},
        "metrics/b": [1, None, "x"],
    }


def test_marks_and_series_need_a_run(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="there is no run r9"):
        ledger.set_mark("metrics/a", 1, "r9")
    with pytest.raises(LedgerError, match="there is no run r9"):
        ledger.add_series([], account_id="111111111111", region="eu-central-1", run_id="r9")
