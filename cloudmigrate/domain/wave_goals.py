"""How well waves serve the goals: few bytes across waves, dev and test first, high risk not among the first, even load.

Each goal is a number from 0 (met) up, made comparable by its own total, and counts with the weight below. The weights are judgement: a
byte that crosses is worth more than an early environment, which is worth more than even waves. Hard laws are not weighed; they hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cloudmigrate.domain.environments import ENVIRONMENTS, rank
from cloudmigrate.domain.wave_problem import Problem

WEIGHTS = {"traffic": 10.0, "environments": 4.0, "risk": 4.0, "load": 1.0}
# A byte that runs between waves counts once, and a tenth more for each further wave that it has to wait.
FURTHER = 0.1
_LATEST = float(len(ENVIRONMENTS) - 1)


@dataclass(frozen=True, slots=True)
class Score:
    """The goals of one order of waves; lower is better. ``total`` is the weighted sum."""

    traffic: float  # share of observed bytes that cross waves, 0..1, more where they wait longer
    environments: float  # 0: all of dev as early and all of prod as late as can be
    risk: float  # share of resources that are of high risk and in pilot waves, 0..1
    load: float  # squared deviation of the waves' hours from their mean, in means

    @property
    def total(self) -> float:
        """The weighted sum."""
        return sum(weight * float(getattr(self, goal)) for goal, weight in WEIGHTS.items())


class Goals:
    """The goals of one problem for orders of *last* waves."""

    def __init__(self, problem: Problem, last: int) -> None:
        self._problem = problem
        self.last = max(last, 1)
        self.bytes_per_day = sum(problem.exchanged.bytes_per_day)

    @cached_property
    def partners(self) -> Sequence[Sequence[tuple[int, float]]]:
        """For each group what it exchanges data with, and how many bytes a day."""
        found: list[list[tuple[int, float]]] = [[] for _ in self._problem.facts]
        told = self._problem.exchanged
        for a, b, carried in zip(told.first, told.second, told.bytes_per_day, strict=True):
            found[a].append((b, carried))
            found[b].append((a, carried))
        return found

    @cached_property
    def _resources(self) -> int:
        return sum(one.resources for one in self._problem.facts) or 1

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
        told = self._problem.exchanged
        joined = zip(told.first, told.second, told.bytes_per_day, strict=True)
        return sum(carried * apart(waves[a] - waves[b]) for a, b, carried in joined if waves[a] != waves[b]) / (self.bytes_per_day or 1.0)

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
        total = 0.0
        for other, carried in self.partners[group]:
            distance = abs(wave - waves[other])
            if distance:
                total += carried * (1 + FURTHER * (distance - 1))
        return WEIGHTS["traffic"] * total / (self.bytes_per_day or 1.0)

    def load_change(self, hours: float, here: float, there: float) -> float:
        """What it adds to the weighted total to move *hours* from a wave of *here* hours to one of *there*."""
        before = self._load(here) + self._load(there)
        return WEIGHTS["load"] * (self._load(here - hours) + self._load(there + hours) - before)

    def _environment(self, group: int, wave: int) -> float:
        facts = self._problem.facts[group]
        if facts.environment is None or self.last == 1 or facts.shared_service is not None:
            return 0.0
        late = rank(facts.environment) / _LATEST  # 0: should be first; 1: should be last
        place = (wave - 1) / (self.last - 1)
        return facts.resources / self._resources * ((1 - late) * place + late * (1 - place))

    def _risk(self, group: int, wave: int) -> float:
        facts = self._problem.facts[group]
        return facts.resources / self._resources if facts.risky and wave <= self._problem.policy.pilot_waves else 0.0

    def _load(self, hours: float) -> float:
        return (hours / self.mean_hours - 1) ** 2 / self.last


def apart(waves: int) -> float:
    """What a byte counts between groups that many waves apart."""
    distance = abs(waves)
    return 0.0 if distance == 0 else 1 + FURTHER * (distance - 1)
