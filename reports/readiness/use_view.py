"""What the report says about how resources are used over time and which size their use needs, as frozen records."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PatternRow:
    """One row of the dataset ``patterns``: a word, the rule that chose it, and the numbers behind it."""

    uid: str
    pattern: str  # idle, steady, bursty, batch, diurnal, growing, declining, insufficient_data
    rule: str
    reason: str
    metric: str
    rules_met: tuple[str, ...] = ()
    confidence: float | None = None  # 0..1; None for insufficient_data
    age_days: float | None = None
    hours: int | None = None
    level_mean_pct: float | None = None
    floor_pct: float | None = None
    high_pct: float | None = None
    peak_pct: float | None = None
    spread: float | None = None
    spikes: float | None = None
    autocorrelation_day: float | None = None
    autocorrelation_week: float | None = None
    daily_share: float | None = None
    daily_swing_pct: float | None = None
    trend: float | None = None
    trend_fit: float | None = None
    duty_cycle: float | None = None
    network_mb_a_day: float | None = None


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """One dimension of a size: what is used, what the present size and the target hold, and how the replay went."""

    dimension: str  # cpu, memory, network, iops, throughput, credits
    used: float | None = None
    capacity_now: float | None = None
    capacity_target: float | None = None
    short_minutes: float | None = None
    measured_minutes: float | None = None
    risk: int | None = None  # 0..4


@dataclass(frozen=True, slots=True)
class SizingRow:
    """One row of the dataset ``sizing``."""

    uid: str
    profile: str
    current_type: str
    verdict: str  # keep, smaller, larger, insufficient_data
    reason: str
    target_type: str | None = None
    risk: int | None = None  # 0..4, the highest of the dimensions'
    runner_up: str | None = None
    runner_up_reason: str | None = None
    arm_type: str | None = None
    arm_effort: str | None = None
    dimensions: tuple[DimensionRow, ...] = ()  # those of which something is known


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """The hourly means of one metric of one resource; None where an hour has no data point."""

    uid: str
    metric: str
    unit: str
    first_at: datetime
    means: tuple[float | None, ...]
