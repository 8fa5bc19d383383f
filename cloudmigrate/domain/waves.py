"""Waves: move groups in the order in which they can move.

Hard laws hold in every order: what is needed moves no later than what needs it, a group is never split, limits and freeze windows are
kept, and what is pinned stays where it is pinned. Within them goals are served: first by the order in which waves are filled, then by
moving groups, alone, with what is in their way, and by force.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cloudmigrate.domain.move_groups import MoveGroup, PlanItem, Unplanned, move_groups
from cloudmigrate.domain.pinned_waves import place_pinned
from cloudmigrate.domain.resources import Relation, RelationRole
from cloudmigrate.domain.wave_filling import Filling
from cloudmigrate.domain.wave_forcing import force
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_improvement import improve
from cloudmigrate.domain.wave_order import Start, place_rest
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.wave_problem import Problem, problem_of

_MANY = 20_000  # groups from which on one search is enough


@dataclass(frozen=True, slots=True)
class Wave:
    """Move groups scheduled for the same event."""

    wave: int  # from 1
    layer: int  # the highest of its groups; 0 where it is empty
    groups: tuple[str, ...]  # ids; what is needed before what needs it
    resources: int  # count


@dataclass(frozen=True, slots=True)
class WavePlan:
    """Every item: in one wave through its group, or in ``unplanned`` with its reason."""

    groups: tuple[MoveGroup, ...]
    waves: tuple[Wave, ...]
    unplanned: tuple[Unplanned, ...]


@dataclass(frozen=True)
class Ordered:
    """A wave for each group of a problem, with how full the waves are and what the goals say."""

    problem: Problem
    waves: list[int]  # group -> wave
    filling: Filling
    goals: Goals


def order_waves(problem: Problem, *, improved: bool = True) -> Ordered | None:
    """The waves of a problem, the same for the same problem; None where its pins cannot be obeyed together.

    The best of what a search from each start finds, improved by force; of a large problem, what it finds from the first. Unless
    *improved*, each group is in the first wave that had room when its turn came.
    """
    starts = tuple(Start) if improved and len(problem.facts) <= _MANY else (Start.ENVIRONMENT,)
    found = [ordered for start in starts if (ordered := _ordered(problem, start, improved=improved)) is not None]
    best = min(found, key=lambda one: one.goals.of(one.waves).total, default=None)
    return best if best is None or not improved or len(problem.facts) > _MANY else _forced(best)


def _forced(found: Ordered) -> Ordered:
    """The same improved by force; once more each time the last wave is emptied, as goals weigh otherwise then."""
    while True:
        force(found.problem, found.filling, found.waves, found.goals)
        counted = _counted(found)
        if counted is found:
            return found
        found = counted


def _counted(found: Ordered) -> Ordered:
    """The same where the last wave was emptied: the goals are of one wave less."""
    last = max(found.waves, default=1)
    return replace(found, goals=Goals(found.problem, last)) if last < found.goals.last else found


def _ordered(problem: Problem, start: Start, *, improved: bool) -> Ordered | None:
    filling = Filling(problem)
    fixed = place_pinned(problem, filling)
    if fixed is None:
        # The size of pilot waves is a goal: it gives way to what people decided.
        filling = Filling(problem)
        fixed = place_pinned(problem, filling, pilot=False)
    if fixed is None:
        return None
    waves = place_rest(problem, filling, fixed, start)
    goals = Goals(problem, max(waves, default=0))
    if improved:
        improve(problem, filling, waves, goals)
    return _counted(Ordered(problem, waves, filling, goals))


def plan_waves(
    items: Iterable[PlanItem],
    relations: Iterable[Relation],
    roles: Mapping[str, RelationRole],
    *,
    max_resources_per_wave: int | None = None,
) -> WavePlan:
    """The waves of *items* layer by layer: what a group needs moves in an earlier wave, groups that need nothing move first.

    *roles* says what each kind of relation means (see ``move_groups``). Without a limit a wave is a layer of the graph.
    Raises ValueError on a uid given twice or a limit below 1.
    """
    policy = WavePolicy(max_resources_per_wave=max_resources_per_wave, max_effort_hours_per_wave=None, pilot_waves=0, separate_layers=True)
    items = list(items)
    grouping = move_groups(items, relations, roles)
    ordered = order_waves(problem_of(grouping, items, policy), improved=False)
    assert ordered is not None  # noqa: S101 - nothing is pinned
    return WavePlan(grouping.groups, waves_of(grouping.groups, ordered.waves), grouping.unplanned)


def waves_of(groups: Sequence[MoveGroup], waves: Sequence[int]) -> tuple[Wave, ...]:
    """The waves from 1 to the last, empty ones included, of giving group n the wave *waves*[n]."""
    inside: list[list[MoveGroup]] = [[] for _ in range(max(waves, default=0))]
    for group, wave in zip(groups, waves, strict=True):
        inside[wave - 1].append(group)
    return tuple(
        Wave(
            wave=number,
            layer=max((group.layer for group in some), default=0),
            groups=tuple(group.id for group in sorted(some, key=lambda group: group.layer)),
            resources=sum(len(group.members) for group in some),
        )
        for number, some in enumerate(inside, start=1)
    )
