"""How hard every resource works: percentiles, idle share and weekly profile, computed over the wide metric parts type by type.

A type is worked through in ranges of uids, so memory is bounded by the range and not by the estate.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from cloudmigrate.lake.connection import identifier
from cloudmigrate.lake.datasets import UTILISATION, UTILISATION_PROFILE
from cloudmigrate.lake.lake import Part, part_path
from cloudmigrate.lake.parquet import one_ahead
from cloudmigrate.lake.series import Window
from cloudmigrate.lake.views import Views, WideSeries, sql_text

PREFERRED_STATS = ("Average", "Sum", "Maximum")  # what mean and percentiles are over: the first of these that was fetched
VALUES_A_RANGE = 16_000_000  # DuckDB keeps every value of a range for exact percentiles: about 150 MB
AFTER_EVERY_UID = "\U0010ffff"
MEASURED = pa.schema(
    [
        ("position", pa.int64()),
        ("metric", pa.string()),
        ("stat", pa.string()),
        ("unit", pa.string()),
        ("capacity_pct", pa.bool_()),
        ("expected", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """What the catalogue says of a type's metric."""

    type: str
    metric: str
    unit: str
    capacity_pct: bool = False  # 0..100 of a capacity, so an idle share makes sense


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of a wide series: which of its columns give the values and the peaks."""

    metric: str
    stat: str
    value_column: str
    peak_column: str
    unit: str
    capacity_pct: bool


def write_utilisation(
    views: Views, definitions: Iterable[MetricDefinition], *, window: Window, idle_below_pct: float, part: str = "all"
) -> tuple[Part, Part]:
    """Publish `utilisation` and `utilisation_profile` of the snapshot's metrics as one part each; return the two.

    *window* is the snapshot's (coverage is samples over periods in it). Metrics that *definitions* lack get the unit "unknown".
    Raises LakeError.
    """
    known = {(one.type, one.metric): one for one in definitions}
    # The profile streams into its part while the summaries, of which there are few, gather in a table of the connection: it may spill.
    views.execute("create or replace temp table summaries as select * exclude (snapshot) from utilisation where false")

    def profiles() -> Iterator[pa.Table]:
        for series in views.wide:
            measured = measured_in(series, known)
            _show_points(views, series, measured, window, idle_below_pct)
            for params in _uid_ranges(views, series):
                views.execute(f"create or replace temp table hourly as {sql_text('hourly')}", params)
                views.execute(f"insert into summaries by name {sql_text('utilisation')}", params)
                yield views.table(sql_text("utilisation_profile"), UTILISATION_PROFILE, {"metrics": [one.metric for one in measured]})
        views.execute("drop table if exists hourly")

    path = part_path(UTILISATION_PROFILE, views.selection.snapshot_id, part)
    profile = views.lake.write_batches(UTILISATION_PROFILE, path, one_ahead(profiles()))
    summary = views.write_statement("from summaries order by uid, metric", UTILISATION, part=part)
    views.execute("drop table summaries")
    return summary, profile


def measured_in(series: WideSeries, known: Mapping[tuple[str, str], MetricDefinition]) -> tuple[Measured, ...]:
    """The metrics of a wide series, by name: values over the preferred statistic, peaks over Maximum where it was fetched. Pure."""
    stats: dict[str, list[str]] = {}
    for column in series.value_columns:
        metric, stat = column.split("|")
        stats.setdefault(metric, []).append(stat)
    found = []
    for metric, fetched in sorted(stats.items()):
        stat = next((one for one in PREFERRED_STATS if one in fetched), sorted(fetched)[0])
        peak = "Maximum" if "Maximum" in fetched else stat
        definition = known.get((series.type, metric), MetricDefinition(series.type, metric, "unknown"))
        found.append(Measured(metric, stat, f"{metric}|{stat}", f"{metric}|{peak}", definition.unit, definition.capacity_pct))
    return tuple(found)


def _show_points(views: Views, series: WideSeries, measured: tuple[Measured, ...], window: Window, idle_below_pct: float) -> None:
    """Make the view `points`, with numbered columns for the static SQL, and the table `measured` that says what the numbers mean."""
    columns = ["uid", "observed_at"]
    for number, one in enumerate(measured, start=1):
        idle = f"{identifier(one.value_column)} < {float(idle_below_pct)!r}" if one.capacity_pct else "cast(null as boolean)"
        columns.append(f"{identifier(one.value_column)} as value_{number}")
        columns.append(f"{identifier(one.peak_column)} as peak_{number}")
        columns.append(f"{idle} as idle_{number}")
    views.execute(f"create or replace temp view points as select {', '.join(columns)} from wide.{identifier(series.view)}")  # noqa: S608
    expected = max((window.end - window.start).total_seconds() / series.period_s, 1.0)
    rows = [
        {
            "position": number,
            "metric": one.metric,
            "stat": one.stat,
            "unit": one.unit,
            "capacity_pct": one.capacity_pct,
            "expected": expected,
        }
        for number, one in enumerate(measured, start=1)
    ]
    views.register("measured", rows, MEASURED)


def _uid_ranges(views: Views, series: WideSeries) -> Iterator[dict[str, object]]:
    """Ranges of uids that hold about as many values as memory is granted; together they hold every uid once."""
    values = sum(one.rows for one in series.parts) * len(series.value_columns)
    count = -(-values // VALUES_A_RANGE)
    bounds = [""]
    if count > 1:
        rows = views.execute(f"select distinct uid from wide.{identifier(series.view)} order by uid").fetchall()  # noqa: S608
        bounds += [str(rows[len(rows) * index // count][0]) for index in range(1, count)]
    for start, end in zip(bounds, [*bounds[1:], AFTER_EVERY_UID], strict=True):
        if start < end:
            yield {"uid_from": start, "uid_before": end}
