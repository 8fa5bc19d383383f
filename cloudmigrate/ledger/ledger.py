"""The ledger: what has been done, by whom, and what is visible. Tasks talk to this class and to nothing below it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.decisions import Decision
from cloudmigrate.ledger import audit, decisions, series, snapshots
from cloudmigrate.ledger.records import (
    AuditEvent,
    AuditHead,
    AuditProblem,
    NotedHead,
    PartRow,
    PlanRow,
    PreflightRow,
    ReadMark,
    RunRow,
    RunStatus,
    Selected,
    SeriesFile,
    SeriesRow,
    SnapshotRow,
)
from cloudmigrate.ledger.wave_records import WaveRecords
from cloudmigrate.masking import masked, masked_text

__all__ = [
    "AuditEvent",
    "AuditHead",
    "AuditProblem",
    "Ledger",
    "PartRow",
    "PlanRow",
    "PreflightRow",
    "ReadMark",
    "RunRow",
    "RunStatus",
    "SeriesRow",
    "SnapshotRow",
]

DISCOVERED = ("inventory", "coverage", "relations")  # visible together with their snapshot, even when empty
PLANNED = ("waves", "unplanned")


class Ledger(WaveRecords):
    """The state store over one database; safe to share between threads.

    Each method is one transaction: what it adds is visible all at once or not at all. Instants that are left out
    come from *clock*. Every method raises LedgerError when the database fails or the ledger's rules forbid the act.
    """

    # runs

    def begin_run(
        self, run_id: str, flow: str, estate: str, parameters: Mapping[str, Any] | None = None, started_at: datetime | None = None
    ) -> RunRow:
        """The run, now recorded as running; beginning the same run again changes nothing."""
        run = RunRow(run_id, flow, estate, masked(dict(parameters or {})), started_at or self._clock())
        with self._write(f"begin run {run_id}") as connection:
            snapshots.begin_run(connection, run)
        return run

    def finish_run(self, run_id: str, *, error: str | None = None, finished_at: datetime | None = None) -> None:
        """Record that the run ended: done, or failed with *error* (kept without the secrets that it may mention)."""
        status = RunStatus.DONE if error is None else RunStatus.FAILED
        told = None if error is None else masked_text(error)
        with self._write(f"finish run {run_id}") as connection:
            snapshots.finish_run(connection, run_id, status, told, finished_at or self._clock())

    def run(self, run_id: str) -> RunRow | None:
        """The run of that id."""
        with self._read(f"read run {run_id}") as connection:
            return snapshots.get_run(connection, run_id)

    def runs(self, estate: str, limit: int = 20) -> tuple[RunRow, ...]:
        """The estate's newest runs, newest first."""
        with self._read(f"list runs of {estate}") as connection:
            return snapshots.list_runs(connection, estate, limit)

    # snapshots and the parts of datasets

    def begin_snapshot(
        self, snapshot_id: str, estate: str, run_id: str, scope: Mapping[str, Any] | None = None, started_at: datetime | None = None
    ) -> None:
        """Record that a discovery is under way; nobody sees the snapshot before it is committed."""
        with self._write(f"begin snapshot {snapshot_id}") as connection:
            snapshots.begin_snapshot(connection, snapshot_id, estate, run_id, scope=scope or {}, started_at=started_at or self._clock())

    def commit_snapshot(self, snapshot_id: str, parts: Sequence[PartRow], committed_at: datetime | None = None) -> SnapshotRow:
        """The snapshot, now visible with all *parts* (inventory, coverage, relations, ...)."""
        with self._write(f"commit snapshot {snapshot_id}") as connection:
            snapshots.commit_snapshot(connection, snapshot_id, parts, DISCOVERED, committed_at or self._clock())
            snapshot = snapshots.get_snapshot(connection, snapshot_id)
        assert snapshot is not None  # noqa: S101 - committed two lines above
        return snapshot

    def publish_parts(
        self, snapshot_id: str, dataset: str, parts: Sequence[PartRow], edition: str, published_at: datetime | None = None
    ) -> None:
        """Make an edition of a derived dataset visible; the newest is the one that views show."""
        with self._write(f"publish {dataset} of snapshot {snapshot_id}") as connection:
            snapshots.publish_parts(connection, snapshot_id, dataset, parts, edition=edition, published_at=published_at or self._clock())

    def publish_together(
        self, snapshot_id: str, parts: Mapping[str, Sequence[PartRow]], edition: str, published_at: datetime | None = None
    ) -> None:
        """Make an edition of several derived datasets (name -> parts) visible at once: who reads sees all of them or none."""
        now = published_at or self._clock()
        with self._write(f"publish {', '.join(parts)} of snapshot {snapshot_id}") as connection:
            for dataset, some in parts.items():
                snapshots.publish_parts(connection, snapshot_id, dataset, some, edition=edition, published_at=now)

    def newest_snapshot(self, estate: str) -> SnapshotRow | None:
        """The committed snapshot whose discovery began last."""
        return next(iter(self.snapshots(estate, limit=1)), None)

    def snapshots(self, estate: str, limit: int = 20) -> tuple[SnapshotRow, ...]:
        """The estate's committed snapshots, newest first."""
        with self._read(f"list snapshots of {estate}") as connection:
            return snapshots.list_snapshots(connection, estate, limit)

    def snapshot(self, snapshot_id: str) -> SnapshotRow | None:
        """The committed snapshot of that id."""
        with self._read(f"read snapshot {snapshot_id}") as connection:
            return snapshots.get_snapshot(connection, snapshot_id)

    def parts_of(self, snapshot_id: str, edition: str | None = None) -> dict[str, tuple[str, ...]]:
        """dataset -> sorted paths of its newest edition; datasets that have *edition* (such as a plan's id) show that one."""
        with self._read(f"list parts of snapshot {snapshot_id}") as connection:
            return snapshots.parts_of(connection, snapshot_id, edition)

    # plans

    def publish_plan(
        self,
        plan_id: str,
        snapshot_id: str,
        content_hash: str,
        path: str,
        parts: Sequence[PartRow],
        *,
        created_at: datetime | None = None,
        committed_at: datetime | None = None,
        datasets: Iterable[str] = PLANNED,
    ) -> PlanRow:
        """The plan, now visible together with its *parts*, whose edition is the plan's id."""
        now = self._clock()
        plan = PlanRow(plan_id, snapshot_id, content_hash, path, created_at or now, committed_at or now)
        with self._write(f"publish plan {plan_id}") as connection:
            snapshots.publish_plan(connection, plan, parts, datasets)
            published = snapshots.get_plan(connection, plan_id)
        assert published is not None  # noqa: S101 - published two lines above
        return published

    def newest_plan(self, snapshot_id: str) -> PlanRow | None:
        """The plan of the snapshot that was published last."""
        return next(iter(self.plans(snapshot_id, limit=1)), None)

    def plan(self, plan_id: str) -> PlanRow | None:
        """The plan of that id."""
        with self._read(f"read plan {plan_id}") as connection:
            return snapshots.get_plan(connection, plan_id)

    def plans(self, snapshot_id: str, limit: int = 20) -> tuple[PlanRow, ...]:
        """The snapshot's plans, newest first."""
        with self._read(f"list plans of snapshot {snapshot_id}") as connection:
            return snapshots.list_plans(connection, snapshot_id, limit)

    # series and marks

    def add_series(
        self,
        files: Sequence[SeriesFile],
        *,
        account_id: str,
        region: str,
        run_id: str,
        marks: Mapping[str, Any] | None = None,
        committed_at: datetime | None = None,
    ) -> None:
        """Make *files* part of their series and advance *marks* (source -> JSON value), in one transaction."""
        now = committed_at or self._clock()
        with self._write(f"add {counted(len(files), 'series part')} of account {account_id} {region}") as connection:
            series.add_series(connection, files, account_id=account_id, region=region, run_id=run_id, committed_at=now)
            for source, value in sorted((marks or {}).items()):
                series.set_mark(connection, ReadMark(source, value, run_id, now))

    def series_parts(
        self,
        series_prefix: str = "",
        *,
        account_id: str | None = None,
        region: str | None = None,
        type: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[SeriesRow, ...]:
        """The parts of matching series whose range touches [since, until), in the order they were committed."""
        equal = {"account_id": account_id, "region": region, "type": type}
        with self._read(f"list series {series_prefix}") as connection:
            return series.list_series(connection, series_prefix, equal, since, until)

    def bind_series(
        self, snapshot_id: str, selections: Sequence[Selected], window: tuple[datetime, datetime], bound_at: datetime | None = None
    ) -> None:
        """State the window of the snapshot and the stretches of series that it reads."""
        with self._write(f"bind series to snapshot {snapshot_id}") as connection:
            series.bind_series(connection, snapshot_id, selections, window, bound_at or self._clock())

    def series_of(self, snapshot_id: str) -> tuple[SeriesRow, ...]:
        """The stretches of series that the snapshot reads."""
        with self._read(f"list series of snapshot {snapshot_id}") as connection:
            return series.series_of(connection, snapshot_id)

    def mark(self, source: str) -> ReadMark | None:
        """How far *source* has been read."""
        with self._read(f"read mark {source}") as connection:
            return series.get_mark(connection, source)

    def marks(self, prefix: str = "") -> dict[str, ReadMark]:
        """source -> its newest mark, of every source that begins with *prefix*."""
        with self._read(f"list marks {prefix}") as connection:
            return series.list_marks(connection, prefix)

    def set_mark(self, source: str, value: Any, run_id: str, updated_at: datetime | None = None) -> None:
        """Record how far *source* has been read; the history stays."""
        with self._write(f"set mark {source}") as connection:
            series.set_mark(connection, ReadMark(source, value, run_id, updated_at or self._clock()))

    # decisions of people

    def decide(self, estate: str, given: Sequence[Decision]) -> tuple[Decision, ...]:
        """Record *given*, all or none, each with its audit event; those that were new (said again, a decision changes nothing)."""
        with self._write(f"record {counted(len(given), 'decision')} on estate {estate}") as connection:
            return decisions.decide(connection, estate, given)

    def decisions(self, estate: str) -> tuple[Decision, ...]:
        """What holds now: the newest on each (kind, subject) that was not taken back, sorted by kind and subject."""
        with self._read(f"list decisions on estate {estate}") as connection:
            return decisions.list_decisions(connection, estate)

    def decision_history(self, estate: str, limit: int = 100) -> tuple[Decision, ...]:
        """The newest decisions, those that no longer hold included, newest first."""
        with self._read(f"list past decisions on estate {estate}") as connection:
            return decisions.decision_history(connection, estate, limit)

    # audit

    def audit(
        self, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None, at: datetime | None = None
    ) -> AuditEvent:
        """The event, now the newest link of the audit chain."""
        with self._write(f"audit {action} {subject}") as connection:
            return audit.append(
                connection, at or self._clock(), actor=actor, action=action, subject=subject, detail=masked(dict(detail or {}))
            )

    def audit_head(self) -> AuditHead:
        """The newest link's number and hash, to be noted outside the database."""
        with self._read("read the audit head") as connection:
            return audit.get_head(connection)

    def audit_events(self, after_seq: int = 0, limit: int = 1000) -> tuple[AuditEvent, ...]:
        """Up to *limit* events after *after_seq*, oldest first."""
        with self._read("list audit events") as connection:
            return audit.list_events(connection, after_seq, limit)

    def newest_audit(self, action: str, subject: str) -> AuditEvent | None:
        """The newest event of that action on that subject; None while there is none."""
        with self._read(f"look for {action} {subject}") as connection:
            return audit.newest_of(connection, action, subject)

    def verify_audit(self, expected_head: AuditHead | None = None, signed: Sequence[NotedHead] = ()) -> tuple[AuditProblem, ...]:
        """Every break of the audit chain; empty when it is whole (and still contains *expected_head* and all that were *signed*)."""
        noted = (*([NotedHead(expected_head)] if expected_head else []), *signed)
        with self._read("verify the audit chain") as connection:
            return tuple(audit.verify(connection, noted))
