"""Which decisions cannot be obeyed together: the smallest set of pins and laws of which none can be spared.

The set is found by leaving constraints out, in halves first, then one by one: what can be left out while the rest still cannot be
obeyed is no part of it. Removing any one of what remains makes the rest possible. The size of pilot waves is a goal and never in it.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cloudmigrate.domain.constraints import Pin
from cloudmigrate.domain.pinned_waves import fits, needed_first
from cloudmigrate.domain.wave_filling import Law
from cloudmigrate.domain.wave_policy import FreezeWindow
from cloudmigrate.domain.wave_problem import Problem
from cloudmigrate.domain.wave_words import counted, law_words, listed, needs_words

_LIMITS = (Law.RESOURCES, Law.SERVERS, Law.EFFORT)


class Kind(StrEnum):
    """What a constraint is."""

    PIN = "pin"
    NEEDS = "needs"  # what a pinned group needs moves no later than it
    WHOLE = "whole"  # a group moves as one
    LIMIT = "limit"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing that must hold; which, depends on the kind."""

    kind: Kind
    pin: Pin | None = None  # PIN, NEEDS
    group: int | None = None  # WHOLE
    law: Law | None = None  # LIMIT
    window: FreezeWindow | None = None  # FREEZE


def minimal_conflict(problem: Problem, pins: Sequence[Pin], group_of: Mapping[str, int]) -> tuple[Constraint, ...]:
    """The constraints that cannot hold together, none of which can be spared; () where *pins* can be obeyed.

    Later pins are tried first against few others, so that the set names the newest decision and as few older ones as possible.
    """
    if feasible(problem, constraints_for(problem, pins, group_of), group_of):
        return ()
    # The first pin with which those before it cannot be obeyed any more is in every conflict of those.
    low, high = 0, len(pins)
    while high - low > 1:
        middle = (low + high) // 2
        if feasible(problem, constraints_for(problem, pins[:middle], group_of), group_of):
            low = middle
        else:
            high = middle
    newest, older = pins[high - 1], pins[: high - 1]
    for few in ([], *([one] for one in older)):
        some = constraints_for(problem, [*few, newest], group_of)
        if not feasible(problem, some, group_of):
            return _reduced(problem, some, group_of)
    return _reduced(problem, constraints_for(problem, [*older, newest], group_of), group_of)


def constraints_for(problem: Problem, pins: Iterable[Pin], group_of: Mapping[str, int]) -> list[Constraint]:
    """All that must hold for *pins*: themselves, what they need, that groups are whole, limits and freeze windows."""
    policy = problem.policy
    pins = list(pins)
    own: defaultdict[int, set[int]] = defaultdict(set)
    for one in pins:
        own[group_of[one.uid]].add(one.wave)
    limits = (policy.max_resources_per_wave, policy.max_servers_per_wave, policy.max_effort_hours_per_wave)
    return [
        *(Constraint(Kind.NEEDS, pin=one) for one in pins),
        *(Constraint(Kind.FREEZE, window=one) for one in policy.freeze_windows if one.environments),
        *(Constraint(Kind.LIMIT, law=law) for law, limit in zip(_LIMITS, limits, strict=True) if limit is not None),
        *(Constraint(Kind.WHOLE, group=group) for group, waves in own.items() if len(waves) > 1),
        *(Constraint(Kind.PIN, pin=one) for one in pins),
    ]


def feasible(problem: Problem, some: Iterable[Constraint], group_of: Mapping[str, int]) -> bool:
    """Whether there are waves under which all of *some* hold; other constraints do not count."""
    some = list(some)
    whole = {one.group for one in some if one.kind is Kind.WHOLE}
    wanted: defaultdict[int, set[int]] = defaultdict(set)
    for one in some:
        if one.kind is Kind.PIN and one.pin is not None:
            wanted[group_of[one.pin.uid]].add(one.pin.wave)
    if any(len(waves) > 1 and group in whole for group, waves in wanted.items()):
        return False
    pins = {group: min(waves) for group, waves in wanted.items() if len(waves) == 1}
    due = {group_of[one.pin.uid] for one in some if one.kind is Kind.NEEDS and one.pin is not None}
    laws = {one.law for one in some if one.law is not None}
    windows = tuple(one.window for one in some if one.window is not None)
    for_all = tuple(one for one in problem.policy.freeze_windows if not one.environments)
    policy = problem.policy.model_copy(update={"freeze_windows": (*for_all, *windows)})
    return fits(problem.under(policy), pins, due, frozenset({*laws, Law.FREEZE, Law.ALONE}))


def _reduced(problem: Problem, some: Sequence[Constraint], group_of: Mapping[str, int]) -> tuple[Constraint, ...]:
    kept = list(some)
    size = max(len(kept) // 2, 1)
    while True:
        before = len(kept)
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + size :]
            if feasible(problem, rest, group_of):
                at += size
            else:
                kept = rest
        if size == 1 and len(kept) == before:
            return tuple(kept)
        size = max(size // 2, 1)


def conflict_words(
    problem: Problem,
    conflict: Sequence[Constraint],
    group_of: Mapping[str, int],
    labels: Sequence[str],
    called: Mapping[str, str] = MappingProxyType({}),
) -> tuple[str, ...]:
    """The constraints of a conflict in words, pins first; *called* is what people call a resource, its uid by default."""
    pinned = [one.pin for one in conflict if one.kind is Kind.PIN and one.pin is not None]
    found = [
        f"{called.get(one.uid, one.uid)} is pinned to wave {one.wave} by {one.by}" + (f": {one.reason}" if one.reason else "")
        for one in pinned
    ]
    for one in conflict:
        match one.kind:
            case Kind.WHOLE:
                both = [called.get(pin.uid, pin.uid) for pin in pinned if group_of[pin.uid] == one.group]
                found.append(f"{listed(both)} belong to one move group, which is never split")
            case Kind.LIMIT if one.law is not None:
                found.append(law_words(problem, one.law))
            case Kind.FREEZE if one.window is not None:
                window = one.window
                found.append(f"{listed(window.environments)} is frozen from {window.from_on} to {window.to_on}: {window.reason}")
            case Kind.NEEDS if one.pin is not None:
                found.append(_needs_words(problem, one.pin, pinned, group_of, labels=labels, called=called))
            case _:
                pass
    return tuple(found)


def _needs_words(
    problem: Problem, pin: Pin, pinned: Sequence[Pin], group_of: Mapping[str, int], *, labels: Sequence[str], called: Mapping[str, str]
) -> str:
    start, own = group_of[pin.uid], called.get(pin.uid, pin.uid)
    does = needs_words(problem, start)
    later = {group_of[one.uid]: one for one in pinned if one.wave > pin.wave - problem.gap and group_of[one.uid] != start}
    path = _path(problem, start, set(later))
    if path:
        way = " -> ".join(labels[one] if one < len(labels) else "something that stays" for one in path)
        last = later[path[-1]].uid
        return f"{own} {does} {called.get(last, last)}, which must move {'before' if problem.gap else 'no later than'} it: {way}"
    needed = [labels[one] for one in needed_first(problem.needs, [start]) if one < len(labels) and one != start]
    return f"{own} {does} {counted(len(needed), 'other move group')}, which must move by wave {pin.wave - problem.gap}: {listed(needed)}"


def _path(problem: Problem, start: int, ends: set[int]) -> list[int]:
    """A shortest way along needs from *start* to one of *ends*; [] where there is none."""
    came: dict[int, int] = {start: start}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if node in ends:
            way = [node]
            while way[-1] != start:
                way.append(came[way[-1]])
            return way[::-1]
        for one in problem.needs[node]:
            if one not in came:
                came[one] = node
                queue.append(one)
    return []
