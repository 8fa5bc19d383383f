"""Migration risk per resource and workload: additive points, each with its number, and a level by the upper end of what is possible.

Every factor is an interval. A source that was not measured counts at the factor's maximum, so that not looking never makes an estate
look safer; what is known stands beside it. ``risk_factors`` holds the table of factors.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cloudmigrate.domain.end_of_life import support_ends
from cloudmigrate.domain.risk_factors import COMPLEXITY, CRITICALITY_TAGS, CRITICALITY_WORDS, DAY_S, FACTORS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = Mapping[str, tuple["npt.NDArray[np.float64]", "npt.NDArray[np.float64]"]]


class RiskLevel(StrEnum):
    """How much care a move needs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


LEVELS = tuple(RiskLevel)


class RiskPolicy(BaseModel):
    """From how many upper points on a resource is of which level."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    medium_from: Annotated[float, Field(gt=0, description="Upper points (of 100) from which risk is medium.")] = 30
    high_from: Annotated[float, Field(gt=0, description="Upper points from which risk is high.")] = 50
    critical_from: Annotated[float, Field(gt=0, description="Upper points from which risk is critical.")] = 70

    @model_validator(mode="after")
    def _levels_rise(self) -> "RiskPolicy":
        if not self.medium_from < self.high_from < self.critical_from:
            raise ValueError("medium_from, high_from and critical_from must rise")
        return self


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """What is known of one resource; None: not measured.

    *inbound* and *outbound* are the confidences (0..1) of its known dependencies; *flow_logs* tells whether traffic was looked at,
    so that a resource without dependencies in it has none.
    """

    uid: str
    type: str
    stateful: bool = False
    storage_bytes: int | None = None
    inbound: tuple[float, ...] = ()
    outbound: tuple[float, ...] = ()
    flow_logs: bool = False
    monthly_seen_probability: float | None = None  # 0..1, dataset observation
    public_address: bool = False
    open_rules: int | None = None  # inbound rules open to the world; None: rules were not read
    engine: str | None = None
    engine_version: str | None = None
    runtime: str | None = None
    created_at: datetime | None = None
    criticality: str | None = None  # what its tag says, see criticality_of
    cpu_p99_pct: float | None = None
    iops_p99: float | None = None


@dataclass(frozen=True)
class RiskScores:
    """Points per resource (rows) and factor (columns, as in ``FACTORS``); levels are positions in ``LEVELS``."""

    points: "npt.NDArray[np.float64]"
    upper: "npt.NDArray[np.float64]"
    levels: "npt.NDArray[np.int8]"

    @cached_property
    def totals(self) -> "npt.NDArray[np.float64]":
        """Known points per resource."""
        found: npt.NDArray[np.float64] = self.points.sum(axis=1)
        return found

    @cached_property
    def upper_totals(self) -> "npt.NDArray[np.float64]":
        """Points per resource with every unmeasured factor at its maximum."""
        found: npt.NDArray[np.float64] = self.upper.sum(axis=1)
        return found


def risk_scores(numbers: "Numbers", count: int, policy: RiskPolicy) -> RiskScores:
    """The points of *count* resources from arrays; 100,000 take 0.1 s.

    *numbers* gives for each factor the lowest and the highest number that the evidence allows: infinite at the upper end where it was
    not measured, minus infinite at both where the factor says nothing of the resource. A factor left out was not measured at all.
    """
    import numpy as np

    points, upper = np.zeros((count, len(FACTORS))), np.zeros((count, len(FACTORS)))
    for at, factor in enumerate(FACTORS):
        low, high = numbers.get(factor.name, (np.full(count, -np.inf), np.full(count, np.inf)))
        starts = np.array([start for start, _ in factor.steps])
        worth = np.array([0.0, *(worth for _, worth in factor.steps)])
        points[:, at] = worth[np.searchsorted(starts, low, side="right")]
        upper[:, at] = worth[np.searchsorted(starts, np.maximum(low, high), side="right")]
    bounds = np.array([policy.medium_from, policy.high_from, policy.critical_from])
    levels = np.searchsorted(bounds, upper.sum(axis=1), side="right").astype(np.int8)
    return RiskScores(points, upper, levels)


@dataclass(frozen=True)
class Risks:
    """The risk of every resource, in the order of *facts*; rows for the datasets ``risks`` and ``risk_factors``."""

    facts: tuple[ResourceFacts, ...]
    scores: RiskScores
    numbers: "Numbers"

    @cached_property
    def levels(self) -> Mapping[str, RiskLevel]:
        """Each resource's level."""
        return {one.uid: LEVELS[level] for one, level in zip(self.facts, self.scores.levels.tolist(), strict=True)}

    def rows(self) -> Iterator[dict[str, object]]:
        """One row per resource."""
        import numpy as np

        missing = np.isposinf(np.column_stack([self.numbers[factor.name][1] for factor in FACTORS]))
        for at, one in enumerate(self.facts):
            yield {
                "uid": one.uid,
                "level": LEVELS[self.scores.levels[at]].value,
                "points": float(self.scores.totals[at]),
                "upper_points": float(self.scores.upper_totals[at]),
                "not_measured": [FACTORS[factor].name for factor in np.flatnonzero(missing[at])],
            }

    def factor_rows(self) -> Iterator[dict[str, object]]:
        """One row per resource and factor that concerns its type."""
        for at, one in enumerate(self.facts):
            for column, factor in enumerate(FACTORS):
                if not factor.concerns(one.type):
                    continue
                low, high = (float(side[at]) for side in self.numbers[factor.name])
                yield {
                    "uid": one.uid,
                    "factor": factor.name,
                    "points": float(self.scores.points[at, column]),
                    "upper_points": float(self.scores.upper[at, column]),
                    "max_points": float(factor.max_points),
                    "evidence": factor.evidence.value,
                    "number": low if high != float("inf") or low > 0 else None,  # what is known of a measure that may be more
                    "unit": factor.unit,
                }


def assess_risks(facts: Iterable[ResourceFacts], policy: RiskPolicy, *, as_of: datetime) -> Risks:
    """The risk of every resource on the day of *as_of*, sorted by uid. Raises ValueError on a uid given twice or a naive instant."""
    if as_of.tzinfo is None:
        raise ValueError("as_of must be aware; give it in UTC")
    ordered = tuple(sorted(facts, key=lambda one: one.uid))
    for one, following in pairwise(ordered):
        if one.uid == following.uid:
            raise ValueError(f"resource {one.uid} is given twice. Next: check the inventory's uids with the data checks.")
    numbers = numbers_of(ordered, as_of=as_of)
    return Risks(ordered, risk_scores(numbers, len(ordered), policy), numbers)


def numbers_of(facts: Sequence[ResourceFacts], *, as_of: datetime) -> "Numbers":
    """What ``risk_scores`` takes, from records: for each factor the lowest and highest number of every resource."""
    import numpy as np

    today = as_of.astimezone(UTC)
    ends: dict[tuple[str | None, str | None, str | None], date | None] = {}
    low, high = np.full((len(FACTORS), len(facts)), -np.inf), np.full((len(FACTORS), len(facts)), -np.inf)
    concerned = {type_: [at for at, factor in enumerate(FACTORS) if factor.concerns(type_)] for type_ in {one.type for one in facts}}
    for row, one in enumerate(facts):
        version = (one.engine, one.engine_version, one.runtime)
        if version not in ends:
            ends[version] = support_ends(*version)
        known = _numbers(one, today, ends[version])
        for at in concerned[one.type]:
            low[at, row], high[at, row] = known[FACTORS[at].name]
    return {factor.name: (low[at], high[at]) for at, factor in enumerate(FACTORS)}


_UNKNOWN = (float("-inf"), float("inf"))


def _numbers(one: ResourceFacts, today: datetime, ends: date | None) -> dict[str, tuple[float, float]]:
    """The interval of each factor, by its name."""
    seen, created = one.monthly_seen_probability, one.created_at
    return {
        "inbound_dependencies": _degree(one.inbound, measured=one.flow_logs),
        "outbound_dependencies": _degree(one.outbound, measured=one.flow_logs),
        "missing_evidence": _exactly(None if seen is None else 1 - seen),
        "data_volume": _exactly(one.storage_bytes if one.storage_bytes is not None or one.stateful else 0),
        "statefulness": _exactly(int(one.stateful)),
        "downtime_tolerance": _exactly(CRITICALITY_WORDS.get((one.criticality or "").strip().lower())),
        "target_complexity": _exactly(COMPLEXITY.get(one.type)),
        "exposure": _exposure(one),
        "peak_load": _exactly(one.cpu_p99_pct),
        "change_rate": _exactly(one.iops_p99),
        "age": _exactly(None if created is None else (today - created).total_seconds() / DAY_S),
        "end_of_life": _exactly(None if ends is None else (today.date() - ends).days),
    }


def _exactly(number: float | None) -> tuple[float, float]:
    return _UNKNOWN if number is None else (float(number), float(number))


def _degree(confidences: Sequence[float], *, measured: bool) -> tuple[float, float]:
    """Known for as much as it is believed; at most every one of them holds, and without flow logs there may be any number more."""
    return (sum(confidences), float(len(confidences)) if measured else float("inf"))


def _exposure(one: ResourceFacts) -> tuple[float, float]:
    public = 2.0 * one.public_address
    return (public, float("inf")) if one.open_rules is None else (public + (one.open_rules > 0),) * 2


def criticality_of(tags: Mapping[str, str]) -> str | None:
    """What the tags say of a resource's criticality, in the table's words; the highest where several do; None where none does."""
    found = [
        word
        for key, value in tags.items()
        if key.strip().lower().replace("_", "-") in CRITICALITY_TAGS
        and (word := value.strip().lower().replace("_", "-")) in CRITICALITY_WORDS
    ]
    return max(sorted(found), key=CRITICALITY_WORDS.__getitem__, default=None)
