"""What the report recommends, as frozen records."""

from dataclasses import dataclass

STRATEGIES = ("retire", "retain", "rehost", "relocate", "repurchase", "replatform", "refactor")


@dataclass(frozen=True, slots=True)
class AlternativeRow:
    """Another strategy, and why it was not chosen."""

    strategy: str
    why_not: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """One named part of a confidence."""

    part: str
    value: float  # 0..1


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """One row of the dataset ``recommendations``: of a resource, or of a workload."""

    uid: str  # of a workload its name
    strategy: str  # what holds
    recommended: str  # what the table says
    rule: str
    confidence: float  # 0..1
    reasons: tuple[str, ...]
    workload: str | None = None
    pattern: str | None = None
    runner_up: str | None = None
    effort_hours: float | None = None
    parts: tuple[PartRow, ...] = ()
    alternatives: tuple[AlternativeRow, ...] = ()  # nearest first
    decided_by: str | None = None  # who overrode the table
    decided_reason: str | None = None
    open_question: str | None = None


@dataclass(frozen=True, slots=True)
class Strategies:
    """What is recommended, by resource and by workload."""

    resources: tuple[StrategyRow, ...]
    workloads: tuple[StrategyRow, ...]
