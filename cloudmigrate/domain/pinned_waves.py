"""Waves of what must move by a certain wave: groups that people pinned, and all that those need."""

from collections.abc import Iterable, Mapping, Sequence

from cloudmigrate.domain.wave_filling import Filling, Law
from cloudmigrate.domain.wave_problem import Problem


def place_pinned(problem: Problem, filling: Filling, *, due: Iterable[int] | None = None, pilot: bool = True) -> dict[int, int] | None:
    """Waves of the pinned groups and of all that they need, counted in *filling*; None where there is no way.

    What is needed goes into the earliest wave with room, soonest due first; without *pilot* the size of pilot waves gives way.
    *due* are the pins that set a date for what they need; all by default.
    """
    pins = problem.pins
    for group in sorted(pins):
        if filling.refuses(group, pins[group], pilot=False):
            return None
        filling.add(group, pins[group])
    dated = sorted(pins) if due is None else sorted(due)
    order = needed_first(problem.needs, dated)
    latest = _latest(problem, order, dated)
    if latest is None:
        return None
    groups = len(problem.facts)
    moved: dict[int, int] = {}  # number -> its wave; of what stays the highest wave of what it needs
    place = {node: at for at, node in enumerate(order)}
    for node in sorted(order, key=lambda one: (latest[one], place[one])):
        below = max((moved[one] for one in problem.needs[node]), default=0)
        if node >= groups:
            moved[node] = below
            continue
        earliest = max(1, below + problem.gap)
        if node in pins:
            if pins[node] < earliest:
                return None
            moved[node] = pins[node]
            continue
        free = (wave for wave in range(earliest, latest[node] + 1) if not filling.refuses(node, wave, pilot=pilot))
        wave = next(free, None)
        if wave is None:
            return None
        filling.add(node, wave)
        moved[node] = wave
    return dict(pins) | {node: wave for node, wave in moved.items() if node < groups}


def needed_first(needs: Sequence[Sequence[int]], starts: Iterable[int]) -> list[int]:
    """*starts* and all that they need, what is needed before what needs it."""
    found: list[int] = []
    seen: set[int] = set()
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(needs[start]))]
        while stack:
            node, coming = stack[-1]
            following = next((one for one in coming if one not in seen), None)
            if following is None:
                found.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(needs[following])))
    return found


def _latest(problem: Problem, order: Sequence[int], dated: Iterable[int]) -> dict[int, int] | None:
    """For all of *order* the wave by which it must have moved; None where a pinned group would have to move before its wave."""
    groups = len(problem.facts)
    latest = {group: problem.pins[group] for group in dated}
    for node in reversed(order):
        if node in problem.pins:
            if latest[node] < problem.pins[node]:
                return None
            latest[node] = problem.pins[node]
        ahead = latest[node] - (problem.gap if node < groups else 0)
        for one in problem.needs[node]:
            latest[one] = min(latest.get(one, ahead), ahead)
    return latest


def fits(problem: Problem, pins: Mapping[int, int], due: Iterable[int], laws: frozenset[Law]) -> bool:
    """Whether *pins* can be obeyed together: *due* of them with what they need, under *laws*."""
    trial = problem.under(problem.policy, pins)
    # The size of pilot waves is a goal and never makes a pin impossible.
    return place_pinned(trial, Filling(trial, laws - {Law.PILOT}), due=[one for one in due if one in pins], pilot=False) is not None
