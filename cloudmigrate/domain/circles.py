"""A circle of needs, to show people why resources move together."""

from collections import defaultdict, deque
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudmigrate.domain.condensation import Numbers

Edge = tuple[int, int]  # node numbers: needs, is needed


def shortest_circle(edges: Sequence[Edge], unit_of: "Numbers") -> tuple[int, ...]:
    """The nodes on a shortest circle through the first unit that *edges* join, or () without any; *edges* join different units."""
    if not edges:
        return ()
    way_out: dict[int, list[Edge]] = defaultdict(list)
    for source, target in sorted(edges):
        way_out[unit_of[source]].append((source, target))
    start = unit_of[min(source for source, _ in edges)]
    reached: dict[int, Edge] = {}  # unit -> the edge that first reached it
    queue = deque([start])
    while queue and start not in reached:
        for source, target in way_out[queue.popleft()]:
            if unit_of[target] not in reached:
                reached[unit_of[target]] = (source, target)
                queue.append(unit_of[target])
    circle: list[int] = []
    unit = start
    while not circle or unit != start:
        source, target = reached[unit]
        circle += [target, source]
        unit = unit_of[source]
    circle.reverse()  # source, target, source, target ... along the way; a node that is entered and left is named once
    named = [node for node, following in pairwise([*circle, None]) if node != following and node is not None]
    return tuple(named[:-1] if named[0] == named[-1] else named)
