"""The order of a wave's groups and steps: what is needed comes first, what ends something comes last."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cloudmigrate.domain.steps import Gate, ItineraryError, Step

NAMED_AT_MOST = 5  # steps in a sentence


def groups_in_order(groups: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The groups, what is needed first; where they need one another, as the plan has them."""
    by_id = {str(one["id"]): one for one in groups}
    ordered: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    for first in sorted(by_id):
        stack = [(first, False)]
        while stack:
            name, is_done = stack.pop()
            if is_done:
                ordered.append(by_id[name])
            elif name not in seen:
                seen.add(name)
                stack.append((name, True))
                stack += [(need, False) for need in sorted(by_id[name]["needs"], reverse=True) if need in by_id and need not in seen]
    return ordered


def one_list(lists: list[list[Step]], waits_for: list[Step]) -> list[Step]:
    """The steps of a group. The first ones wait for the groups that it needs, and are behind the gate of execution."""
    ids = tuple(one.step_id for one in waits_for)
    own = {one.step_id for steps in lists for one in steps}
    firsts = [one for steps in lists for one in steps if own.isdisjoint(one.needs)]
    waiting = {one.step_id: replace(one, needs=tuple(dict.fromkeys((*one.needs, *ids))), gate=one.gate or Gate.EXECUTION) for one in firsts}
    every = [waiting.get(one.step_id, one) for steps in lists for one in steps]
    last: set[str] = set()
    for one in every:
        if one.gate in (Gate.CLEAN_UP, Gate.NO_RETURN) or not last.isdisjoint(one.needs):
            last.add(one.step_id)
    return sorted(every, key=lambda one: one.step_id in last)


def needs_first(steps: list[Step]) -> list[Step]:
    """The steps, each after those that it needs, else in their order. Raises ItineraryError where they need one another in a circle."""
    ordered: list[Step] = []
    placed: set[str] = set()
    left = steps
    while left:
        waiting = []
        for one in left:
            if placed.issuperset(one.needs):
                ordered.append(one)
                placed.add(one.step_id)
            else:
                waiting.append(one)
        if len(waiting) == len(left):
            raise ItineraryError(f"steps need one another in a circle: {', '.join(one.step_id for one in waiting[:NAMED_AT_MOST])}")
        left = waiting
    return ordered
