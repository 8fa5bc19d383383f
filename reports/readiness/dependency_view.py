"""What the report says about traffic, dependencies, rules, risk and workloads, as frozen records.

Where a field of the report is None, nobody looked; an empty tuple means that somebody looked and found nothing.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One row of the dataset ``dependencies``; an end that is no resource is ``external:...`` or ``unknown:...``."""

    source_uid: str
    target_uid: str
    kind: str  # traffic, config, both
    protocol: int | None
    port: int | None
    bytes: int
    packets: int
    flows: int
    confidence: float
    observed: bool
    configured: bool
    allowed: bool | None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    resolution: str | None = None  # resolved, assumed, external, unknown
    direction: str | None = None  # syn, known, listens, range, guess
    periodicity: str | None = None
    days_seen: int | None = None
    days_logged: int | None = None
    statements: tuple[str, ...] = ()
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A resource that serves many; one row of the dataset ``shared_services``."""

    uid: str
    service: str  # dns, directory, ntp, monitoring, logging, proxy, bastion, other
    peers: int
    held_out: bool
    reason: str
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowLogPlace:
    """One place where flow logs were looked for: what is known of it, and how the last attempt to read it ended."""

    source: str
    account_id: str
    region: str
    found_by: str
    status: str  # of the last attempt: ok, empty, partial, denied, throttled, failed
    objects: int  # known, of the window
    new_objects: int  # that the last attempt was to read
    error_code: str | None = None
    missing_action: str | None = None
    detail: str | None = None
    read_objects: int | None = None  # of `objects`, by any attempt; None: not told by an older snapshot
    read_at: datetime | None = None  # when the window was last read in full; None: never, or not known
    attempted_at: datetime | None = None

    @property
    def is_gap(self) -> bool:
        """Whether the last attempt did not see all of it."""
        return self.status not in ("ok", "empty")

    @property
    def counts(self) -> bool:
        """Whether records of it count, whichever attempt read them."""
        return self.status in ("ok", "partial")

    @property
    def seen_until_at(self) -> datetime | None:
        """Until when all of it is known, where the last attempt did not succeed; None where it did, or nothing in full is known."""
        return self.read_at if self.status == "partial" else None


@dataclass(frozen=True, slots=True)
class SeenChance:
    """A resource with an address, and with what probability a dependency of it that occurs once a period was seen."""

    uid: str
    fully_logged_days: int
    skipped_share: float  # 0..1, of its logged hours
    weekly_seen_probability: float
    monthly_seen_probability: float


@dataclass(frozen=True, slots=True)
class FlowLogs:
    """What was read of flow logs."""

    places: tuple[FlowLogPlace, ...] = ()
    first_day_at: datetime | None = None  # of the days with at least one record
    last_day_at: datetime | None = None
    days: int = 0  # with at least one record
    interfaces: int = 0
    interface_days: int = 0
    fully_logged_interface_days: int = 0
    skipped_share: float = 0.0  # 0..1, of logged hours
    objects: int = 0
    unreadable_objects: int = 0
    records: int = 0
    broken_lines: int = 0
    chances: tuple[SeenChance, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One security group rule, and whether traffic used it."""

    rule_id: str
    group_uid: str
    direction: str
    protocol: int  # -1: all
    from_port: int
    to_port: int
    peer: str
    finding: str  # used, unused, not_measured, no_bearer
    open_to_world: bool
    bearers: int
    edges: int
    bytes: int
    last_seen: datetime | None = None
    description: str | None = None
    days_logged: int | None = None  # the fewest fully logged days of any bearer; None without one


@dataclass(frozen=True, slots=True)
class RiskRow:
    """The risk of one resource that can migrate."""

    uid: str
    level: str  # low, medium, high, critical: by upper_points
    points: float  # what is known
    upper_points: float  # with every factor that was not measured at its maximum
    not_measured: tuple[str, ...] = ()  # factors


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One factor of one resource's risk."""

    uid: str
    factor: str
    points: float
    upper_points: float
    max_points: float
    evidence: str
    number: float | None = None
    unit: str | None = None
    source: str = ""  # flow_logs, metrics, rules, inventory, tags


@dataclass(frozen=True, slots=True)
class WorkloadRow:
    """One workload: what it holds, why, and its risk."""

    workload: str
    resources: int
    sources: tuple[str, ...]  # mapping, tag, stack, ...
    reasons: tuple[str, ...]  # most frequent first
    confidence: float  # of its least certain resource
    waves: tuple[int, ...] = ()
    level: str | None = None
    points: float | None = None
    upper_points: float | None = None
    risk_reason: str | None = None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """The workload of one resource."""

    uid: str
    workload: str
    source: str
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class NeededRuleRow:
    """A rule that a move group's observed traffic needs."""

    move_group: str
    direction: str
    protocol: int
    port: int
    peer: str
    peer_kind: str  # move_group, resource, cidr, aws_service
    edges: int
    bytes: int
    confidence: float
    last_seen: datetime | None = None
