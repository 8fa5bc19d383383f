"""Migration risk per resource: additive points, each with its number, and a level by the upper end of what is possible.

Every factor is an interval. A source that was not measured counts at the factor's maximum, so that not looking never makes an estate
look safer; what is known stands beside it. ``risk_factors`` holds the table of factors, ``risk_facts`` how facts become numbers.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from cloudmigrate.domain.risk_evidence import sentence
from cloudmigrate.domain.risk_factors import FACTORS
from cloudmigrate.domain.risk_facts import ResourceFacts, numbers_of
from cloudmigrate.domain.risk_policy import LEVELS, RiskLevel, RiskPolicy
from cloudmigrate.domain.unwatched import unwatched

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cloudmigrate.domain.risk_facts import Numbers


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
    levels = np.searchsorted(np.array(policy.bounds), upper.sum(axis=1), side="right").astype(np.int8)
    return RiskScores(points, upper, levels)


@dataclass(frozen=True)
class Risks:
    """The risk of every resource, in the order of *facts*; rows for the datasets ``risks`` and ``risk_factors``."""

    facts: tuple[ResourceFacts, ...]
    scores: RiskScores
    numbers: "Numbers"
    as_of: datetime

    @cached_property
    def levels(self) -> Mapping[str, RiskLevel]:
        """Each resource's level."""
        return {one.uid: LEVELS[level] for one, level in zip(self.facts, self.scores.levels.tolist(), strict=True)}

    def rows(self) -> Iterator[dict[str, object]]:
        """One row per resource."""
        import numpy as np

        missing = np.isposinf(np.column_stack([self.numbers[factor.name][1] for factor in FACTORS]))
        totals, upper = self.scores.totals.tolist(), self.scores.upper_totals.tolist()
        for at, one in enumerate(self.facts):
            yield {
                "uid": one.uid,
                "level": LEVELS[self.scores.levels[at]].value,
                "points": totals[at],
                "upper_points": upper[at],
                "not_measured": [FACTORS[factor].name for factor in np.flatnonzero(missing[at])],
                "score": upper[at],
                "factors": _adding(self.scores.points[at].tolist(), self.scores.upper[at].tolist()),
            }

    def factor_rows(self) -> Iterator[dict[str, object]]:
        """One row per resource and factor that concerns its type."""
        points, upper = self.scores.points.tolist(), self.scores.upper.tolist()
        told = [list(map(_number, *(side.tolist() for side in self.numbers[factor.name]))) for factor in FACTORS]
        for at, one in enumerate(self.facts):
            for column, factor in enumerate(FACTORS):
                if not factor.concerns(one.type):
                    continue
                yield {
                    "uid": one.uid,
                    "factor": factor.name,
                    "points": points[at][column],
                    "upper_points": upper[at][column],
                    "max_points": float(factor.max_points),
                    "source": factor.source.value,
                    "evidence": sentence(factor.name, one, as_of=self.as_of),
                    "number": told[column][at],
                    "unit": factor.unit,
                }


def _adding(points: list[float], upper: list[float]) -> list[dict[str, object]]:
    """The factors that add to a resource's score, those with the most points first; their upper points add up to it."""
    told = sorted(zip(FACTORS, points, upper, strict=True), key=lambda one: -one[2])
    return [
        {"factor": factor.name, "points": known, "upper_points": most, "max_points": float(factor.max_points)}
        for factor, known, most in told
        if most > 0
    ]


def _number(low: float, high: float) -> float | None:
    """What is known of a number that may be more; None where nothing is."""
    return low if low > 0 or (math.isfinite(low) and math.isfinite(high)) else None


@unwatched
def assess_risks(facts: Iterable[ResourceFacts], policy: RiskPolicy, *, as_of: datetime) -> Risks:
    """The risk of every resource on the day of *as_of*, sorted by uid. Raises ValueError on a uid given twice or a naive instant."""
    if as_of.tzinfo is None:
        raise ValueError("as_of must be aware; give it in UTC")
    ordered = tuple(sorted(facts, key=attrgetter("uid")))
    for one, following in pairwise(ordered):
        if one.uid == following.uid:
            raise ValueError(f"resource {one.uid} is given twice. Next: check the inventory's uids with the data checks.")
    numbers = numbers_of(ordered, as_of=as_of)
    return Risks(ordered, risk_scores(numbers, len(ordered), policy), numbers, as_of)
