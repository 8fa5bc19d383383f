"""Series that grow (metrics, traffic), what a snapshot reads of them, and how far each source has been read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from cloudmigrate.ledger.records import ReadMark, Selected, SeriesFile, SeriesKind, SeriesRow
from cloudmigrate.ledger.snapshots import RefusedError, get_run, require_committed
from cloudmigrate.ledger.tables import read_marks, series_parts, snapshot_series, windows

AT_ONCE = 500  # SQLite takes a limited number of values in one statement
FACTS = ("series", "type", "period_s", "collected_at", "range_from", "range_to", "rows", "bytes", "uid_min", "uid_max")


def require_run(connection: Connection, run_id: str) -> None:
    """Nothing, if there is that run. Raises RefusedError otherwise."""
    if get_run(connection, run_id) is None:
        raise RefusedError(f"there is no run {run_id}", "begin the run first.")


def add_series(
    connection: Connection, files: Sequence[SeriesFile], *, account_id: str, region: str, run_id: str, committed_at: datetime
) -> None:
    """Add the parts of one account and region; those already known (a retry) are left as they are.

    Raises RefusedError if the run is unknown or a path belongs to another part.
    """
    require_run(connection, run_id)
    known = _known(connection, [one.path for one in files])
    new = []
    for one in files:
        values = {"account_id": account_id, "region": region, "kind": SeriesKind(one.kind.value).value}
        values |= {name: getattr(one, name) for name in FACTS}
        stored = known.get(one.path)
        if stored is None:
            new.append({**values, "path": one.path, "run_id": run_id, "committed_at": committed_at})
        elif any(getattr(stored, name) != value for name, value in values.items()):
            raise RefusedError(f"part {one.path} is already in the ledger as another part", "write it under a new name.")
    if new:
        connection.execute(insert(series_parts), new)


def _known(connection: Connection, paths: Sequence[str]) -> dict[str, SeriesRow]:
    found = {}
    for start in range(0, len(paths), AT_ONCE):
        query = select(series_parts).where(series_parts.c.path.in_(paths[start : start + AT_ONCE]))
        found.update({row.path: _part(row) for row in connection.execute(query)})
    return found


def _part(row: Row[Any], valid: tuple[datetime, datetime] | None = None) -> SeriesRow:
    valid_from, valid_to = valid or (row.range_from, row.range_to)
    return SeriesRow(
        path=row.path,
        account_id=row.account_id,
        region=row.region,
        kind=SeriesKind(row.kind),
        run_id=row.run_id,
        committed_at=row.committed_at,
        valid_from=valid_from,
        valid_to=valid_to,
        **{name: getattr(row, name) for name in FACTS},
    )


def list_series(
    connection: Connection, prefix: str, equal: Mapping[str, Any], since: datetime | None, until: datetime | None
) -> tuple[SeriesRow, ...]:
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
    connection: Connection, snapshot_id: str, selections: Sequence[Selected], window: tuple[datetime, datetime], bound_at: datetime
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


def series_of(connection: Connection, snapshot_id: str) -> tuple[SeriesRow, ...]:
    """The parts that the snapshot reads, by its newest statement, in the order the parts were committed."""
    newest = select(func.max(windows.c.seq)).where(windows.c.snapshot_id == snapshot_id).scalar_subquery()
    query = (
        select(series_parts, snapshot_series.c.valid_from, snapshot_series.c.valid_to)
        .join(snapshot_series, snapshot_series.c.path == series_parts.c.path)
        .where(snapshot_series.c.window_seq == newest)
        .order_by(series_parts.c.seq, snapshot_series.c.valid_from)
    )
    return tuple(_part(row, (row.valid_from, row.valid_to)) for row in connection.execute(query))


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
    """Add *mark*; the older ones stay. Raises RefusedError if its run is unknown."""
    require_run(connection, mark.run_id)
    values = {"source": mark.source, "mark": mark.value, "run_id": mark.run_id, "updated_at": mark.updated_at}
    connection.execute(insert(read_marks).values(**values))


def _mark(row: Row[Any]) -> ReadMark:
    return ReadMark(source=row.source, value=row.mark, run_id=row.run_id, updated_at=row.updated_at)
