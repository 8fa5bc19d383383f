"""Waves improved beyond what gentle moves find: groups are put together at any price, and the others make room for them.

Where moving a group with what is in its way (``wave_improvement``) exceeds a limit, something else has to leave the wave. So a trial puts
groups there, moves out of each wave that is too full what costs least, lets the groups around follow, and is kept where the score fell
in all; else everything is put back. It is what a person does who pins a group and plans again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from cloudmigrate.domain.wave_filling import Filling, Law
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_improvement import WORTH, improve, may_move, through, window
from cloudmigrate.domain.wave_problem import Problem

_WORK_AT_MOST = 600_000  # edges looked at; a count, not a time, so that the answer is the same on any machine
_FEW_WAVES = 12  # up to which each is looked at
_PAIRS_AT_MOST = 2_000  # those that exchange most, of which clusters are made
_PARTNERS_AT_MOST = 4  # whose waves are looked at, where there are many
_BLOCK_AT_MOST = 64  # groups that move together
_ROOM_AT_MOST = 12  # times that a trial makes room in a wave
_LEAVING_AT_MOST = 100  # groups of a wave that are asked to leave it, each time
_FOLLOWING_AT_MOST = 96  # groups that a trial looks at afterwards


def force(problem: Problem, filling: Filling, waves: list[int], goals: Goals) -> None:
    """Change *waves* (and *filling*) for the better, by force and gently by turns. What holds for ``improve`` holds here.

    Where this ends before its bound on work, and there are few waves, no group gains by another wave, alone or with what is in its way.
    """
    trials = _Trials(problem, filling, waves, goals)
    while trials.any_kept():
        improve(problem, filling, waves, goals)


class _Trials:
    """Trials from one order of waves, bounded by a count of the edges that they look at."""

    def __init__(self, problem: Problem, filling: Filling, waves: list[int], goals: Goals) -> None:
        self._problem = problem
        self._filling = filling
        self._waves = waves
        self._goals = goals
        self._work = 0
        self._movable = {group for group in range(len(waves)) if may_move(problem, filling, group)}
        self._inside: list[set[int]] = []  # wave -> what may leave it
        self._log: list[tuple[int, int]] = []  # (group, where it was), the newest last
        self._most_servers: dict[int, int] = {}  # of a pilot wave that holds more than it should: no more than before

    def any_kept(self) -> bool:
        """Try each wish once, as far as work is left; whether any trial was kept."""
        self._inside = [set() for _ in range(self._goals.last + 1)]
        for group in self._movable:
            self._inside[self._waves[group]].add(group)
        ever = False
        for groups, wave in self._wishes():
            if self._work >= _WORK_AT_MOST:
                break
            if any(self._waves[group] != wave for group in groups):
                ever = self._kept(groups, wave) or ever
        return ever

    def _wishes(self) -> Iterator[tuple[Sequence[int], int]]:
        """What to put together where: clusters first, the largest before all; then each group, what exchanges most across waves first."""
        for cluster in self._clusters:
            for wave in sorted({wave for group in cluster for wave in self._near(group)}):
                yield cluster, wave
        costs = self._goals.traffic_costs(self._waves)
        hours = [one.effort_hours for one in self._problem.facts]
        for group in sorted(self._movable, key=lambda one: (-costs[one], -hours[one], one)):
            for wave in self._near(group):
                yield (group,), wave

    @cached_property
    def _clusters(self) -> Sequence[Sequence[int]]:
        """Groups that exchange data, joined pair by pair from the most bytes on; the last joined first."""
        of: dict[int, tuple[int, ...]] = {}
        found = []
        for pair in self._heaviest():
            one, other = (of.get(group, (group,)) for group in pair)
            if one == other or len(one) + len(other) > _BLOCK_AT_MOST or not self._movable.issuperset(pair):
                continue
            found.append((*one, *other))
            of.update(dict.fromkeys(found[-1], found[-1]))
        return found[::-1]

    def _heaviest(self) -> Iterable[tuple[int, int]]:
        """The pairs that exchange most bytes, from the most on; of equal ones the first by number."""
        import numpy as np

        told = self._problem.exchanged
        order = np.argsort(-np.asarray(told.bytes_per_day), kind="stable")[:_PAIRS_AT_MOST]
        return zip(*(np.asarray(ends, dtype=np.int64)[order].tolist() for ends in (told.first, told.second)), strict=True)

    def _kept(self, groups: Sequence[int], wave: int) -> bool:
        """Put them there with what is in their way, make room, let others follow; all is put back where that gains nothing."""
        self._log.clear()
        self._most_servers.clear()
        gain = self._forced(groups, wave)
        if gain is not None:
            held = {one for one, _ in self._log}
            room = self._made_room(held)
            if room is not None and gain + room + self._followed(held) > WORTH and self._is_whole():
                return True
        self._back_to(0)
        return False

    def _forced(self, groups: Sequence[int], wave: int) -> float | None:
        """What putting them there gains, whatever limits say; None where order, a freeze or a group that is alone does not let them."""
        block = self._block(groups, wave)
        if block is None or any(self._filling.refuses(one, at) in (Law.FREEZE, Law.ALONE) for one, at in block.items()):
            return None
        return sum(self._put(one, at) for one, at in block.items())

    def _made_room(self, held: Collection[int]) -> float | None:
        """What it gains to move out of waves that are too full what costs least; None where they stay too full."""
        gain = 0.0
        for _ in range(_ROOM_AT_MOST):
            over = next(((wave, law) for wave in self._touched() if (law := self._over(wave)) is not None), None)
            if over is None:
                return gain
            left = self._left(*over, held)
            if left is None:
                return None
            gain += left
        return None

    def _touched(self) -> Sequence[int]:
        """The waves out of which or into which anything has moved in this trial."""
        return sorted({wave for group, before in self._log for wave in (before, self._waves[group])})

    def _left(self, wave: int, law: Law, held: Collection[int]) -> float | None:
        """Move out of the wave what loses least for what that frees, until it is not too full; what that gains. None: nothing can leave."""
        inside = sorted(group for group in self._inside[wave].difference(held) if self._weight(law, group) > 0)
        ways = [way for group in inside[:_LEAVING_AT_MOST] if (way := self._way_out(law, group, held)) is not None]
        gains: list[float] = []
        for _, group, to in sorted(ways):
            found = self._leaving(group, to, held) if self._waves[group] == wave else None
            if found is None:
                continue
            gains += [self._put(one, at) for one, at in found[0].items()]
            if self._over(wave) is None:
                break
        return sum(gains) if gains else None

    def _way_out(self, law: Law, group: int, held: Collection[int]) -> tuple[float, int, int] | None:
        """The best way of the group out of its wave: what it loses for what it frees, the group, and where it goes."""
        here, ways = self._waves[group], []
        for to in self._near(group):
            found = self._leaving(group, to, held) if to != here else None
            if found is not None:
                moves, gain = found
                freed = sum(self._weight(law, one) for one in moves if self._waves[one] == here)
                ways.append((-gain / freed if gain < 0 else -gain * freed, group, to))
        return min(ways, default=None)

    def _leaving(self, group: int, wave: int, held: Collection[int]) -> tuple[Mapping[int, int], float] | None:
        """The moves that bring the group there within all limits, and what they gain; all is as it was."""
        block = self._block((group,), wave)
        if block is None or not block.keys().isdisjoint(held):
            return None
        mark, gain = len(self._log), 0.0
        for one, at in block.items():
            if self._filling.refuses(one, at) is not None:
                self._back_to(mark)
                return None
            gain += self._put(one, at)
        self._back_to(mark)
        return block, gain

    def _followed(self, held: Collection[int]) -> float:
        """What it gains to let the groups around those that moved go where they now do best, alone."""
        queue = list(dict.fromkeys(one for moved, _ in self._log for one in self._around(moved)))
        total, at = 0.0, 0
        while at < min(len(queue), _FOLLOWING_AT_MOST):
            group = queue[at]
            at += 1
            gain = self._moved_alone(group) if group in self._movable and group not in held else 0.0
            if gain:
                total += gain
                queue += [one for one in self._around(group) if one not in queue[at:]]
        return total

    def _around(self, group: int) -> Iterable[int]:
        """The group, what it exchanges data with, what it needs, and what needs it."""
        count = len(self._waves)
        yield group
        for other, _ in self._goals.partners(group):
            yield other
        for beside in (self._problem.needs[group], self._problem.needed_by[group]):
            yield from (one for one in beside if one < count)

    def _moved_alone(self, group: int) -> float:
        """Move the group to the best wave that needs and room leave it; what that gains."""
        here, filling = self._waves[group], self._filling
        lowest, highest = window(self._problem, self._waves, group, self._goals.last)
        self._work += len(self._problem.needs[group]) + len(self._problem.needed_by[group])
        best, most = here, WORTH
        for wave in self._near(group):
            if wave == here or not lowest <= wave <= highest or filling.refuses(group, wave) is not None:
                continue
            gain = self._gain(group, wave)
            if gain > most:
                best, most = wave, gain
        return self._put(group, best) if best != here else 0.0

    def _near(self, group: int) -> Sequence[int]:
        """Waves worth a look: all of a few; else those beside, the first, the last, and those of what it exchanges most data with."""
        last = self._goals.last
        if last <= _FEW_WAVES:
            return range(1, last + 1)
        here = self._waves[group]
        partners = sorted(self._goals.partners(group), key=lambda one: (-one[1], one[0]))[:_PARTNERS_AT_MOST]
        wanted = {here - 1, here, here + 1, 1, last, *(self._waves[other] for other, _ in partners)}
        return sorted(wave for wave in wanted if 1 <= wave <= last)

    def _block(self, groups: Sequence[int], wave: int) -> dict[int, int] | None:
        """The groups and all that must move with them to that wave, each with its wave; None where that is not possible or too much."""
        found, stack = dict.fromkeys(groups, wave), list(groups)
        while stack:
            one = stack.pop()
            for other, at in self._displaced(one, found):
                fits = 1 <= at <= self._goals.last and len(found) < _BLOCK_AT_MOST
                if other in found or other not in self._movable or not fits:
                    return None
                found[other] = at
                stack.append(other)
        return {one: at for one, at in found.items() if self._waves[one] != at}

    def _displaced(self, group: int, moved: Mapping[int, int]) -> Iterator[tuple[int, int]]:
        """What is in the way of the group where it has *moved*, and the wave that is left to it; 0: it leads too far to tell."""
        problem, waves, wave = self._problem, self._waves, moved[group]
        for edges, bound in ((problem.needs, wave - problem.gap), (problem.needed_by, wave + problem.gap)):
            beside: Sequence[int] | None = edges[group]
            if beside and max(beside) >= len(waves):
                beside = through(edges, beside, len(waves))
                if beside is None:
                    yield group, 0
                    return
            self._work += 1 + len(beside or ())
            for other in beside or ():
                at = moved.get(other, waves[other])
                if at > bound if edges is problem.needs else at < bound:
                    yield other, bound

    def _gain(self, group: int, wave: int) -> float:
        """By how much the score falls where only that group is in that wave."""
        filling, waves, goals = self._filling, self._waves, self._goals
        here, hours = waves[group], self._problem.facts[group].effort_hours
        self._work += 1 + 2 * goals.degree(group)
        worse = goals.load_change(hours, filling.hours[here], filling.hours[wave])
        return goals.cost(group, here, waves) - goals.cost(group, wave, waves) - worse

    def _put(self, group: int, wave: int) -> float:
        """Move it; what that gains."""
        gain = self._gain(group, wave)
        if wave not in self._most_servers:
            self._most_servers[wave] = self._filling.servers[wave]
        self._log.append((group, self._waves[group]))
        self._move(group, wave)
        return gain

    def _move(self, group: int, wave: int) -> None:
        here = self._waves[group]
        self._filling.remove(group, here)
        self._filling.add(group, wave)
        self._waves[group] = wave
        self._inside[here].discard(group)
        self._inside[wave].add(group)

    def _back_to(self, mark: int) -> None:
        """Put back what has moved since the log was that long."""
        while len(self._log) > mark:
            group, wave = self._log.pop()
            self._move(group, wave)

    def _over(self, wave: int) -> Law | None:
        """The limit that the wave exceeds."""
        law = self._filling.over(wave)
        return None if law is Law.PILOT and self._filling.servers[wave] <= self._most_servers.get(wave, 0) else law

    def _weight(self, law: Law, group: int) -> float:
        """What the group takes of what the limit counts."""
        facts = self._problem.facts[group]
        match law:
            case Law.RESOURCES:
                return facts.resources
            case Law.EFFORT:
                return facts.effort_hours
            case _:
                return facts.servers

    def _is_whole(self) -> bool:
        """Whether no wave but the last was emptied."""
        groups = self._filling.groups
        last = next((wave for wave in range(self._goals.last, 0, -1) if groups[wave]), 0)
        return all(groups[wave] for _, wave in self._log if wave < last)
