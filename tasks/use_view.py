"""The report's view of patterns of use and sizes, read from the lake; None where nobody looked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudmigrate.lake.views import Views
from reports.readiness import use_view as u
from reports.readiness.view import UsageRow
from tasks.evidence_view import is_made

DIMENSIONS = ("cpu", "memory", "network", "iops", "throughput", "credits")
_NUMBERS = ("used", "capacity_now", "capacity_target", "short_minutes", "measured_minutes", "risk")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDER = ("idle", "batch", "bursty", "diurnal", "growing", "declining", "steady", "insufficient_data")


def patterns(views: Views) -> tuple[u.PatternRow, ...] | None:
    """Every pattern, what asks for a decision first, then those with the highest load."""
    if not is_made(views, "patterns"):
        return None
    plain = [name for name in u.PatternRow.__dataclass_fields__ if name != "rules_met"]
    rows = [u.PatternRow(**{name: row[name] for name in plain}, rules_met=tuple(row["rules_met"])) for row in views.rows("patterns")]
    return tuple(sorted(rows, key=lambda row: (_ORDER.index(row.pattern), -(row.level_mean_pct or 0.0), row.uid)))


def pattern_examples(views: Views, rows: Sequence[u.PatternRow], usage: Sequence[UsageRow]) -> tuple[u.SeriesRow, ...]:
    """Of each pattern that is told with confidence, the series of the resource of which it is surest."""
    units = {(row.uid, row.metric): row.unit for row in usage}
    surest: dict[str, u.PatternRow] = {}
    for row in rows:
        if row.confidence is not None and (row.uid, row.metric) in units:
            best = surest.get(row.pattern)
            if best is None or _sureness(row) > _sureness(best):
                surest[row.pattern] = row
    wanted = [(row.uid, row.metric) for row in surest.values()]
    if not wanted:
        return ()
    found = views.run("readiness_series", uids=[uid for uid, _ in wanted], metrics=[metric for _, metric in wanted])
    series = {row["uid"]: _series(row, units[row["uid"], row["metric"]]) for row in found}
    return tuple(series[row.uid] for row in surest.values() if row.uid in series)


def _sureness(row: u.PatternRow) -> tuple[float, float, float]:
    """Confidence, then length, then how much there is to see."""
    return row.confidence or 0.0, row.hours or 0, row.spread or 0.0


def _series(row: Mapping[str, Any], unit: str) -> u.SeriesRow:
    hours: list[int] = row["hours"]
    by_hour = dict(zip(hours, row["means"], strict=True))
    means = tuple(by_hour.get(hour) for hour in range(hours[0], hours[-1] + 1))
    return u.SeriesRow(row["uid"], row["metric"], unit, _EPOCH + timedelta(hours=hours[0]), means)


def sizes(views: Views) -> tuple[u.SizingRow, ...] | None:
    """Every size that was looked for, those that can become smaller first, then larger ones."""
    if not is_made(views, "sizing"):
        return None
    order = ("smaller", "larger", "keep", "insufficient_data")
    plain = [name for name in u.SizingRow.__dataclass_fields__ if name != "dimensions"]
    rows = [u.SizingRow(**{name: row[name] for name in plain}, dimensions=_dimensions(row)) for row in views.rows("sizing")]
    return tuple(sorted(rows, key=lambda row: (order.index(row.verdict), row.profile, row.uid)))


def _dimensions(row: Mapping[str, Any]) -> tuple[u.DimensionRow, ...]:
    found = (u.DimensionRow(name, **{column: row[f"{name}_{column}"] for column in _NUMBERS}) for name in DIMENSIONS)
    return tuple(one for one in found if one.used is not None or one.measured_minutes is not None)
