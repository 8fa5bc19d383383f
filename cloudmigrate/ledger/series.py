"""Series that grow (metrics, traffic), what a snapshot reads of them, and how far each source has been read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from cloudmigrate.ledger.records import BoundSeries, ReadMark, SeriesKind, SeriesPart, SeriesSelection
from cloudmigrate.ledger.snapshots import RefusedError, get_run, require_committed
from cloudmigrate.ledger.tables import read_marks, series_parts, snapshot_series, windows


def add_series(connection: Connection, rows: Sequence[SeriesPart], marks: Mapping[str, Any], run_id: str, committed_at: datetime) -> None:
    """Add parts and the marks they advance, together; parts already known (a retry) are left as they are.

    Raises RefusedError if the run is unknown or a path belongs to another part.
    """
    if get_run(connection, run_id) is None:
        raise RefusedError(f"there is no run {run_id}", "begin the run first.")
    fresh = [replace(row, run_id=run_id, committed_at=committed_at) for row in rows]
    known = _known(connection, [row.path for row in fresh])
    for row in fresh:
        stored = known.get(row.path)
        if stored is not None and replace(stored, committed_at=committed_at, run_id=run_id) != row:
            raise RefusedError(f"part {row.path} is already in the ledger as another part", "write it under a new name.")
    new = [_values(row) for row in fresh if row.path not in known]
    if new:
        connection.execute(insert(series_parts), new)
    for source, value in sorted(marks.items()):
        set_mark(connection, ReadMark(source, value, run_id, committed_at))


def _known(connection: Connection, paths: Sequence[str]) -> dict[str, SeriesPart]:
    found = {}
    for start in range(0, len(paths), 500):  # SQLite takes a limited number of values in one statement
        query = select(series_parts).where(series_parts.c.path.in_(paths[start : start + 500]))
        found.update({row.path: _part(row) for row in connection.execute(query)})
    return found


def _values(part: SeriesPart) -> dict[str, Any]:
    return {
        "path": part.path,
        "series": part.series,
        "account_id": part.account_id,
        "region": part.region,
        "type": part.type,
        "kind": part.kind.value,
        "period_s": part.period_s,
        "range_from": part.range_from,
        "range_to": part.range_to,
        "rows": part.rows,
        "run_id": part.run_id,
        "committed_at": part.committed_at,
    }


def _part(row: Row[Any]) -> SeriesPart:
    return SeriesPart(
        path=row.path,
        series=row.series,
        account_id=row.account_id,
        region=row.region,
        type=row.type,
        kind=SeriesKind(row.kind),
        period_s=row.period_s,
        range_from=row.range_from,
        range_to=row.range_to,
        rows=row.rows,
        run_id=row.run_id,
        committed_at=row.committed_at,
    )


def list_series(
    connection: Connection, prefix: str, equal: Mapping[str, Any], since: datetime | None, until: datetime | None
) -> tuple[SeriesPart, ...]:
    """The parts whose series begins with *prefix* and whose range touches [since, until), in the order they were committed."""
    query = select(series_parts).where(series_parts.c.series.startswith(prefix, autoescape=True)).order_by(series_parts.c.seq)
    for column, value in equal.items():
        if value is not None:
            query = query.where(series_parts.c[column] == value)
    if since is not None:
        query = query.where(series_parts.c.range_to > since)
    if until is not None:
        query = query.where(series_parts.c.range_from < until)
    return tuple(_part(row) for row in connection.execute(query))


def bind_series(
    connection: Connection, snapshot_id: str, selections: Sequence[SeriesSelection], window: tuple[datetime, datetime], bound_at: datetime
) -> None:
    """State what of the series the snapshot reads; a later statement replaces it in the view, and both stay. Raises RefusedError."""
    require_committed(connection, snapshot_id)
    if window[0] >= window[1]:
        raise RefusedError(f"the window of snapshot {snapshot_id} ends before it begins", "hand in (start, end).")
    unknown = sorted({one.path for one in selections} - set(_known(connection, [one.path for one in selections])))
    if unknown:
        raise RefusedError(f"{len(unknown)} selected parts are not in the ledger, such as {unknown[0]}", "add the series first.")
    values = {"snapshot_id": snapshot_id, "window_start": window[0], "window_end": window[1], "bound_at": bound_at}
    seq = connection.execute(insert(windows).values(**values).returning(windows.c.seq)).scalar_one()
    if selections:
        connection.execute(
            insert(snapshot_series),
            [{"window_seq": seq, "path": one.path, "valid_from": one.valid_from, "valid_to": one.valid_to} for one in selections],
        )


def series_of(connection: Connection, snapshot_id: str) -> tuple[BoundSeries, ...]:
    """The parts that the snapshot reads, by its newest statement, in the order the parts were committed."""
    newest = select(func.max(windows.c.seq)).where(windows.c.snapshot_id == snapshot_id).scalar_subquery()
    query = (
        select(series_parts, snapshot_series.c.valid_from, snapshot_series.c.valid_to)
        .join(snapshot_series, snapshot_series.c.path == series_parts.c.path)
        .where(snapshot_series.c.window_seq == newest)
        .order_by(series_parts.c.seq, snapshot_series.c.valid_from)
    )
    return tuple(BoundSeries(_part(row), row.valid_from, row.valid_to) for row in connection.execute(query))


def get_mark(connection: Connection, source: str) -> ReadMark | None:
    """The newest mark of *source*."""
    query = select(read_marks).where(read_marks.c.source == source).order_by(read_marks.c.seq.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _mark(row)


def list_marks(connection: Connection, prefix: str) -> dict[str, ReadMark]:
    """source -> newest mark, of every source that begins with *prefix*."""
    newest = select(func.max(read_marks.c.seq)).where(read_marks.c.source.startswith(prefix, autoescape=True)).group_by(read_marks.c.source)
    query = select(read_marks).where(read_marks.c.seq.in_(newest)).order_by(read_marks.c.source)
    return {row.source: _mark(row) for row in connection.execute(query)}


def set_mark(connection: Connection, mark: ReadMark) -> None:
    """Add *mark*; the older ones stay."""
    values = {"source": mark.source, "mark": mark.value, "run_id": mark.run_id, "updated_at": mark.updated_at}
    connection.execute(insert(read_marks).values(**values))


def _mark(row: Row[Any]) -> ReadMark:
    return ReadMark(source=row.source, value=row.mark, run_id=row.run_id, updated_at=row.updated_at)
