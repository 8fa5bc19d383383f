"""Everything that the readiness report says, as frozen records; the HTML and the JSON are two renderings of this one value.

Rows come in the order in which they are shown. Units are in the names; instants are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from reports.readiness.cost_view import Costs
from reports.readiness.dependency_view import (
    EdgeRow,
    FactorRow,
    FlowLogs,
    MemberRow,
    NeededRuleRow,
    RiskRow,
    RuleRow,
    SharedRow,
    WorkloadRow,
)
from reports.readiness.plan_view import Plan
from reports.readiness.strategy_view import Strategies
from reports.readiness.use_view import PatternRow, SeriesRow, SizingRow

HOURS_OF_WEEK = 168


@dataclass(frozen=True, slots=True)
class Seen:
    """How many of something were looked at completely, partly, not at all."""

    seen: int = 0
    partly: int = 0
    not_seen: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.seen + self.partly + self.not_seen


@dataclass(frozen=True, slots=True)
class Trust:
    """What a reader must know before believing any figure."""

    accounts: Seen
    regions: Seen  # (account, region) pairs, without "global"
    services: Seen
    look_ups: int  # (account, region, type) in scope
    gap_look_ups: int
    checks: int
    failed_critical_checks: int
    failed_warning_checks: int
    scope: str | None = None  # what the snapshot was taken of, where that is not the whole estate


@dataclass(frozen=True, slots=True)
class Gap:
    """One cause for not seeing something, in one account, with what to do about it; grain: (account, cause)."""

    account_id: str
    status: str
    error_code: str | None
    missing_action: str | None  # the IAM action to allow
    detail: str | None
    regions: tuple[str, ...]
    services: tuple[str, ...]
    types: tuple[str, ...]
    look_ups: int
    whole_account: bool  # nothing of the account could be seen
    next_step: str
    flow_logs: str | None = None  # the place of flow logs that this is about, where it is about one
    seen_until_at: datetime | None = None  # of that place: all until then is known, so only what is newer is hidden


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """What became of looking at one type in one account and region."""

    account_id: str
    region: str
    service: str
    type: str
    status: str
    error_code: str | None
    missing_action: str | None
    detail: str | None
    resources: int


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One data check and what it found."""

    dataset: str
    check_name: str
    severity: str  # critical, warning
    passed: bool
    checked_rows: int
    failed_rows: int
    sample: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The estate in a handful of numbers."""

    resources: int = 0
    types: int = 0
    accounts: int = 0  # with at least one resource
    regions: int = 0  # with at least one resource, without "global"
    stateful: int = 0
    storage_bytes: int = 0  # without snapshots and images, which are copies
    copies_bytes: int = 0  # of snapshots and images
    unsized: int = 0  # stateful resources whose size is neither stated nor measured


@dataclass(frozen=True, slots=True)
class TypeCount:
    """Resources of one type."""

    type: str
    resources: int
    stateful: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """Resources of one account and region."""

    account_id: str
    region: str
    resources: int
    stateful: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One resource with its place in the plan."""

    uid: str
    account_id: str
    region: str
    type: str
    name: str
    state: str
    stateful: bool
    storage_bytes: int | None  # stated by configuration, else the most that was measured
    created_at: datetime | None
    tags: tuple[tuple[str, str], ...]
    move_group: str | None
    wave: int | None
    no_wave_reason: str | None


@dataclass(frozen=True, slots=True)
class MetricsWindow:
    """The span of time that measurements cover."""

    asked_from_at: datetime | None = None
    asked_to_at: datetime | None = None
    first_at: datetime | None = None  # oldest and newest point that came
    last_at: datetime | None = None

    @property
    def days(self) -> float:
        """Days between the oldest and the newest point; 0 without data."""
        if self.first_at is None or self.last_at is None:
            return 0.0
        return (self.last_at - self.first_at).total_seconds() / 86_400


@dataclass(frozen=True, slots=True)
class UsageRow:
    """How one metric of one resource behaved; values in *unit*."""

    uid: str
    metric: str
    stat: str
    unit: str
    samples: int
    coverage_share: float
    mean: float
    p50: float
    p95: float
    p99: float
    p995: float
    max: float
    idle_share: float | None
    peak_hour_of_week: int | None  # 0 = Monday 00:00 UTC
    peak_hour_mean: float | None


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """The mean of one metric in each of the 168 hours of a week (Monday 00:00 UTC first); None where there was no point."""

    uid: str
    metric: str
    unit: str
    means: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """Of one type, the resources that were asked for metrics, by the best answer that any of their metrics had."""

    type: str
    asked: int
    with_data: int
    no_data: int
    refused: int  # denied, throttled or failed


@dataclass(frozen=True, slots=True)
class IdleRow:
    """A resource that did next to nothing, by a stated rule."""

    uid: str
    rule: str
    metric: str
    unit: str
    value: float
    max: float
    coverage_share: float


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A statement of configuration: the source refers to the target."""

    source_uid: str
    target_uid: str
    kind: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """Relations of one kind; *role* is needs, part, setting or None."""

    kind: str
    role: str | None
    relations: int
    sources: int
    targets: int
    unresolved: int  # whose target is not in the inventory


@dataclass(frozen=True, slots=True)
class NeededRow:
    """A resource that others refer to."""

    uid: str
    dependents: int


@dataclass(frozen=True, slots=True)
class ReadinessView:
    """The whole report."""

    estate_name: str
    snapshot_id: str
    snapshot_at: datetime
    trust: Trust
    gaps: tuple[Gap, ...]
    totals: Totals
    by_type: tuple[TypeCount, ...]
    by_place: tuple[PlaceCount, ...]
    coverage: tuple[CoverageRow, ...]
    checks: tuple[CheckRow, ...]
    resources: tuple[ResourceRow, ...]
    metrics_window: MetricsWindow
    measured: tuple[MeasuredRow, ...]
    usage: tuple[UsageRow, ...]
    profiles: tuple[ProfileRow, ...]
    idle: tuple[IdleRow, ...]
    idle_cpu_p95_below_pct: float
    relations: tuple[RelationRow, ...]
    kinds: tuple[KindRow, ...]
    settings_kinds: tuple[str, ...]  # kinds that do not count among the most needed
    most_needed: tuple[NeededRow, ...]
    plan: Plan | None
    flow_logs: FlowLogs | None = None  # here and below None: nobody looked
    dependencies: tuple[EdgeRow, ...] | None = None  # those with the most bytes first
    shared: tuple[SharedRow, ...] | None = None
    rules: tuple[RuleRow, ...] | None = None
    risks: tuple[RiskRow, ...] | None = None  # the riskiest first
    risk_factors: tuple[FactorRow, ...] = ()  # by resource, those with the most points first
    workloads: tuple[WorkloadRow, ...] | None = None
    members: tuple[MemberRow, ...] = ()
    needed_rules: tuple[NeededRuleRow, ...] | None = None
    patterns: tuple[PatternRow, ...] | None = None
    pattern_examples: tuple[SeriesRow, ...] = ()  # one of each pattern that has one
    sizes: tuple[SizingRow, ...] | None = None
    costs: Costs | None = None
    strategies: Strategies | None = None
