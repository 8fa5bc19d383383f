"""Waves for every group: the earliest that hard laws allow, in an order that serves the goals."""

import heapq
from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from itertools import count

from cloudmigrate.domain.environments import rank
from cloudmigrate.domain.wave_filling import Filling
from cloudmigrate.domain.wave_problem import RISKY, Problem

_SKIPPED_AT_MOST = 64  # groups that did not fit before a wave counts as full
_NO_ONE = 1 << 60


class Start(StrEnum):
    """What counts more in the order from which a search starts, after shared services."""

    ENVIRONMENT = "environment"  # dev to prod, high risk last among equals
    RISK = "risk"  # high risk last, dev to prod among equals


def place_rest(problem: Problem, filling: Filling, fixed: Mapping[int, int], start: Start = Start.ENVIRONMENT) -> list[int]:
    """The wave of each group, counted in *filling*; those of *fixed* are counted there already.

    Wave by wave, of what may move by then, the first by ``ranks`` that fits goes in.
    """
    return _Placing(problem, filling, fixed, start).waves()


def ranks(problem: Problem, start: Start) -> list[int]:
    """The order in which groups should move, as a rank for each.

    What is needed comes right before the first that needs it, so that what exchanges data tends to share a wave.
    """
    import numpy as np

    needs = problem.needs
    first = [_NO_ONE] * len(needs)  # the place of the first group that needs it, directly or not, or its own
    for place, group in enumerate(_wanted_order(problem, start)):
        stack = [group] if first[group] == _NO_ONE else []
        first[group] = min(first[group], place)
        while stack:
            for one in needs[stack.pop()]:
                if first[one] == _NO_ONE:
                    first[one] = place
                    stack.append(one)
    groups = len(problem.facts)
    found = np.empty(groups, dtype=np.int64)
    found[np.lexsort((np.array(problem.layers), np.array(first[:groups])))] = np.arange(groups)
    ranked: list[int] = found.tolist()
    return ranked


def _wanted_order(problem: Problem, start: Start) -> list[int]:
    """The groups as they should move if none needed another: shared services, then as *start* says, then what nothing needs, and so on."""
    import numpy as np

    facts = problem.facts
    environments, risks = [rank(one.environment) for one in facts], [one.risk_level in RISKY for one in facts]
    first = [one.workloads[:1] for one in facts]
    place = {name: at for at, name in enumerate(sorted(set(first)))}
    columns = (
        [one.shared_service is None for one in facts],
        *((risks, environments) if start is Start.RISK else (environments, risks)),
        [bool(some) for some in problem.needed_by[: len(facts)]],
        [place[name] for name in first],
    )
    ordered: list[int] = np.lexsort(columns[::-1]).tolist()  # equal ones stay as they are numbered
    return ordered


class _Placing:
    """One run of list scheduling."""

    def __init__(self, problem: Problem, filling: Filling, fixed: Mapping[int, int], start: Start) -> None:
        self._problem = problem
        self._filling = filling
        self._fixed = fixed
        self._gap = problem.gap
        self._rank = ranks(problem, start)
        self._group_of_rank = sorted(range(len(problem.facts)), key=self._rank.__getitem__)
        self._risky = [one.risky for one in problem.facts]
        self._waiting = [len(needs) for needs in problem.needs]
        self._below = [0] * len(problem.needs)  # the highest wave of what it needs
        self._ready: list[int] = []  # ranks, a heap
        self._later: defaultdict[int, list[int]] = defaultdict(list)  # wave -> groups to be looked at then
        self._found = [0] * len(problem.facts)
        self._wave = 0

    def waves(self) -> list[int]:
        for node, open_needs in enumerate(self._problem.needs):
            if not open_needs:
                self._may_move(node)
        for self._wave in count(1):
            for group in self._later.pop(self._wave, ()):
                self._may_move(group)
            self._fill()
            if not self._ready and not self._later:
                return self._found
        raise AssertionError("waves never end")

    def _may_move(self, start: int) -> None:
        """All that *start* needs has moved: it goes where it is fixed, or waits for its turn."""
        stack = [start]
        while stack:
            node = stack.pop()
            if node >= len(self._found):
                stack += self._moved(node, self._below[node])
                continue
            earliest = max(1, self._below[node] + self._gap)
            wave = self._fixed.get(node, earliest)
            if wave > self._wave:
                self._later[wave].append(node)
            elif node in self._fixed:
                self._found[node] = wave
                stack += self._moved(node, wave)
            else:
                heapq.heappush(self._ready, self._rank[node])

    def _moved(self, node: int, wave: int) -> list[int]:
        """What has been waiting for *node* alone."""
        below, waiting, free = self._below, self._waiting, []
        for one in self._problem.needed_by[node]:
            if below[one] < wave:  # noqa: PLR1730 - a call of max takes three times as long, half a million times
                below[one] = wave
            waiting[one] -= 1
            if not waiting[one]:
                free.append(one)
        return free

    def _fill(self) -> None:
        """Fill the wave. In a pilot wave goals yield one after the other, until something moves in it."""
        filling, wave = self._filling, self._wave
        filling.reach(wave)
        if wave > filling.pilot_waves:
            self._take(risky=True, pilot=False)
            return
        self._take(risky=False, pilot=True)
        if not filling.groups[wave]:
            self._take(risky=True, pilot=True)
        if not filling.groups[wave]:
            self._take(risky=True, pilot=False, at_most=1)

    def _take(self, *, risky: bool, pilot: bool, at_most: int | None = None) -> None:
        """Give the wave to the first groups that fit."""
        filling, wave, ready, group_of = self._filling, self._wave, self._ready, self._group_of_rank
        skipped: list[int] = []
        taken = 0
        while ready and len(skipped) < _SKIPPED_AT_MOST and taken != at_most and not filling.full(wave):
            place = heapq.heappop(ready)
            group = group_of[place]
            if (self._risky[group] and not risky) or filling.refuses(group, wave, pilot=pilot) is not None:
                skipped.append(place)
                continue
            filling.add(group, wave)
            taken += 1
            self._found[group] = wave
            for node in self._moved(group, wave):
                self._may_move(node)
        for place in skipped:
            heapq.heappush(ready, place)
