"""What a pattern of use is told by: one record of numbers per resource, and the vector that the model looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cloudmigrate.domain.load_metrics import SubjectKind


class Pattern(StrEnum):
    """How use of a resource goes over time: exactly one of these."""

    IDLE = "idle"
    STEADY = "steady"
    BURSTY = "bursty"
    BATCH = "batch"
    DIURNAL = "diurnal"
    GROWING = "growing"
    DECLINING = "declining"
    INSUFFICIENT_DATA = "insufficient_data"


@dataclass(frozen=True, slots=True)
class Features:
    """A resource's features, over hourly means of its load; what each is says the header of lake/sql/pattern_features.sql."""

    uid: str
    kind: SubjectKind
    samples: int
    hours: int
    gaps: int
    gap_hours: int
    first_at: datetime
    last_at: datetime
    age_days: float  # from the first data point in the window to the window's end, never from created_at
    level_mean_pct: float
    level_median_pct: float
    floor_pct: float
    high_pct: float
    top_pct: float
    peak_pct: float
    peak_measured: bool  # the period's Maximum was fetched; else the peak is one of means
    spread: float
    spikes: float
    autocorrelation_day: float | None
    autocorrelation_week: float | None
    daily_share: float
    daily_swing_pct: float
    trend: float
    trend_fit: float
    step_fit: float
    duty_cycle: float
    days: int
    low_cpu_days: int
    low_days: int
    network_days: int
    network_hours: int
    network_mb_a_day: float | None
    network_mb_a_day_max: float | None
    connection_hours: int
    connections_max: float | None

    @property
    def trend_share(self) -> float:
        """The trend as a share of the level, a week."""
        return self.trend / max(self.level_mean_pct, LEAST_LEVEL_PCT)

    @property
    def swing_share(self) -> float:
        """The daily swing as a share of the level."""
        return self.daily_swing_pct / max(self.level_mean_pct, LEAST_LEVEL_PCT)


LEAST_LEVEL_PCT = 0.5  # shares of less than this tell of the clock of the machine, not of its use

# What the model looks at, in its order. Shares of the level, so that a large and a small machine under one kind of load look alike.
MODEL_FEATURES: tuple[str, ...] = (
    "spread_share",
    "floor_share",
    "high_share",
    "spikes",
    "autocorrelation_day",
    "autocorrelation_week",
    "daily_share",
    "swing_share",
    "trend_share",
    "trend_fit",
    "step_fit",
    "duty_cycle",
)


def matrix(features: Sequence[Features]) -> NDArray[np.float64]:
    """One row of `MODEL_FEATURES` per resource; an autocorrelation that could not be told is 0."""
    rows = [
        (
            one.spread / max(one.level_mean_pct, LEAST_LEVEL_PCT),
            one.floor_pct / max(one.level_mean_pct, LEAST_LEVEL_PCT),
            one.high_pct / max(one.level_mean_pct, LEAST_LEVEL_PCT),
            one.spikes,
            one.autocorrelation_day or 0.0,
            one.autocorrelation_week or 0.0,
            one.daily_share,
            one.swing_share,
            one.trend_share,
            one.trend_fit,
            one.step_fit,
            one.duty_cycle,
        )
        for one in features
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, len(MODEL_FEATURES))
