"""Waves improved within what hard laws leave: groups moved one at a time, then with what is in their way, while that serves the goals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from cloudmigrate.domain.wave_filling import Filling
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_problem import Problem

# Edges looked at; a count, not a time, so that the answer is the same on any machine.
_WORK_AT_MOST = 400_000  # moving groups alone
_WORK_TOGETHER_AT_MOST = 200_000  # moving several at once
_MANY = 20_000  # groups from which on only single ones are moved
_ROUNDS_AT_MOST = 4
_WALKED_AT_MOST = 2_000  # resources that stay, walked through to find what bounds a group
_PARTNERS_AT_MOST = 4  # whose waves are looked at
_BLOCK_AT_MOST = 24  # groups that move together
_EXCHANGED_AT_MOST = 6  # groups of a full wave that are tried in exchange
WORTH = 1e-9


def improve(problem: Problem, filling: Filling, waves: list[int], goals: Goals) -> None:
    """Change *waves* (and *filling*) for the better; no law is broken, no wave added, none but the last emptied, nothing pinned moves."""
    search = _Search(problem, filling, waves, goals)
    for _ in range(_ROUNDS_AT_MOST):
        search.one_by_one()
        if len(waves) > _MANY or not search.together():
            return


class _Search:
    """One local search, bounded by a count of the edges that it looks at."""

    def __init__(self, problem: Problem, filling: Filling, waves: list[int], goals: Goals) -> None:
        self._problem = problem
        self._filling = filling
        self._waves = waves
        self._goals = goals
        self._work = self._work_together = 0
        # What weighs most first: bytes that cross now, then hours, so that the bound on trials cuts off what matters least.
        hours = [one.effort_hours for one in problem.facts]
        self._movable = [group for group in _largest_first(goals.traffic_costs(waves), hours) if may_move(problem, filling, group)]

    @cached_property
    def _is_movable(self) -> set[int]:
        return set(self._movable)

    def one_by_one(self) -> None:
        """Each group to the best wave that its needs and the room leave it, until none gains."""
        for _ in range(_ROUNDS_AT_MOST):
            moved = False
            for group in self._movable:
                moved = self._moved_alone(group) or moved
                if self._work >= _WORK_AT_MOST:
                    return
            if not moved:
                return

    def _moved_alone(self, group: int) -> bool:
        problem, filling, waves, goals = self._problem, self._filling, self._waves, self._goals
        here = waves[group]
        if filling.groups[here] == 1 and here != self._last():
            return False
        lowest, highest = window(problem, waves, group, self._last())
        wanted = self._wanted(group, lowest, highest)
        self._work += self._edges(group) + len(wanted) * (1 + goals.degree(group))
        best, gain = here, WORTH
        now = goals.cost(group, here, waves) if wanted else 0.0
        hours = problem.facts[group].effort_hours
        for wave in wanted:
            if filling.refuses(group, wave) is not None:
                continue
            worse = goals.load_change(hours, filling.hours[here], filling.hours[wave])
            found = now - goals.cost(group, wave, waves) - worse
            if found > gain:
                best, gain = wave, found
        if best == here:
            return False
        filling.remove(group, here)
        filling.add(group, best)
        waves[group] = best
        return True

    def together(self) -> bool:
        """Each group to a wave that it cannot have alone: with what is in its way, or in exchange for one of a full wave; whether any."""
        ever = False
        inside: defaultdict[int, set[int]] = defaultdict(set)  # wave -> what may move out of it
        for group in self._movable:
            inside[self._waves[group]].add(group)
        for group in self._movable:
            for wave in self._wanted(group, 1, self._last()):
                if self._work_together >= _WORK_TOGETHER_AT_MOST:
                    return ever
                before = next(filter(None, map(self._made, self._ways(group, wave, inside[wave]))), None)
                if before is not None:
                    ever = True
                    for one, left in before.items():
                        inside[left].discard(one)
                        inside[self._waves[one]].add(one)
                    break
        return ever

    def _ways(self, group: int, wave: int, inside: Iterable[int]) -> Iterator[dict[int, int]]:
        """Moves of several groups, each with the wave to go to, that would bring the group there."""
        block = self._block(group, wave)
        if block is None:
            return
        if len(block) > 1:
            yield block
        elif self._filling.refuses(group, wave) is not None:
            facts, here = self._problem.facts, self._waves[group]
            own = facts[group]
            alike = sorted(inside, key=lambda one: (abs(facts[one].servers - own.servers), abs(facts[one].resources - own.resources), one))
            for other in alike[:_EXCHANGED_AT_MOST]:
                if self._block(other, here) == {other: here}:
                    yield {group: wave, other: here}

    def _block(self, group: int, wave: int) -> dict[int, int] | None:
        """The group and all that must move with it to that wave, each with its wave; None where that is not possible or too much."""
        gap, waves = self._problem.gap, self._waves
        earlier = wave < waves[group]
        edges, step = (self._problem.needs, -gap) if earlier else (self._problem.needed_by, gap)
        found, stack = {group: wave}, [group]
        while stack:
            one = stack.pop()
            beside = self._beside(edges, one)
            if beside is None:
                return None
            bound = found[one] + step
            self._work_together += 1 + len(beside)
            for other in beside:
                at = found.get(other, waves[other])
                if at > bound if earlier else at < bound:
                    if other not in self._is_movable or not 1 <= bound <= self._last() or len(found) >= _BLOCK_AT_MOST:
                        return None
                    found[other] = bound
                    stack.append(other)
        return found

    def _beside(self, edges: Sequence[Sequence[int]], group: int) -> Sequence[int] | None:
        beside = edges[group]
        return through(edges, beside, len(self._waves)) if beside and max(beside) >= len(self._waves) else beside

    def _made(self, moves: Mapping[int, int]) -> dict[int, int] | None:
        """Make *moves* all at once if that breaks no law and serves the goals: where each was before. None: all is as it was."""
        filling, waves, goals = self._filling, self._waves, self._goals
        before = {group: waves[group] for group in moves}
        touched = sorted({*before.values(), *moves.values()})
        last, load = self._last(), sum(goals.load(filling.hours[wave]) for wave in touched)
        for group, wave in before.items():
            filling.remove(group, wave)
        gain, added = 0.0, list[int]()
        for group, wave in moves.items():
            if filling.refuses(group, wave) is not None:
                break
            gain += goals.cost(group, waves[group], waves) - goals.cost(group, wave, waves)
            self._work_together += 2 * goals.degree(group)
            filling.add(group, wave)
            waves[group] = wave
            added.append(group)
        else:
            gain += load - sum(goals.load(filling.hours[wave]) for wave in touched)
            emptied = any(not filling.groups[wave] for wave in before.values() if wave < last)
            if gain > WORTH and not emptied and all(self._is_lawful(group) for group in moves):
                return before
        for group in added:
            filling.remove(group, moves[group])
        for group, wave in before.items():
            filling.add(group, wave)
            waves[group] = wave
        return None

    def _is_lawful(self, group: int) -> bool:
        lowest, highest = window(self._problem, self._waves, group, self._goals.last)
        self._work_together += self._edges(group)
        return lowest <= self._waves[group] <= highest

    def _edges(self, group: int) -> int:
        return len(self._problem.needs[group]) + len(self._problem.needed_by[group])

    def _wanted(self, group: int, lowest: int, highest: int) -> list[int]:
        """Waves of these worth a look: the first, the last, those beside, and those of what it exchanges most data with."""
        here = self._waves[group]
        if lowest >= highest:
            return []
        wanted = {lowest, highest, here - 1, here + 1}
        partners = self._goals.partners(group)
        if len(partners) > _PARTNERS_AT_MOST:
            partners = sorted(partners, key=lambda one: (-one[1], one[0]))[:_PARTNERS_AT_MOST]
        wanted.update(self._waves[other] for other, _ in partners)
        return sorted(wave for wave in wanted if lowest <= wave <= highest and wave != here)

    def _last(self) -> int:
        """The last wave that holds anything."""
        return next((wave for wave in range(self._filling.waves, 0, -1) if self._filling.groups[wave]), 0)


def _largest_first(first: Sequence[float], second: Sequence[float]) -> list[int]:
    """Their places from the largest *first* on, of equal ones from the largest *second* on."""
    import numpy as np

    ordered: list[int] = np.lexsort((-np.array(second), -np.array(first))).tolist()  # equal ones stay as they were
    return ordered


def may_move(problem: Problem, filling: Filling, group: int) -> bool:
    """Whether a search may give the group another wave: it is not pinned, no shared service, and no wave's only one by its size."""
    facts = problem.facts[group]
    return group not in problem.pins and facts.shared_service is None and filling.exceeded(facts) is None


def window(problem: Problem, waves: Sequence[int], group: int, last: int) -> tuple[int, int]:
    """The first and the last wave that its needs and what needs it leave *group*, all others where they are; at most *last*."""
    count, gap = len(waves), problem.gap
    below: Sequence[int] | None = problem.needs[group]
    above: Sequence[int] | None = problem.needed_by[group]
    if below and max(below) >= count:
        below = through(problem.needs, below, count)
    if above and max(above) >= count:
        above = through(problem.needed_by, above, count)
    if below is None or above is None:
        return waves[group], waves[group]
    first = max([waves[node] for node in below], default=1 - gap) + gap
    latest = min([waves[node] for node in above], default=last + gap) - gap
    return max(1, first), min(last, latest)


def through(edges: Sequence[Sequence[int]], start: Sequence[int], groups: int) -> list[int] | None:
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
