"""How well waves serve the goals: few bytes across waves, dev and test first, high risk not among the first, even load.

Each goal is a number from 0 (met) up, made comparable by its own total, and counts with the weight below. The weights are judgement: a
byte that crosses is worth more than an early environment, which is worth more than even waves. Hard laws are not weighed; they hold.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cloudmigrate.domain.environments import ENVIRONMENTS, rank
from cloudmigrate.domain.wave_problem import Problem

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cloudmigrate.domain.condensation import Numbers

WEIGHTS = {"traffic": 10.0, "environments": 4.0, "risk": 4.0, "load": 1.0}
# A byte that runs between waves counts once, and a tenth more for each further wave that it has to wait.
FURTHER = 0.1
_LATEST = float(len(ENVIRONMENTS) - 1)


@dataclass(frozen=True, slots=True)
class Score:
    """The goals of one order of waves; lower is better. ``total`` is the weighted sum."""

    traffic: float  # share of observed bytes that cross waves, 0..1, more where they wait longer
    environments: float  # 0: all of dev as early and all of prod as late as can be
    risk: float  # share of the resources of high risk that are in pilot waves, less in later ones: 1 where all are in wave 1
    load: float  # squared deviation of the waves' hours from their mean, in means

    @property
    def total(self) -> float:
        """The weighted sum."""
        return sum(weight * float(getattr(self, goal)) for goal, weight in WEIGHTS.items())


class _Pairs(NamedTuple):
    """The pairs that exchange data, sorted by the first and then the second, and found by either end."""

    first: "Numbers"
    second: "Numbers"
    bytes_per_day: "npt.NDArray[np.float64]"
    as_first: "Numbers"  # group -> where the pairs begin in which it is the first; last, where all end
    by_second: "Numbers"  # the places of the pairs, sorted by the second and then the first
    as_second: "Numbers"  # the same of the second, among these

    def beside(self, group: int) -> tuple[Sequence[int], Sequence[float]]:
        """The other ends of the group's pairs, sorted, and the bytes a day of each."""
        lower = self.by_second[self.as_second[group] : self.as_second[group + 1]]
        higher = slice(self.as_first[group], self.as_first[group + 1])
        carried = [*self.bytes_per_day[lower].tolist(), *self.bytes_per_day[higher].tolist()]
        return [*self.first[lower].tolist(), *self.second[higher].tolist()], carried


class Goals:
    """The goals of one problem for orders of *last* waves."""

    def __init__(self, problem: Problem, last: int) -> None:
        self._problem = problem
        self.last = max(last, 1)
        self.bytes_per_day = math.fsum(problem.exchanged.bytes_per_day)
        self._known: dict[int, tuple[Sequence[int], Sequence[float]]] = {}

    def degree(self, group: int) -> int:
        """How many others the group exchanges data with."""
        return len(self._beside(group)[0])

    def partners(self, group: int) -> Sequence[tuple[int, float]]:
        """What the group exchanges data with, by number, and how many bytes a day."""
        return list(zip(*self._beside(group), strict=True))

    def _beside(self, group: int) -> tuple[Sequence[int], Sequence[float]]:
        """The group's partners by number, and the bytes a day with each; looked up when asked for, as a search of many groups sees few."""
        if not len(self._problem.exchanged.first):
            return (), ()
        found = self._known.get(group)
        if found is None:
            found = self._known[group] = self._pairs.beside(group)
        return found

    @cached_property
    def _pairs(self) -> "_Pairs":
        import numpy as np

        told, groups = self._problem.exchanged, np.arange(len(self._problem.facts) + 1)
        first, second, carried = np.asarray(told.first), np.asarray(told.second), np.asarray(told.bytes_per_day)
        order = np.argsort(second * len(groups) + first)
        return _Pairs(first, second, carried, np.searchsorted(first, groups), order, np.searchsorted(second[order], groups))

    def traffic_costs(self, waves: Sequence[int]) -> Sequence[float]:
        """The ``traffic_cost`` of every group where it is."""
        told = self._problem.exchanged
        if not len(told.first):
            return [0.0] * len(waves)
        import numpy as np

        first, second = np.asarray(told.first), np.asarray(told.second)
        cost = WEIGHTS["traffic"] * self._carried(waves) / (self.bytes_per_day or 1.0)
        one, other = (np.bincount(ends, weights=cost, minlength=len(waves)) for ends in (first, second))
        found: list[float] = (one + other).tolist()
        return found

    @cached_property
    def _gone(self) -> Sequence[bool]:
        """group -> whether it is retired; () where none is."""
        gone = [one.retires for one in self._problem.facts]
        return gone if any(gone) else ()

    def _carried(self, waves: Sequence[int]) -> "npt.NDArray[np.float64]":
        """Of each pair that exchanges data the bytes a day, more for each wave that they are apart."""
        import numpy as np

        told, at = self._problem.exchanged, np.asarray(waves)
        distance = distances(at, np.asarray(told.first), np.asarray(told.second), self._gone)
        return np.where(distance == 0, 0.0, np.asarray(told.bytes_per_day) * (1 + FURTHER * (distance - 1)))

    @cached_property
    def _resources(self) -> int:
        return sum(one.resources for one in self._problem.facts) or 1

    @cached_property
    def _risky_resources(self) -> int:
        return sum(one.resources for one in self._problem.facts if one.risky) or 1

    @cached_property
    def first_rank(self) -> float:
        """The rank of the environment that should move first of those that there are."""
        return min((rank(one.environment) for one in self._problem.facts if one.environment is not None), default=0.0)

    @cached_property
    def mean_hours(self) -> float:
        """What each wave would take if all took the same."""
        return sum(one.effort_hours for one in self._problem.facts) / self.last or 1.0

    def of(self, waves: Sequence[int]) -> Score:
        """The score of giving group n the wave *waves*[n]."""
        hours = [0.0] * (self.last + 1)
        for group, wave in enumerate(waves):
            hours[wave] += self._problem.facts[group].effort_hours
        groups = range(len(waves))
        return Score(
            traffic=self._traffic(waves),
            environments=sum(self._environment(group, waves[group]) for group in groups),
            risk=sum(self._risk(group, waves[group]) for group in groups),
            load=sum(self._load(one) for one in hours[1:]),
        )

    def _traffic(self, waves: Sequence[int]) -> float:
        if not len(self._problem.exchanged.first):
            return 0.0
        return math.fsum(self._carried(waves)) / (self.bytes_per_day or 1.0)

    def alone(self, group: int, wave: int, waves: Sequence[int]) -> dict[str, float]:
        """What *group* in *wave* adds to each goal but load, weighted, all others where *waves* says."""
        return {
            "traffic": self.traffic_cost(group, wave, waves),
            "environments": WEIGHTS["environments"] * self._environment(group, wave),
            "risk": WEIGHTS["risk"] * self._risk(group, wave),
        }

    def cost(self, group: int, wave: int, waves: Sequence[int]) -> float:
        """The sum of ``alone``."""
        other = WEIGHTS["environments"] * self._environment(group, wave) + WEIGHTS["risk"] * self._risk(group, wave)
        return self.traffic_cost(group, wave, waves) + other

    def traffic_cost(self, group: int, wave: int, waves: Sequence[int]) -> float:
        """What the bytes that *group* exchanges add to the weighted total, were it in *wave*."""
        total, gone = 0.0, self._gone
        for other, carried in zip(*self._beside(group), strict=True):
            distance = between(wave, waves[other], gone[group], gone[other]) if gone else abs(wave - waves[other])
            if distance:
                total += carried * (1 + FURTHER * (distance - 1))
        return WEIGHTS["traffic"] * total / (self.bytes_per_day or 1.0)

    def load_change(self, hours: float, here: float, there: float) -> float:
        """What it adds to the weighted total to move *hours* from a wave of *here* hours to one of *there*."""
        return self.load(here - hours) + self.load(there + hours) - self.load(here) - self.load(there)

    def _environment(self, group: int, wave: int) -> float:
        facts = self._problem.facts[group]
        if facts.environment is None or self.last == 1 or facts.shared_service is not None:
            return 0.0
        late = rank(facts.environment) / _LATEST  # 0: should be first; 1: should be last
        place = (wave - 1) / (self.last - 1)
        return facts.resources / self._resources * ((1 - late) * place + late * (1 - place))

    def _risk(self, group: int, wave: int) -> float:
        facts, pilot_waves = self._problem.facts[group], self._problem.policy.pilot_waves
        if not facts.risky or wave > pilot_waves:
            return 0.0
        return facts.resources / self._risky_resources * (pilot_waves + 1 - wave) / pilot_waves

    def load(self, hours: float) -> float:
        """What a wave of so many hours adds to the weighted total."""
        return WEIGHTS["load"] * self._load(hours)

    def _load(self, hours: float) -> float:
        return (hours / self.mean_hours - 1) ** 2 / self.last


def between(wave: int, other: int, retires: bool, other_retires: bool) -> int:  # noqa: FBT001 - of both ends alike
    """For how many waves two groups of these waves are at different sites; what is retired is at its own until its wave, then nowhere."""
    if retires:
        return 0 if other_retires else max(wave - other, 0)
    return max(other - wave, 0) if other_retires else abs(wave - other)


def distances(waves: "Numbers", first: "Numbers", second: "Numbers", retires: Sequence[bool]) -> "Numbers":
    """``between`` of each two groups *first* and *second*; *retires* is of each group, or () where none is retired."""
    import numpy as np

    ahead: Numbers = waves[first] - waves[second]
    if not len(retires):
        return np.abs(ahead)
    gone = np.asarray(retires, dtype=np.bool_)
    one, other = gone[first], gone[second]
    found: Numbers = np.where(one | other, np.maximum(np.where(one, ahead, -ahead), 0), np.abs(ahead)) * ~(one & other)
    return found


def apart(waves: int) -> float:
    """What a byte counts between groups that many waves apart."""
    distance = abs(waves)
    return 0.0 if distance == 0 else 1 + FURTHER * (distance - 1)
