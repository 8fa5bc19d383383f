"""Utilisation of small series, worked out by hand."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.lake import utilisation
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.series import Window, select_series, write_series
from cloudmigrate.lake.utilisation import MetricDefinition, measured_in, write_utilisation
from cloudmigrate.lake.views import Selection, Views, WideSeries

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
INSTANCE, BUCKET = "AWS::EC2::Instance", "AWS::S3::Bucket"
DEFINITIONS = (
    MetricDefinition(INSTANCE, "CPUUtilization", "percent", capacity_pct=True),
    MetricDefinition(INSTANCE, "NetworkIn", "bytes"),
    MetricDefinition(BUCKET, "BucketSizeBytes", "bytes"),
)
Analyse = Callable[..., tuple[dict[tuple[str, str], dict[str, Any]], list[dict[str, Any]]]]


@pytest.fixture
def analyse(tmp_path: Path) -> Analyse:
    """Write hourly points per type, analyse *days* days from Monday; utilisation by (uid, metric), and the profile's rows in order."""

    def run(types: dict[str, dict[str, Sequence[Any]]], *, days: int = 1, idle_below_pct: float = 5.0, start: datetime = MONDAY) -> Any:
        lake, window, parts = Lake.open(tempfile.mkdtemp(dir=tmp_path)), Window(start, start + timedelta(days=days)), []
        for type_, columns in types.items():
            period_s = 86_400 if type_ == BUCKET else 3_600
            parts += write_series(
                lake,
                columns,
                account_id="1",
                region="r",
                type=type_,
                period_s=period_s,
                run=window,
                collected_at=window.end,
                part=f"p-{len(parts)}",
            )
        with Views(lake, Selection("s", {}, select_series(parts, window)), threads=2) as views:
            summary, profile = write_utilisation(views, DEFINITIONS, window=window, idle_below_pct=idle_below_pct)
        with Views(lake, Selection("s", {"utilisation": (summary.path,), "utilisation_profile": (profile.path,)})) as views:
            rows = views.query("from utilisation").rows
            hours = views.query("select uid, metric, hour_of_week, mean, max from utilisation_profile order by all").rows
        return {(row["uid"], row["metric"]): row for row in rows}, hours

    return run


def hourly(count: int) -> list[datetime]:
    return [MONDAY + number * HOUR for number in range(count)]


def test_every_number_of_a_short_series(analyse: Analyse) -> None:
    """0, 10, 20, 30, 40 over the first five hours of a day of 24; the last hour's peak was 90."""
    found, profile = analyse(
        {
            INSTANCE: {
                "uid": ["i-1"] * 5,
                "observed_at": hourly(5),
                "CPUUtilization|Average": [0.0, 10.0, 20.0, 30.0, 40.0],
                "CPUUtilization|Maximum": [1.0, 12.0, 25.0, 60.0, 90.0],
            }
        }
    )
    assert found == {
        ("i-1", "CPUUtilization"): {
            "snapshot": "s",
            "uid": "i-1",
            "metric": "CPUUtilization",
            "stat": "Average",
            "unit": "percent",
            "samples": 5,
            "coverage_share": pytest.approx(5 / 24),
            "mean": 20.0,
            "stddev": pytest.approx(sqrt(250)),  # (400 + 100 + 0 + 100 + 400) / 4
            "p50": 20.0,
            "p95": pytest.approx(38.0),  # position 0.95 * 4 = 3.8: 30 + 0.8 * 10
            "p99": pytest.approx(39.6),
            "p995": pytest.approx(39.8),
            "max": 90.0,
            "idle_share": 0.2,
            "peak_hour_of_week": 4,
            "peak_hour_mean": 40.0,
            "first_at": "2026-11-23T00:00:00Z",
            "last_at": "2026-11-23T04:00:00Z",
        }
    }
    assert [(row["hour_of_week"], row["mean"], row["max"]) for row in profile] == [
        (0, 0.0, 1.0),
        (1, 10.0, 12.0),
        (2, 20.0, 25.0),
        (3, 30.0, 60.0),
        (4, 40.0, 90.0),
    ]


def test_each_metric_counts_its_own_points(analyse: Analyse) -> None:
    """NetworkIn has two points of four, later ones; CPU of i-2 has none, so it has no row."""
    found, _ = analyse(
        {
            INSTANCE: {
                "uid": ["i-1"] * 4 + ["i-2"],
                "observed_at": [*hourly(4), MONDAY],
                "CPUUtilization|Average": [1.0, 2.0, 3.0, None, None],
                "NetworkIn|Sum": [None, 100.0, None, 300.0, 7.0],
            }
        }
    )
    assert sorted(found) == [("i-1", "CPUUtilization"), ("i-1", "NetworkIn"), ("i-2", "NetworkIn")]
    network = found["i-1", "NetworkIn"]
    assert (network["samples"], network["mean"], network["p50"], network["max"], network["stat"]) == (2, 200.0, 200.0, 300.0, "Sum")
    assert (network["first_at"], network["last_at"]) == ("2026-11-23T01:00:00Z", "2026-11-23T03:00:00Z")
    assert network["idle_share"] is None  # bytes are no share of a capacity
    assert found["i-1", "CPUUtilization"]["last_at"] == "2026-11-23T02:00:00Z"
    assert found["i-2", "NetworkIn"]["stddev"] == 0.0  # a single point does not vary


def test_the_peak_hour_is_of_the_week_and_the_earliest_of_equals(analyse: Analyse) -> None:
    """Two Tuesdays: 03:00 means 50 (40 and 60); Sunday 23:00 is 50 too, and later in the week."""
    tuesday, sunday = MONDAY + timedelta(days=1, hours=3), MONDAY + timedelta(days=6, hours=23)
    found, profile = analyse(
        {
            INSTANCE: {
                "uid": ["i-1"] * 4,
                "observed_at": [sunday, tuesday, tuesday + timedelta(days=7), MONDAY],
                "CPUUtilization|Average": [50.0, 40.0, 60.0, 45.0],
                "NetworkIn|Sum": [None, None, None, 1.0],
            }
        },
        days=14,
    )
    row = found["i-1", "CPUUtilization"]
    assert (row["peak_hour_of_week"], row["peak_hour_mean"]) == (27, 50.0)
    assert [(one["hour_of_week"], one["mean"]) for one in profile if one["metric"] == "CPUUtilization"] == [
        (0, 45.0),
        (27, 50.0),
        (167, 50.0),
    ]
    assert found["i-1", "NetworkIn"]["peak_hour_of_week"] == 0


def test_hours_are_of_the_week_before_1970_too(analyse: Analyse) -> None:
    found, _ = analyse(
        {INSTANCE: {"uid": ["i-1"], "observed_at": [datetime(1970, 1, 1, tzinfo=UTC)], "CPUUtilization|Average": [1.0]}},
        start=datetime(1970, 1, 1, tzinfo=UTC),
    )
    assert found["i-1", "CPUUtilization"]["peak_hour_of_week"] == 72  # a Thursday


@pytest.mark.parametrize(
    ("values", "idle_below_pct", "share"),
    [
        pytest.param([1.0, 2.0, 3.0, 4.0], 5.0, 1.0, id="always-idle"),
        pytest.param([5.0, 5.0], 5.0, 0.0, id="at-the-threshold-is-not-idle"),
        pytest.param([1.0, 9.0, 9.0, 9.0], 5.0, 0.25, id="a-quarter"),
        pytest.param([1.0, None, None, 9.0], 5.0, 0.5, id="missing-points-are-not-idle"),
    ],
)
def test_idle_share(analyse: Analyse, values: list[float | None], idle_below_pct: float, share: float) -> None:
    points = {"uid": ["i-1"] * len(values), "observed_at": hourly(len(values)), "CPUUtilization|Average": values}
    found, _ = analyse({INSTANCE: points}, idle_below_pct=idle_below_pct)
    assert found["i-1", "CPUUtilization"]["idle_share"] == share


def test_a_daily_metric_is_covered_by_one_point_a_day(analyse: Analyse) -> None:
    days = [MONDAY + timedelta(days=number) for number in range(7)]
    found, _ = analyse({BUCKET: {"uid": ["b"] * 7, "observed_at": days, "BucketSizeBytes|Average": [2.0**40] * 7}}, days=14)
    row = found["b", "BucketSizeBytes"]
    assert (row["samples"], row["coverage_share"], row["mean"], row["stddev"], row["unit"]) == (7, 0.5, 2.0**40, 0.0, "bytes")


def test_coverage_is_never_above_one(analyse: Analyse) -> None:
    """A daily type asked over half a day still has its one point."""
    found, _ = analyse(
        {
            INSTANCE: {
                "uid": ["i"] * 25,
                "observed_at": [MONDAY + number * timedelta(minutes=30) for number in range(25)],
                "CPUUtilization|Sum": [1.0] * 25,
            }
        }
    )
    assert found["i", "CPUUtilization"]["coverage_share"] == 1.0


def test_a_metric_that_the_catalogue_does_not_know_has_an_unknown_unit(analyse: Analyse) -> None:
    found, _ = analyse({INSTANCE: {"uid": ["i"], "observed_at": [MONDAY], "Strange \"'%|Sum": [1.0]}})
    assert found["i", "Strange \"'%"]["unit"] == "unknown"


def test_no_metrics_make_empty_parts(analyse: Analyse) -> None:
    assert analyse({}) == ({}, [])


def test_cutting_into_ranges_of_uids_changes_nothing(analyse: Analyse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that sort oddly, in ranges of about three points."""
    uids = ["A", "a", "a'b", "arn:x", "z", "ü", "\U0001f4a9", "~"]
    points = {
        "uid": [uid for uid in uids for _ in range(3)],
        "observed_at": hourly(3) * len(uids),
        "CPUUtilization|Average": [float(number) for number in range(3 * len(uids))],
    }
    whole, profile = analyse({INSTANCE: points})
    assert {uid for uid, _ in whole} == set(uids)
    monkeypatch.setattr(utilisation, "VALUES_A_RANGE", 3)
    cut, cut_profile = analyse({INSTANCE: points})
    assert cut == whole
    assert cut_profile == profile


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        pytest.param(("m|Average", "m|Maximum", "m|Sum"), ("Average", "m|Average", "m|Maximum"), id="average-first"),
        pytest.param(("m|Maximum", "m|Sum"), ("Sum", "m|Sum", "m|Maximum"), id="then-sum"),
        pytest.param(("m|Maximum",), ("Maximum", "m|Maximum", "m|Maximum"), id="then-maximum"),
        pytest.param(("m|p99", "m|Minimum"), ("Minimum", "m|Minimum", "m|Minimum"), id="else-the-first-by-name"),
    ],
)
def test_the_preferred_statistic(columns: tuple[str, ...], expected: tuple[str, str, str]) -> None:
    (one,) = measured_in(WideSeries("v", INSTANCE, 300, columns, ()), {})
    assert (one.stat, one.value_column, one.peak_column) == expected
