"""Runs, snapshots, datasets' parts and plans: what is in the ledger, and what may be added. Every function takes an open transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from cloudmigrate.ledger.records import PartRow, PlanRow, RunRow, RunStatus, SnapshotRow
from cloudmigrate.ledger.tables import editions, parts, plans, runs, snapshots, windows

COMMITTED = "snapshot"  # the edition of what discovery itself wrote


class RefusedError(Exception):
    """The ledger's own rules forbid it; becomes a LedgerError with the step and the database."""

    def __init__(self, reason: str, next_action: str) -> None:
        self.reason = reason
        self.next_action = next_action
        super().__init__(reason)


def begin_run(connection: Connection, run: RunRow) -> None:
    """Add *run*; begun again (a retry) it is running again. Raises RefusedError if the id is another run's."""
    found = get_run(connection, run.run_id)
    if found is None:
        values = {"run_id": run.run_id, "flow": run.flow, "estate": run.estate, "parameters": dict(run.parameters)}
        connection.execute(insert(runs).values(**values, started_at=run.started_at, status=RunStatus.RUNNING.value))
    elif (found.flow, found.estate) != (run.flow, run.estate):
        raise RefusedError(f"run {run.run_id} is already a run of {found.flow} on estate {found.estate}", "use a new run id.")
    elif found.status is not RunStatus.RUNNING:
        again = {"status": RunStatus.RUNNING.value, "finished_at": None, "error": None}
        connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(**again))


def finish_run(connection: Connection, run_id: str, status: RunStatus, error: str | None, finished_at: datetime) -> None:
    """Close a run, once. Raises RefusedError if there is none, or it ended otherwise."""
    ended = connection.execute(
        update(runs)
        .where(runs.c.run_id == run_id, runs.c.status == RunStatus.RUNNING.value)
        .values(status=status.value, error=error, finished_at=finished_at)
    )
    if ended.rowcount == 1:
        return
    found = get_run(connection, run_id)
    if found is None:
        raise RefusedError(f"there is no run {run_id}", "begin the run first.")
    if found.status is not status:
        raise RefusedError(f"run {run_id} has already ended as {found.status}", "begin a new run.")


def get_run(connection: Connection, run_id: str) -> RunRow | None:
    """The run of that id, ended or not."""
    row = connection.execute(select(runs).where(runs.c.run_id == run_id)).one_or_none()
    return None if row is None else _run(row)


def list_runs(connection: Connection, estate: str, limit: int) -> tuple[RunRow, ...]:
    """The estate's newest *limit* runs, newest first."""
    query = select(runs).where(runs.c.estate == estate).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
    return tuple(_run(row) for row in connection.execute(query))


def _run(row: Row[Any]) -> RunRow:
    return RunRow(
        run_id=row.run_id,
        flow=row.flow,
        estate=row.estate,
        parameters=row.parameters,
        started_at=row.started_at,
        status=RunStatus(row.status),
        finished_at=row.finished_at,
        error=row.error,
    )


def begin_snapshot(
    connection: Connection, snapshot_id: str, estate: str, run_id: str, *, scope: Mapping[str, Any], started_at: datetime
) -> None:
    """Add a snapshot that nobody sees yet; the same again (a retry) changes nothing. Raises RefusedError."""
    found = connection.execute(select(snapshots).where(snapshots.c.snapshot_id == snapshot_id)).one_or_none()
    if found is not None:
        if (found.estate, found.run_id) != (estate, run_id):
            raise RefusedError(
                f"snapshot {snapshot_id} is already one of estate {found.estate}, run {found.run_id}", "use a new snapshot id."
            )
        return
    if get_run(connection, run_id) is None:
        raise RefusedError(f"there is no run {run_id}", "begin the run first.")
    values = {"snapshot_id": snapshot_id, "estate": estate, "run_id": run_id, "scope": dict(scope), "started_at": started_at}
    connection.execute(insert(snapshots).values(**values))


def commit_snapshot(
    connection: Connection, snapshot_id: str, rows: Sequence[PartRow], datasets: Iterable[str], committed_at: datetime
) -> None:
    """Make a snapshot visible with all its parts; the same again changes nothing.

    *datasets* are the ones that exist even where no part was written (no relation found is an answer too).
    Raises RefusedError if it was never begun, or was committed with other parts.
    """
    found = connection.execute(select(snapshots.c.committed_at).where(snapshots.c.snapshot_id == snapshot_id)).one_or_none()
    if found is None:
        raise RefusedError(f"snapshot {snapshot_id} was never begun", "run the discovery again.")
    by_dataset: dict[str, list[PartRow]] = {dataset: [] for dataset in datasets}
    for row in rows:
        by_dataset.setdefault(row.dataset, []).append(row)
    if found.committed_at is not None:
        stored = _paths(connection, snapshot_id, dict.fromkeys(newest_editions(connection, snapshot_id, COMMITTED), COMMITTED))
        given = {dataset: tuple(sorted(row.path for row in some)) for dataset, some in by_dataset.items()}
        if {dataset: stored.get(dataset) for dataset in given} != given:
            raise RefusedError(
                f"snapshot {snapshot_id} is already committed with other parts", "make a new snapshot; committed ones never change."
            )
        return
    for dataset, some in by_dataset.items():
        _add_edition(connection, snapshot_id, dataset, some, edition=COMMITTED, published_at=committed_at)
    connection.execute(update(snapshots).where(snapshots.c.snapshot_id == snapshot_id).values(committed_at=committed_at))


def publish_parts(
    connection: Connection, snapshot_id: str, dataset: str, rows: Sequence[PartRow], *, edition: str, published_at: datetime
) -> None:
    """Add an edition of a derived dataset; the same again changes nothing. Raises RefusedError if it exists with other parts."""
    require_committed(connection, snapshot_id)
    strange = sorted({row.dataset for row in rows} - {dataset})
    if strange:
        raise RefusedError(f"parts of {', '.join(strange)} were published as {dataset}", "publish each dataset by itself.")
    known = connection.execute(
        select(editions.c.seq).where(editions.c.snapshot_id == snapshot_id, editions.c.dataset == dataset, editions.c.edition == edition)
    ).one_or_none()
    if known is None:
        _add_edition(connection, snapshot_id, dataset, rows, edition=edition, published_at=published_at)
    elif _paths(connection, snapshot_id, {dataset: edition})[dataset] != tuple(sorted(row.path for row in rows)):
        raise RefusedError(
            f"edition {edition} of {dataset} in snapshot {snapshot_id} exists with other parts", "publish under a new edition."
        )


def _add_edition(
    connection: Connection, snapshot_id: str, dataset: str, rows: Sequence[PartRow], *, edition: str, published_at: datetime
) -> None:
    key = {"snapshot_id": snapshot_id, "dataset": dataset, "edition": edition}
    connection.execute(insert(editions).values(**key, published_at=published_at))
    if rows:
        connection.execute(insert(parts), [{**key, "path": row.path, "rows": row.rows, "bytes": row.bytes} for row in rows])


def require_committed(connection: Connection, snapshot_id: str) -> None:
    """Nothing, if that snapshot is visible. Raises RefusedError otherwise."""
    if get_snapshot(connection, snapshot_id) is None:
        raise RefusedError(
            f"there is no committed snapshot {snapshot_id}", "pick a snapshot of `cloudmigrate coverage`, or run a discovery."
        )


def _committed() -> Select[Any]:
    newest = select(windows.c.snapshot_id, func.max(windows.c.seq).label("seq")).group_by(windows.c.snapshot_id).subquery()
    return (
        select(snapshots, windows.c.window_start, windows.c.window_end)
        .select_from(
            snapshots.outerjoin(newest, newest.c.snapshot_id == snapshots.c.snapshot_id).outerjoin(windows, windows.c.seq == newest.c.seq)
        )
        .where(snapshots.c.committed_at.is_not(None))
    )


def get_snapshot(connection: Connection, snapshot_id: str) -> SnapshotRow | None:
    """The committed snapshot of that id."""
    row = connection.execute(_committed().where(snapshots.c.snapshot_id == snapshot_id)).one_or_none()
    return None if row is None else _snapshot(row)


def list_snapshots(connection: Connection, estate: str, limit: int) -> tuple[SnapshotRow, ...]:
    """The estate's newest *limit* committed snapshots, newest first (by when their discovery began)."""
    query = _committed().where(snapshots.c.estate == estate)
    query = query.order_by(snapshots.c.started_at.desc(), snapshots.c.snapshot_id.desc()).limit(limit)
    return tuple(_snapshot(row) for row in connection.execute(query))


def _snapshot(row: Row[Any]) -> SnapshotRow:
    return SnapshotRow(
        snapshot_id=row.snapshot_id,
        estate=row.estate,
        run_id=row.run_id,
        scope=row.scope,
        started_at=row.started_at,
        committed_at=row.committed_at,
        window_start=row.window_start,
        window_end=row.window_end,
    )


def newest_editions(connection: Connection, snapshot_id: str, edition: str | None = None) -> dict[str, str]:
    """dataset -> its newest edition; with *edition*, only the datasets that have it."""
    query = select(editions.c.dataset, editions.c.edition).where(editions.c.snapshot_id == snapshot_id).order_by(editions.c.seq)
    if edition is not None:
        query = query.where(editions.c.edition == edition)
    return {row.dataset: row.edition for row in connection.execute(query)}


def parts_of(connection: Connection, snapshot_id: str, edition: str | None = None) -> dict[str, tuple[str, ...]]:
    """dataset -> sorted paths of the newest editions; where a dataset has *edition*, of that one instead."""
    chosen = newest_editions(connection, snapshot_id)
    if edition is not None:
        chosen |= newest_editions(connection, snapshot_id, edition)
    return _paths(connection, snapshot_id, chosen)


def _paths(connection: Connection, snapshot_id: str, chosen: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {dataset: [] for dataset in chosen}
    for row in connection.execute(select(parts).where(parts.c.snapshot_id == snapshot_id)):
        if chosen.get(row.dataset) == row.edition:
            found[row.dataset].append(row.path)
    return {dataset: tuple(sorted(paths)) for dataset, paths in found.items()}


def publish_plan(
    connection: Connection,
    plan: PlanRow,
    rows: Sequence[PartRow],
    datasets: Iterable[str],
) -> None:
    """Add a plan and its datasets (editions named for it); the same plan again changes nothing. Raises RefusedError."""
    found = get_plan(connection, plan.plan_id)
    if found is not None:
        if (found.snapshot_id, found.content_hash) != (plan.snapshot_id, plan.content_hash):
            raise RefusedError(f"plan {plan.plan_id} exists with other content", "publish it under a new id; plans never change.")
        return
    require_committed(connection, plan.snapshot_id)
    by_dataset: dict[str, list[PartRow]] = {dataset: [] for dataset in datasets}
    for row in rows:
        by_dataset.setdefault(row.dataset, []).append(row)
    for dataset, some in by_dataset.items():
        publish_parts(connection, plan.snapshot_id, dataset, some, edition=plan.plan_id, published_at=plan.committed_at)
    values = {"plan_id": plan.plan_id, "snapshot_id": plan.snapshot_id, "content_hash": plan.content_hash, "path": plan.path}
    connection.execute(insert(plans).values(**values, created_at=plan.created_at, committed_at=plan.committed_at))


def get_plan(connection: Connection, plan_id: str) -> PlanRow | None:
    """The plan of that id, with its parts."""
    row = connection.execute(select(plans).where(plans.c.plan_id == plan_id)).one_or_none()
    return None if row is None else _plan(connection, row)


def list_plans(connection: Connection, snapshot_id: str, limit: int) -> tuple[PlanRow, ...]:
    """The snapshot's newest *limit* plans, newest first (by publication)."""
    query = select(plans).where(plans.c.snapshot_id == snapshot_id).order_by(plans.c.seq.desc()).limit(limit)
    return tuple(_plan(connection, row) for row in connection.execute(query).all())


def _plan(connection: Connection, row: Row[Any]) -> PlanRow:
    own = newest_editions(connection, row.snapshot_id, row.plan_id)
    return PlanRow(
        plan_id=row.plan_id,
        snapshot_id=row.snapshot_id,
        content_hash=row.content_hash,
        path=row.path,
        created_at=row.created_at,
        committed_at=row.committed_at,
        parts=_paths(connection, row.snapshot_id, own),
    )
