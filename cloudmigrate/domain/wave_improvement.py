"""Waves improved: groups moved within what hard laws leave them, one at a time, while that serves the goals."""

from collections.abc import Sequence

from cloudmigrate.domain.wave_filling import Filling
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_problem import Problem

_WORK_AT_MOST = 400_000  # edges looked at; a count, not a time, so that the answer is the same on any machine
_ROUNDS_AT_MOST = 4
_WALKED_AT_MOST = 2_000  # resources that stay, walked through to find what bounds a group
_PARTNERS_AT_MOST = 4  # whose waves are looked at
_WORTH = 1e-9


def improve(problem: Problem, filling: Filling, waves: list[int], goals: Goals) -> None:
    """Change *waves* (and *filling*) for the better; no law is broken, no wave added, none but the last emptied, nothing pinned moves."""
    work = 0
    movable = [group for group in range(len(waves)) if _may_move(problem, filling, group)]
    # What weighs most first: bytes that cross now, then hours, so that the bound on trials cuts off what matters least.
    crossing = goals.traffic_costs(waves)
    movable.sort(key=lambda one: (-crossing[one], -problem.facts[one].effort_hours, one))
    for _ in range(_ROUNDS_AT_MOST):
        moved = False
        for group in movable:
            here = waves[group]
            if filling.groups[here] == 1 and here != _last(filling):
                continue
            best, gain = here, _WORTH
            now = goals.cost(group, here, waves)
            wanted = _candidates(problem, goals, waves, group)
            work += len(problem.needs[group]) + len(problem.needed_by[group]) + len(wanted) * (1 + len(goals.partners(group)))
            for wave in wanted:
                if filling.refuses(group, wave) is not None:
                    continue
                hours = problem.facts[group].effort_hours
                worse = goals.load_change(hours, filling.hours[here], filling.hours[wave])
                found = now - goals.cost(group, wave, waves) - worse
                if found > gain:
                    best, gain = wave, found
            if best != here:
                filling.remove(group, here)
                filling.add(group, best)
                waves[group] = best
                moved = True
            if work >= _WORK_AT_MOST:
                return
        if not moved:
            return


def _may_move(problem: Problem, filling: Filling, group: int) -> bool:
    facts = problem.facts[group]
    return group not in problem.pins and facts.shared_service is None and filling.exceeded(facts) is None


def _last(filling: Filling) -> int:
    """The last wave that holds anything."""
    return next((wave for wave in range(filling.waves, 0, -1) if filling.groups[wave]), 0)


def window(problem: Problem, waves: Sequence[int], group: int, last: int) -> tuple[int, int]:
    """The first and the last wave that its needs and what needs it leave *group*, all others where they are; at most *last*."""
    count, gap = len(waves), problem.gap
    below: Sequence[int] | None = problem.needs[group]
    above: Sequence[int] | None = problem.needed_by[group]
    if below and max(below) >= count:
        below = _through(problem.needs, below, count)
    if above and max(above) >= count:
        above = _through(problem.needed_by, above, count)
    if below is None or above is None:
        return waves[group], waves[group]
    first = max([waves[node] for node in below], default=1 - gap) + gap
    latest = min([waves[node] for node in above], default=last + gap) - gap
    return max(1, first), min(last, latest)


def _through(edges: Sequence[Sequence[int]], start: Sequence[int], groups: int) -> list[int] | None:
    """The groups next to *start* along *edges*, through what stays; None where that leads too far."""
    stack, found = list(start), []
    through: set[int] = set()
    while stack:
        node = stack.pop()
        if node < groups:
            found.append(node)
        elif node not in through:
            if len(through) >= _WALKED_AT_MOST:
                return None
            through.add(node)
            stack += edges[node]
    return found


def _candidates(problem: Problem, goals: Goals, waves: Sequence[int], group: int) -> list[int]:
    """Waves worth a look: the ends of the window, the waves beside, and those of what it exchanges most data with."""
    here = waves[group]
    lowest, highest = window(problem, waves, group, goals.last)
    if lowest >= highest:
        return []
    wanted = {lowest, highest, here - 1, here + 1}
    partners = goals.partners(group)
    if len(partners) > _PARTNERS_AT_MOST:
        partners = sorted(partners, key=lambda one: (-one[1], one[0]))[:_PARTNERS_AT_MOST]
    wanted.update(waves[other] for other, _ in partners)
    return sorted(wave for wave in wanted if lowest <= wave <= highest and wave != here)
