"""The metrics series: wide Parquet parts that only ever grow, and which part of which of them a snapshot sees.

A part holds one account, region, type, period and UTC day: `uid` (sorted), `observed_at`, and one float32 column per
"Metric|Statistic". Runs overlap on purpose (late data points are fetched again); a run's regular parts replace what earlier
runs said about the same time, so every point is seen once.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.dataset import UTC_TIME
from cloudmigrate.lake.datasets import METRICS
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.parquet import DEFECT, write_parquet

ROWS_A_GROUP = 60_000  # about 200 resources of a day at 5 minutes: small enough to read a range of uids alone
VALUE_COLUMN = re.compile(r"^[^|\x00]+\|[^|\x00]+$")
ONE_DAY = timedelta(days=1)
ONE_INSTANT = timedelta(microseconds=1)


class SeriesKind(StrEnum):
    """How a part came about."""

    REGULAR = "regular"  # all resources of the series from a run's start on: replaces what earlier runs said of that time
    BACKFILL = "backfill"  # the time before a run's start, for resources that the series had never held


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time: from *start* up to, and without, *end*."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """One published file of the metrics series; *path* is relative to the lake's root.

    *range_from* (in) to *range_to* (out) is the time that the run asked about within the file's day. *valid_from* to *valid_to* is
    what a snapshot sees of it: the same, until `select_series` cuts it. *collected_at* tells the runs of a series apart.
    """

    path: str
    series: str
    type: str
    period_s: int
    collected_at: datetime
    range_from: datetime
    range_to: datetime
    rows: int
    bytes: int
    uid_min: str
    uid_max: str
    valid_from: datetime
    valid_to: datetime
    kind: SeriesKind = SeriesKind.REGULAR


def series_key(account_id: str, region: str, type_: str, period_s: int, value_columns: Iterable[str]) -> str:
    """The name of a series: same key, same columns, so its parts can be read as one table."""
    fingerprint = hashlib.sha256("\n".join(sorted(value_columns)).encode()).hexdigest()[:12]
    return f"{account_id}/{region}/{type_}/{period_s}/{fingerprint}"


def value_column(metric: str, stat: str) -> str:
    """The wide column of a metric's statistic, such as CPUUtilization|Average."""
    return f"{metric}|{stat}"


def write_series(
    lake: Lake,
    columns: Mapping[str, Any],
    *,
    account_id: str,
    region: str,
    type: str,  # the dataset's own word
    period_s: int,
    run: Window,
    collected_at: datetime,
    part: str,
    kind: SeriesKind = SeriesKind.REGULAR,
) -> tuple[SeriesPart, ...]:
    """Publish data points as one part per UTC day; return the parts, oldest first.

    *columns* are arrays of one length: `uid` (strings), `observed_at` (datetime64 or aware datetimes, UTC) and "Metric|Statistic"
    columns (numbers; NaN or None where there is no data). Give every column of the series, also those with no data, so that the
    series keeps its key. *run* is the time asked about; points outside it are a defect. A regular run gives a part for every day
    of its time, an empty one if need be. *part* must be unique to run and batch.
    Raises LakeError.
    """
    values = sorted(name for name in columns if name not in ("uid", "observed_at"))
    key = series_key(account_id, region, type, period_s, values)
    table = _sorted_table(columns, values, key)
    parts = []
    for day, rows in _by_day(table, run if kind is SeriesKind.REGULAR else None):
        span = Window(max(run.start, day), min(run.end, day + ONE_DAY))
        _check_within(rows, span, key)
        path = f"{METRICS.name}/account={account_id}/region={region}/day={day:%Y-%m-%d}/{type.replace('::', '-')}-{part}.parquet"
        size = lake.store.publish(path, lambda file, rows=rows: _write(file, rows), replace=False)  # type: ignore[misc]
        uids = rows.column("uid")
        parts.append(
            SeriesPart(
                path=path,
                series=key,
                type=type,
                period_s=period_s,
                collected_at=collected_at,
                range_from=span.start,
                range_to=span.end,
                rows=rows.num_rows,
                bytes=size,
                uid_min=uids[0].as_py() if rows.num_rows else "",
                uid_max=uids[-1].as_py() if rows.num_rows else "",
                valid_from=span.start,
                valid_to=span.end,
                kind=kind,
            )
        )
    return tuple(parts)


def select_series(parts: Iterable[SeriesPart], window: Window) -> tuple[SeriesPart, ...]:
    """What a snapshot sees of *parts* in *window*: each with the time for which it is valid, so that every point is seen once.

    A run's regular parts speak for all resources of their series: they replace earlier runs' parts, backfills too, in their own
    range. A backfill replaces nothing, as the series did not hold its resources before. Parts of one run stand side by side
    (other resources). A part that is replaced in its middle comes back twice, with the time before and after. Pure.
    """
    seen: list[SeriesPart] = []
    by_series: dict[str, list[SeriesPart]] = {}
    for one in parts:
        by_series.setdefault(one.series, []).append(one)
    for members in by_series.values():
        regular_runs: dict[datetime, list[Window]] = {}
        for one in members:
            if one.kind is SeriesKind.REGULAR:
                regular_runs.setdefault(one.collected_at, []).append(Window(one.range_from, one.range_to))
        for one in members:
            later = [span for collected_at, spans in regular_runs.items() if collected_at > one.collected_at for span in spans]
            for span in _without(Window(max(one.range_from, window.start), min(one.range_to, window.end)), later):
                seen.append(replace(one, valid_from=span.start, valid_to=span.end))
    return tuple(sorted(seen, key=lambda one: (one.series, one.valid_from, one.path)))


def _without(span: Window, removed: Iterable[Window]) -> Iterator[Window]:
    """What remains of *span*, in order."""
    start = span.start
    for gone in sorted(removed, key=lambda one: one.start):
        if gone.end <= start or gone.start >= span.end:
            continue
        if gone.start > start:
            yield Window(start, gone.start)
        start = max(start, gone.end)
    if start < span.end:
        yield Window(start, span.end)


def _sorted_table(columns: Mapping[str, Any], values: Sequence[str], series: str) -> pa.Table:
    """The columns as one table, sorted by uid, then time."""
    distinct = {name.casefold() for name in values}  # SQL names ignore case
    well_named = values and len(distinct) == len(values) and all(map(VALUE_COLUMN.match, values))
    if not well_named or not {"uid", "observed_at"} <= columns.keys():
        reason = f"columns must be uid, observed_at and distinct Metric|Statistic, not {sorted(columns)}"
        raise LakeError("write metrics of", series, reason, DEFECT)
    at = columns["observed_at"]
    if isinstance(at, np.ndarray) and np.issubdtype(at.dtype, np.datetime64):
        at = at.astype("datetime64[us]")
    uid = columns["uid"]
    arrays = [
        uid if isinstance(uid, pa.Array | pa.ChunkedArray) else pa.array(uid, type=pa.string()),
        pa.array(at, type=UTC_TIME),
        *(pa.array(columns[name], type=pa.float32(), from_pandas=True) for name in values),
    ]
    schema = pa.schema(
        [pa.field("uid", pa.string(), nullable=False), pa.field("observed_at", UTC_TIME, nullable=False)]
        + [pa.field(name, pa.float32()) for name in values]
    )
    if isinstance(arrays[0].type, pa.DictionaryType):
        arrays[0] = arrays[0].cast(pa.string())
    return pa.Table.from_arrays(arrays, schema=schema).sort_by([("uid", "ascending"), ("observed_at", "ascending")])


def _by_day(table: pa.Table, every_day_of: Window | None) -> Iterator[tuple[datetime, pa.Table]]:
    """The table's rows by UTC day, oldest first; with *every_day_of*, days of it without rows too.

    A regular run speaks for all its time: where it found nothing, nothing of earlier runs is to be seen either.
    """
    days = table.column("observed_at").to_numpy().astype("datetime64[D]")
    asked = set(np.unique(days))
    if every_day_of is not None and every_day_of.start < every_day_of.end:
        first, last = (np.datetime64(one.astimezone(UTC).date(), "D") for one in (every_day_of.start, every_day_of.end - ONE_INSTANT))
        asked |= set(np.arange(first, last + 1))
    for day in sorted(asked):
        yield datetime.fromisoformat(str(day)).replace(tzinfo=UTC), table.filter(pa.array(days == day))


def _check_within(rows: pa.Table, span: Window, series: str) -> None:
    if not rows.num_rows:
        return
    at = rows.column("observed_at").to_numpy()
    first, last = (np.datetime64(instant.astimezone(UTC).replace(tzinfo=None), "us") for instant in (span.start, span.end))
    if at.min() < first or at.max() >= last:
        reason = f"data points of {at.min()} to {at.max()} lie outside the time asked about, {first} to {last}"
        raise LakeError("write metrics of", series, reason, DEFECT)


def _write(file: Any, rows: pa.Table) -> None:
    # Byte-stream-split packs floats a tenth smaller and costs nothing to read; uids repeat, so they stay a dictionary.
    values = [name for name in rows.schema.names if "|" in name]
    slices = (rows.slice(start, ROWS_A_GROUP) for start in range(0, rows.num_rows, ROWS_A_GROUP))
    write_parquet(file, rows.schema, slices, use_dictionary=["uid"], column_encoding=dict.fromkeys(values, "BYTE_STREAM_SPLIT"))
