"""What the ledger takes and gives: frozen records, instants aware and in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


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
class Run:
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
class Snapshot:
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
class Plan:
    """One published plan; its parts are the editions of that name."""

    plan_id: str
    snapshot_id: str
    content_hash: str
    path: str  # of the JSON document, relative to the lake's root
    created_at: datetime
    committed_at: datetime
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # dataset -> paths


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """One Parquet file of a series that grows; covers [range_from, range_to)."""

    path: str
    series: str  # such as "metrics"
    account_id: str
    region: str
    type: str
    period_s: int
    range_from: datetime
    range_to: datetime
    rows: int
    kind: SeriesKind = SeriesKind.REGULAR
    run_id: str | None = None
    committed_at: datetime | None = None  # None until the ledger has it


@dataclass(frozen=True, slots=True)
class SeriesSelection:
    """That a snapshot reads the points in [valid_from, valid_to) of one part."""

    path: str
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class BoundSeries:
    """One selected part with what a view needs to read it."""

    part: SeriesPart
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
class AuditProblem:
    """One place where the audit chain is broken."""

    seq: int
    problem: str

    def __str__(self) -> str:
        return f"audit event {self.seq}: {self.problem}"
