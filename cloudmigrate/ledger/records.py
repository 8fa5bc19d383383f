"""What the ledger takes and gives: frozen records, instants aware and in UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from cloudmigrate.domain.approvals import ApprovalAnswer, ApprovalRequest
from cloudmigrate.domain.journal import Entry


class RunStatus(StrEnum):
    """Where a run stands; a killed run stays RUNNING for ever, which is what is known of it."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class SeriesKind(StrEnum):
    """How a part of a series came to be."""

    REGULAR = "regular"  # the next stretch of time
    BACKFILL = "backfill"  # an older stretch, or late points of one already read


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one flow."""

    run_id: str
    flow: str
    estate: str
    parameters: Mapping[str, Any]
    started_at: datetime
    status: RunStatus = RunStatus.RUNNING
    finished_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One committed discovery; the window is the span of its newest selection of series, None before there is one."""

    snapshot_id: str
    estate: str
    run_id: str
    scope: Mapping[str, Any]
    started_at: datetime
    committed_at: datetime
    window_start: datetime | None = None
    window_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartRow:
    """One Parquet file of a dataset; *path* is relative to the lake's root."""

    dataset: str
    path: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One published plan; its parts are the editions of that name."""

    plan_id: str
    snapshot_id: str
    content_hash: str
    path: str  # of the JSON document, relative to the lake's root
    created_at: datetime
    committed_at: datetime
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # dataset -> paths


class Selected(Protocol):
    """A stretch of time of one part of a series: this room's rows have it, and the lake's own records too."""

    @property
    def path(self) -> str:
        """Relative to the lake's root."""

    @property
    def valid_from(self) -> datetime:
        """Points from this instant on."""

    @property
    def valid_to(self) -> datetime:
        """Points before this instant."""


class SeriesFile(Selected, Protocol):
    """What the lake tells of a part that it wrote."""

    @property
    def series(self) -> str:
        """The key that parts with the same columns share."""

    @property
    def type(self) -> str:
        """The resource type."""

    @property
    def kind(self) -> StrEnum:
        """regular or backfill."""

    @property
    def period_s(self) -> int:
        """Seconds between points."""

    @property
    def collected_at(self) -> datetime:
        """When the run asked."""

    @property
    def range_from(self) -> datetime:
        """What the run asked about: from this instant on."""

    @property
    def range_to(self) -> datetime:
        """What the run asked about: before this instant."""

    @property
    def rows(self) -> int:
        """Number of rows."""

    @property
    def bytes(self) -> int:
        """Size of the file."""

    @property
    def uid_min(self) -> str:
        """The first uid in it."""

    @property
    def uid_max(self) -> str:
        """The last uid in it."""


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One Parquet file of a series that grows; it was asked about [range_from, range_to).

    [valid_from, valid_to) is what a snapshot reads of it; of a part that was not asked for through a snapshot, all.
    """

    path: str
    series: str
    account_id: str
    region: str
    type: str
    kind: SeriesKind
    period_s: int
    collected_at: datetime
    range_from: datetime
    range_to: datetime
    rows: int
    bytes: int
    uid_min: str
    uid_max: str
    run_id: str
    committed_at: datetime
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class SeriesSelection:
    """That a snapshot reads the points in [valid_from, valid_to) of one part."""

    path: str
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class ReadMark:
    """How far a source has been read; *value* is the reader's own JSON."""

    source: str
    value: Any
    run_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One link of the audit chain."""

    seq: int  # from 1, without gaps
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest link; noted elsewhere it proves later that the tail was not rewritten."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class NotedHead:
    """A head that somebody noted or signed: the chain must contain it for ever."""

    head: AuditHead
    how: str = "noted"


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """What was asked and answered, oldest first, and what the audit chain has against it."""

    requests: tuple[ApprovalRequest, ...]
    answers: tuple[ApprovalAnswer, ...]
    broken: Mapping[ApprovalAnswer, str] = field(default_factory=dict)  # answer -> why it does not count
    doubted: Mapping[str, str] = field(default_factory=dict)  # id of a request -> why it opens nothing


@dataclass(frozen=True, slots=True)
class PreflightRow:
    """What was checked before a wave; *document* is all of it as JSON values, without secrets."""

    estate: str
    plan_id: str
    wave: int
    steps_hash: str
    preflight_hash: str
    document: Mapping[str, Any]
    checked_by: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class WaveStart:
    """With which steps a wave was begun; *steps* are their documents, exactly as they were approved."""

    estate: str
    plan_id: str
    plan_hash: str
    wave: int
    steps_hash: str
    steps: Sequence[Mapping[str, Any]]
    preflight_hash: str
    started_by: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of a wave's journal, with when and by whom it was written."""

    seq: int
    entry: Entry
    holder: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """One place where the audit chain is broken."""

    seq: int
    problem: str

    def __str__(self) -> str:
        return f"audit event {self.seq}: {self.problem}"
