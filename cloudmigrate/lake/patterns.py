"""Patterns of use, computed for the whole estate: features in DuckDB over hourly means, range of uids by range; verdicts in the domain."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from cloudmigrate.domain.load_metrics import LOAD_METRICS, LoadMetrics, SubjectKind
from cloudmigrate.domain.pattern_features import Features
from cloudmigrate.domain.pattern_forest import Forest
from cloudmigrate.domain.patterns import (
    FULL_DAY_HOURS,
    LOW_DAILY_CPU_PCT,
    LOW_DAILY_MB,
    NEAR_IDLE_PCT,
    Verdict,
    classify,
    unmeasured,
)
from cloudmigrate.lake.connection import identifier
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.pattern_datasets import PATTERNS
from cloudmigrate.lake.results import python_value, rows_of
from cloudmigrate.lake.series import Window
from cloudmigrate.lake.utilisation import AFTER_EVERY_UID
from cloudmigrate.lake.views import Views, WideSeries, sql_text

POINTS_A_RANGE = 8_000_000  # of which DuckDB keeps hourly means: a twelfth of the points at five minutes
FOREST_FILE = "pattern_forest.json"
DAY = timedelta(days=1)
# The steps from hours to features, each a table for those after it, with its thresholds.
STEPS: tuple[tuple[str, dict[str, object]], ...] = (
    ("pattern_days", {"full_day_hours": FULL_DAY_HOURS}),
    ("pattern_rhythm", {"near_idle_pct": NEAR_IDLE_PCT}),
    ("pattern_trends", {"low_cpu_pct": LOW_DAILY_CPU_PCT, "low_network_mb": LOW_DAILY_MB}),
)


def write_patterns(views: Views, *, window: Window, part: str = "all") -> Part:
    """Publish `patterns` of the snapshot's metrics as one part: a verdict on every resource that is compute, database or cache.

    Raises LakeError.
    """
    rows = (_row(verdict, loads) for loads in LOAD_METRICS for verdict in verdicts_of(views, loads, window))
    return views.lake.write(PATTERNS, rows, snapshot_id=views.selection.snapshot_id, part=part)


def verdicts_of(views: Views, loads: LoadMetrics, window: Window) -> Iterator[Verdict]:
    """The verdict on every resource of one type, those without any data last."""
    seen: set[str] = set()
    for features in features_of(views, loads, window):
        seen.update(one.uid for one in features)
        yield from classify(features, stored_forest())
    for row in views.run("pattern_subjects", type=loads.type, metric=loads.load[0]):
        if row["uid"] not in seen:
            yield unmeasured(row["uid"], loads, row["status"])


def features_of(views: Views, loads: LoadMetrics, window: Window) -> Iterator[list[Features]]:
    """The features of every resource of one type that has data, a range of uids at a time."""
    series = [one for one in views.wide if one.type == loads.type and set(loads.load_columns) <= set(one.value_columns)]
    if not series:
        return
    views.execute(f"create or replace temp view pattern_points as {' union all '.join(_points(one, loads) for one in series)}")
    hours = sql_text("pattern_requests" if loads.kind is SubjectKind.REQUESTS else "pattern_hours")
    end_hour = -(-int(window.end.timestamp()) // 3600)
    for uids in _uid_ranges(views, series):
        views.execute(f"create or replace temp table pattern_hours as {hours}", {"end_hour": end_hour, **uids})
        yield features_of_hours(views, loads, window.end)
    views.execute("drop table if exists pattern_hours")


def features_of_hours(views: Views, loads: LoadMetrics, end: datetime) -> list[Features]:
    """The features over the table `pattern_hours`."""
    for name, thresholds in STEPS:
        views.execute(f"create or replace temp table {name} as {sql_text(name)}", thresholds)
    found: Any = rows_of(views.execute(sql_text("pattern_features")), python_value)[1]
    return [
        Features(kind=loads.kind, age_days=(end - row["first_at"]) / DAY, **row) for row in sorted(found, key=lambda row: str(row["uid"]))
    ]


@cache
def stored_forest() -> Forest:
    """The fitted model that ships with the package."""
    text = resources.files("cloudmigrate.lake").joinpath(FOREST_FILE).read_text(encoding="utf-8")
    return Forest.of(json.loads(text))


def _points(series: WideSeries, loads: LoadMetrics) -> str:
    """One series as rows of `pattern_points`; what it has no column for is null."""

    def column(metric: str | None, *stats: str) -> str:
        found = next((f"{metric}|{stat}" for stat in stats if metric and f"{metric}|{stat}" in series.value_columns), None)
        return identifier(found) if found else "cast(null as float)"

    network = " + ".join(column(one, "Sum") for one in loads.network) or "cast(null as float)"
    if loads.kind is SubjectKind.REQUESTS:
        peak = load = " + ".join(f"coalesce({identifier(one)}, 0)" for one in loads.load_columns)
    else:
        load, peak = column(loads.load[0], "Average"), column(loads.load[0], "Maximum")
    return (
        f"select uid, observed_at, {series.period_s} as period_s, {load} as load,"  # noqa: S608  # names quoted
        f" {peak} as peak, cast({network} as double) as network_bytes,"
        f" {column(loads.connections, 'Maximum', 'Average')} as connections from wide.{identifier(series.view)}"
    )


def _uid_ranges(views: Views, series: list[WideSeries]) -> Iterator[dict[str, object]]:
    """Ranges of uids with about as many points as memory is granted; together they hold every uid once."""
    points = sum(part.rows for one in series for part in one.parts)
    count = -(-points // POINTS_A_RANGE)
    bounds = [""]
    if count > 1:
        uids = [str(row[0]) for row in views.execute("select distinct uid from pattern_points order by uid").fetchall()]
        bounds += [uids[len(uids) * index // count] for index in range(1, count)]
    for start, end in zip(bounds, [*bounds[1:], AFTER_EVERY_UID], strict=True):
        if start < end:
            yield {"uid_from": start, "uid_before": end}


def _row(verdict: Verdict, loads: LoadMetrics) -> dict[str, Any]:
    """The verdict as a row of `patterns`."""
    row: dict[str, Any] = dict.fromkeys(PATTERNS.schema.names)
    if verdict.features is not None:
        row |= {**asdict(verdict.features), "trend_share": verdict.features.trend_share}
    row |= {
        "uid": verdict.uid,
        "pattern": str(verdict.pattern),
        "rule": verdict.rule,
        "reason": verdict.reason,
        "rules_met": list(verdict.rules_met),
        "metric": ", ".join(loads.load),
        "confidence": verdict.confidence,
    }
    return {name: row[name] for name in PATTERNS.schema.names}
