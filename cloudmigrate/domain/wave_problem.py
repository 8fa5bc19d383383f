"""What waves are made of: groups with their sizes, the needs between them, what they exchange, and what people decided."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cloudmigrate.domain.condensation import beside
from cloudmigrate.domain.effort import SERVERS, effort_hours
from cloudmigrate.domain.environments import latest
from cloudmigrate.domain.move_groups import Grouping, MoveGroup, PlanItem
from cloudmigrate.domain.wave_calendar import WaveCalendar
from cloudmigrate.domain.wave_policy import WavePolicy

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cloudmigrate.domain.condensation import Numbers

    Floats = npt.NDArray[np.float64]

RISK_LEVELS = ("low", "medium", "high", "critical")
RISKY = frozenset({"high", "critical"})


class GroupFacts(NamedTuple):
    """What counts of one group when it is given a wave."""

    resources: int
    servers: int
    effort_hours: float
    environment: str | None = None  # of its members the one that should move last
    risk_level: str | None = None  # of its riskiest member
    workloads: tuple[str, ...] = ()
    shared_service: str | None = None  # where it holds a shared service that is held out of grouping and order
    environment_by: str | None = None  # who names the environment, where no member's tags do
    retires: bool = False  # whether its wave retires it in the place of moving it

    @property
    def risky(self) -> bool:
        """Whether it should not be among the first."""
        return self.risk_level in RISKY


@dataclass(frozen=True, eq=False)
class Exchanged:
    """Observed bytes a day between two groups, one entry a pair, sorted; *first* is the lower number."""

    first: "Sequence[int] | Numbers" = ()
    second: "Sequence[int] | Numbers" = ()
    bytes_per_day: "Sequence[float] | Floats" = ()


@dataclass(frozen=True)
class Problem:
    """Groups have the numbers from 0; higher numbers are resources that stay and pass order on."""

    ids: Sequence[str]
    facts: Sequence[GroupFacts]
    layers: Sequence[int]
    needs: Sequence[Sequence[int]]  # number -> numbers that it needs
    needed_by: Sequence[Sequence[int]]
    policy: WavePolicy
    pins: Mapping[int, int] = field(default_factory=dict)  # group -> wave
    exchanged: Exchanged = field(default_factory=Exchanged)

    def under(self, policy: WavePolicy, pins: Mapping[int, int] | None = None) -> "Problem":
        """The same groups under another policy, and other pins where given."""
        return replace(self, policy=policy, pins=self.pins if pins is None else pins)

    @property
    def calendar(self) -> WaveCalendar:
        """The dates of the waves."""
        return WaveCalendar(self.policy)

    @property
    def gap(self) -> int:
        """How many waves what is needed moves ahead, at least."""
        return int(self.policy.separate_layers)


def problem_of(
    grouping: Grouping,
    items: Iterable[PlanItem],
    policy: WavePolicy,
    *,
    pins: Mapping[int, int] | None = None,
    exchanged: Exchanged | None = None,
    shared: Mapping[str, str] | None = None,
) -> Problem:
    """The problem of giving each group of *grouping* a wave; *shared* is uid -> service of those held out."""
    by_uid = {item.uid: item for item in items}
    edges = grouping.edges
    count = max(len(grouping.groups), 1 + int(edges.max(initial=-1)))
    needs, needed_by = _beside(count, edges[:, 0], edges[:, 1]), _beside(count, edges[:, 1], edges[:, 0])
    return Problem(
        ids=[group.id for group in grouping.groups],
        facts=_all_facts(grouping.groups, by_uid, shared or {}),
        layers=[group.layer for group in grouping.groups],
        needs=needs,
        needed_by=needed_by,
        policy=policy,
        pins=pins or {},
        exchanged=exchanged or Exchanged(),
    )


def _beside(count: int, source: "Numbers", target: "Numbers") -> list[list[int]]:
    """For each number its targets, sorted."""
    starts, targets = beside(count, source, target)
    found = targets.tolist()
    return [found[start:end] for start, end in pairwise(starts.tolist())]


def _all_facts(groups: Sequence[MoveGroup], by_uid: Mapping[str, PlanItem], shared: Mapping[str, str]) -> list[GroupFacts]:
    """The facts of each group; most are of one resource, and of those many are alike and share theirs."""
    alike: dict[tuple[str | bool | None, ...], GroupFacts] = {}
    found = []
    for group in groups:
        if len(group.members) > 1:
            found.append(_facts(group, by_uid, shared))
            continue
        one = by_uid[group.members[0]]
        told = (one.type, one.environment, one.risk_level, one.workload, one.environment_by, shared.get(one.uid), one.strategy, one.retires)
        facts = alike.get(told)
        if facts is None:
            facts = alike[told] = _facts(group, by_uid, shared)
        found.append(facts)
    return found


def _facts(group: MoveGroup, by_uid: Mapping[str, PlanItem], shared: Mapping[str, str]) -> GroupFacts:
    members = [by_uid[uid] for uid in group.members]
    named = Counter(one.workload for one in members if one.workload)
    environment = latest({one.environment for one in members})
    naming = sorted({one.environment_by or "" for one in members if one.environment == environment})  # "": its own tags
    return GroupFacts(
        resources=len(members),
        servers=sum(one.type in SERVERS for one in members),
        effort_hours=sum(effort_hours(one.type, one.strategy) for one in members),
        environment=environment,
        risk_level=max((one.risk_level for one in members if one.risk_level), key=RISK_LEVELS.index, default=None),
        workloads=tuple(sorted(named, key=lambda name: (-named[name], name))),
        shared_service=next((shared[uid] for uid in group.members if uid in shared), None),
        environment_by=naming[0] or None if environment else None,
        retires=group.retires,
    )


def exchanged_between(first: "Numbers", second: "Numbers", bytes_per_day: "Floats") -> Exchanged:
    """What each two groups exchange, both directions together; pairs of the same group are left out."""
    import numpy as np

    apart = first != second
    lower, higher = np.minimum(first, second)[apart], np.maximum(first, second)[apart]
    count = int(higher.max(initial=0)) + 1
    keys, which = np.unique(lower * count + higher, return_inverse=True)
    total: Floats = np.bincount(which, weights=bytes_per_day[apart], minlength=len(keys)).astype(np.float64)
    smaller, larger = np.divmod(keys, count)
    return Exchanged(smaller, larger, total)
