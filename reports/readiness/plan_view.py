"""What the report says about the plan, as frozen records; a plan of an older form leaves the later fields at their defaults."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class MoveGroup:
    """Resources that must move together; *needs* are groups that move no later."""

    id: str
    wave: int
    members: tuple[str, ...]
    cyclic: bool
    cycle: tuple[str, ...]  # one circle: each uid needs the next, the last the first; empty where there is none
    needs: tuple[str, ...]
    label: str | None = None  # what people call it
    workloads: tuple[str, ...] = ()
    risk_level: str | None = None
    environment: str | None = None
    shared_service: str | None = None
    effort_hours: float | None = None
    servers: int | None = None
    reasons: tuple[str, ...] = ()  # why it is in its wave
    retires: bool = False  # its wave retires it in the place of moving it; then *needs* are those that depend on it


@dataclass(frozen=True, slots=True)
class Wave:
    """Move groups of one event."""

    wave: int
    reason: str  # why it is where it is
    groups: tuple[str, ...]
    resources: int
    stateful: int  # as the bytes, without what is retired
    storage_bytes: int
    needs_waves: tuple[int, ...]  # earlier waves that hold something this wave needs
    types: tuple[tuple[str, int], ...]  # most frequent first
    servers: int | None = None
    effort_hours: float | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    pilot: bool = False
    reasons: tuple[str, ...] = ()
    risk_levels: tuple[tuple[str, int], ...] = ()  # move groups by level, the highest first
    cross_wave_bytes_per_day: float | None = None


@dataclass(frozen=True, slots=True)
class NoWaveRow:
    """Resources of one type that have no wave for one reason."""

    reason: str
    type: str
    resources: int


@dataclass(frozen=True, slots=True)
class FreezeWindow:
    """Days on which nothing moves."""

    first_on: date
    last_on: date
    reason: str
    environments: tuple[str, ...] = ()  # nothing of these moves; empty: nothing at all


@dataclass(frozen=True, slots=True)
class Crossing:
    """Observed traffic between move groups of different waves: it runs across sites between the two."""

    source_group: str
    target_group: str
    source_wave: int
    target_wave: int
    bytes_per_day: float
    edges: int


@dataclass(frozen=True, slots=True)
class CutEdge:
    """A dependency that a cut goes through."""

    source_uid: str
    target_uid: str
    protocol: int | None
    port: int | None
    bytes_per_s: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a move group that is larger than a wave could be cut, and what that would cost while it lasts."""

    group: str
    size: int
    limit: int | None
    side_a: tuple[str, ...]
    side_b: tuple[str, ...]
    edges: tuple[CutEdge, ...]
    bytes_per_s: float
    added_latency_ms: float | None
    transfer_usd_per_day: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Pin:
    """A resource that a person put into a wave."""

    uid: str
    wave: int
    reason: str
    by: str
    refused: tuple[str, ...] = ()  # why it could not be obeyed


@dataclass(frozen=True, slots=True)
class Excluded:
    """A resource that a person took out of the plan."""

    uid: str
    reason: str
    by: str
    breaks: tuple[str, ...] = ()  # groups that need it


@dataclass(frozen=True, slots=True)
class Retired:
    """A resource that its wave retires, as a person decided."""

    uid: str
    reason: str
    by: str
    breaks: tuple[str, ...] = ()  # uids that stay and need it


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A shared service whose dependencies neither group nor order the rest."""

    uid: str
    service: str
    edges: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The order of the move."""

    plan_id: str
    content_hash: str | None
    policy: tuple[tuple[str, str], ...]
    groups: tuple[MoveGroup, ...]
    waves: tuple[Wave, ...]
    no_wave: tuple[NoWaveRow, ...]
    freeze_windows: tuple[FreezeWindow, ...] = ()
    pins: tuple[Pin, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    crossings: tuple[Crossing, ...] = ()  # the heaviest first
    cuts: tuple[Cut, ...] = ()
    held_out: tuple[HeldOut, ...] = ()
    score: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    retired: tuple[Retired, ...] = ()
