"""What is known and decided of a resource's size: its use, the sizes tried, what the replay found, and the choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cloudmigrate.domain.instance_sizes import InstanceType


class Dimension(StrEnum):
    """What a size holds."""

    CPU = "cpu"  # vCPUs
    MEMORY = "memory"  # bytes
    NETWORK = "network"  # gigabits a second
    IOPS = "iops"  # of EBS, a second
    THROUGHPUT = "throughput"  # of EBS, megabits a second
    CREDITS = "credits"  # CPU credits an hour


class SizeVerdict(StrEnum):
    """What to do with a resource's size."""

    KEEP = "keep"
    SMALLER = "smaller"
    LARGER = "larger"
    INSUFFICIENT_DATA = "insufficient_data"


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource that has a size."""

    uid: str
    region: str
    size_name: str  # as its service calls it, such as db.m5.large
    prefix: str = ""  # of that name, before the instance type
    is_windows: bool = False
    is_managed: bool = False  # a database or cache
    is_batch: bool = False  # by its pattern of use

    @property
    def instance_type(self) -> str:
        """The instance type that it is, or is taken to equal."""
        return self.size_name.removeprefix(self.prefix)


@dataclass(frozen=True, slots=True)
class Use:
    """A resource's use over the lookback, at the profile's percentile; None where it was not measured."""

    uid: str
    hours: float  # of CPU data
    period_s: int
    has_maximum: bool
    cpu_pct: float
    memory_pct: float | None = None
    memory_free_bytes: float | None = None  # the low percentile
    network_gbps: float | None = None
    iops: float | None = None
    throughput_mbps: float | None = None
    measured_minutes: Mapping[Dimension, float] = field(default_factory=dict)  # of what was measured

    def needs(self, current: InstanceType) -> dict[Dimension, float]:
        """What is used of each dimension, in its unit."""
        found = {
            Dimension.CPU: self.cpu_pct / 100 * current.vcpus,
            Dimension.MEMORY: self._memory(current),
            Dimension.NETWORK: self.network_gbps,
            Dimension.IOPS: self.iops,
            Dimension.THROUGHPUT: self.throughput_mbps,
        }
        return {dimension: value for dimension, value in found.items() if value is not None}

    def _memory(self, current: InstanceType) -> float | None:
        if self.memory_pct is not None:
            return self.memory_pct / 100 * current.memory_bytes
        return None if self.memory_free_bytes is None else max(current.memory_bytes - self.memory_free_bytes, 0)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The sizes worth running the series against, smallest first, and what stands against those just under them."""

    subject: Subject
    use: Use
    current: InstanceType
    tried: tuple[InstanceType, ...]  # fit by percentile; the present size is among them if it fits and nothing smaller may be proposed
    arm: InstanceType | None
    too_small: tuple[InstanceType, str] | None  # the largest that does not fit, and why
    current_fits: bool
    held: str | None  # why nothing smaller may be proposed

    @property
    def to_run(self) -> tuple[InstanceType, ...]:
        """Every size that the series is run against, each once."""
        found = [self.current, *self.tried, *([self.arm] if self.arm else [])]
        return tuple({one.instance_type: one for one in found}.values())


@dataclass(frozen=True, slots=True)
class Shortage:
    """Minutes of a series that one dimension of a size would have been too small for, of those measured."""

    short_minutes: float
    measured_minutes: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """One series run against one size."""

    shortages: Mapping[Dimension, Shortage] = field(default_factory=dict)  # what was not measured, or has no capacity told, is not in it
    surplus_vcpu_hours: float = 0.0
    credits_spent_per_hour: float | None = None


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """One dimension of a choice."""

    used: float | None
    capacity_now: float | None
    capacity_target: float | None
    short_minutes: float | None
    measured_minutes: float | None
    risk: int


@dataclass(frozen=True, slots=True)
class Sizing:
    """The choice for one resource by one profile."""

    uid: str
    profile: str
    current_type: str
    verdict: SizeVerdict
    reason: str
    target_type: str | None = None
    dimensions: Mapping[Dimension, DimensionRow] = field(default_factory=dict)
    risk: int | None = None
    runner_up: str | None = None
    runner_up_reason: str | None = None
    arm_type: str | None = None
    arm_effort: str | None = None
    surplus_vcpu_hours: float | None = None
