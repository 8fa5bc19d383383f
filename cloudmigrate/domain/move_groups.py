"""What must move together, and in which order groups may move: the estate's graph, condensed.

The graph has every resource as a node, those that stay included. Each kind of relation has one role:

* PART fuses: the two ends become one unit (an instance, its volumes, its network interfaces). So does plumbing with what it is
  folded into.
* NEEDS orders: what is needed moves no later than what needs it. Needs in a circle cannot be ordered, so the
  units of a strongly connected component are one move group. Traffic that was observed orders in the same way.
* SETTING does neither: subnets, security groups and roles are prepared in the target before the first wave.

A resource that stays behind passes order on: when A needs S, S stays, and S needs B, then A still needs B. The same
holds in a circle: A and B that need one another through S form one group. Such a resource takes part in the graph
and in no wave. A relation whose end is no item (a resource that was not seen) orders nothing: it has no needs of its own.
Needs with an end at a shared service that is held out neither group nor order; it is a unit like any other.
"""

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise, repeat
from typing import TYPE_CHECKING, NamedTuple

from cloudmigrate.domain.condensation import Condensed, components, condense
from cloudmigrate.domain.resources import Relation, RelationRole

if TYPE_CHECKING:
    from cloudmigrate.domain.condensation import Flags, Numbers

_SLUG_LENGTH = 40
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_HASH_LENGTH = 10
_Edge = tuple[int, int]  # node numbers
_Pair = tuple[str, str]  # uids


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One resource as planning sees it."""

    uid: str
    type: str
    moves: bool
    why_not: str | None = None  # why it gets no wave; only where it does not move
    name: str | None = None
    environment: str | None = None  # dev, test, staging, prod; None: neither its tags nor its workload say
    risk_level: str | None = None  # low, medium, high, critical; None: not assessed
    workload: str | None = None
    environment_by: str | None = None  # who names the environment, where its own tags do not


class MoveGroup(NamedTuple):
    """Resources that move together and are never split.

    ``needs`` and ``needed_by`` name groups joined by a direct need. ``needs_unplanned`` are the uids of resources that are needed
    and stay; what lies behind those is told by their own entries, so that a hub needed by thousands is written once.
    """

    id: str
    members: tuple[str, ...]  # uids, sorted
    layer: int  # 1: needs no other group; n: needs a group of layer n - 1, and none of a higher one
    cyclic: bool  # whether units of it need one another in a circle
    cycle: tuple[str, ...]  # one such circle: each uid needs the next, or is of one piece with it; the last leads to the first
    needs: tuple[str, ...]
    needed_by: tuple[str, ...]
    needs_unplanned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A resource without a wave, the reason, and what order it passes on."""

    uid: str
    reason: str
    group: str | None = None  # the move group that it is a part of or in a circle with
    needs: tuple[str, ...] = ()  # move groups
    needs_unplanned: tuple[str, ...] = ()  # uids


@dataclass(frozen=True, slots=True)
class Grouping:
    """Every item, either in exactly one group or in ``unplanned``; both sorted.

    ``edges`` are the needs between knots of the condensed graph, (needs, is needed), of shape (m, 2), sorted: numbers below
    ``len(groups)`` are groups, in their order; higher ones are resources that stay and pass order on. ``observed`` has for each pair
    of what was observed the groups of its ends, -1 where that is in none.
    """

    groups: tuple[MoveGroup, ...]
    unplanned: tuple[Unplanned, ...]
    edges: "Numbers" = field(compare=False, repr=False)
    observed: "Numbers" = field(compare=False, repr=False)


def move_groups(
    items: Iterable[PlanItem],
    relations: Iterable[Relation],
    roles: Mapping[str, RelationRole],
    *,
    fused: Iterable[_Pair] = (),
    observed: Iterable[_Pair] = (),
    held_out: Collection[str] = (),
) -> Grouping:
    """The move groups of *items*, each with its layer, and every item that stays with its reason.

    *fused* and *observed* are pairs of uids: plumbing and what it is folded into; what was seen to need what. *held_out* are uids of
    shared services. The result depends on neither the order of the input nor repeated relations. A kind without a role counts as
    NEEDS: an order too many delays a wave, an order too few breaks a workload. Raises ValueError when two items share a uid.
    """
    nodes = sorted(items, key=lambda item: item.uid)
    index = {item.uid: number for number, item in enumerate(nodes)}
    if len(index) != len(nodes):
        twice = next(a.uid for a, b in pairwise(nodes) if a.uid == b.uid)
        raise ValueError(f"resource {twice} is given twice. Next: check the inventory's uids with the data checks.")
    seen = _numbered(index, observed)
    parts, needs = _edges(index, relations, roles, _numbered(index, fused), seen)
    return _condense(nodes, parts, needs, seen, [index[uid] for uid in held_out if uid in index])


def group_id(members: Sequence[str]) -> str:
    """A name for exactly these members, the same in every run: the tail of the smallest uid and a hash of all.

    Letters, digits, dots and hyphens only: uids may hold text from strangers, and the id ends in file names and reports.
    """
    first = min(members).rstrip(":/")
    tail = first[max(first.rfind(":"), first.rfind("/")) + 1 :]
    slug = _NOT_IN_A_SLUG.sub("-", tail.lower()).strip("-")[:_SLUG_LENGTH].rstrip("-") or "group"
    digest = hashlib.sha256("\n".join(sorted(members)).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{slug}-{digest[:_HASH_LENGTH]}"


def _edges(
    index: Mapping[str, int], relations: Iterable[Relation], roles: Mapping[str, RelationRole], fused: "Numbers", observed: "Numbers"
) -> tuple["Numbers", "Numbers"]:
    """The PART and the NEEDS edges between known items, as pairs of node numbers."""
    import numpy as np

    parts: list[int] = []  # sources and targets in turn; -1: not an item
    needs: list[int] = []
    into = {kind: parts if role is RelationRole.PART else needs for kind, role in roles.items() if role is not RelationRole.SETTING}
    settings = {kind for kind, role in roles.items() if role is RelationRole.SETTING}
    number = index.get
    for relation in relations:
        if relation.kind not in settings:
            into.get(relation.kind, needs).extend((number(relation.source_uid, -1), number(relation.target_uid, -1)))
    every = (np.concatenate([np.array(own, dtype=np.int64).reshape(-1, 2), more]) for own, more in ((parts, fused), (needs, observed)))
    found_parts, found_needs = (edges[(edges >= 0).all(axis=1)] for edges in every)
    return found_parts, found_needs


def _numbered(index: Mapping[str, int], pairs: Iterable[_Pair]) -> "Numbers":
    """The node numbers of pairs of uids, -1 for what is no item; shape (m, 2)."""
    import numpy as np

    # Each step is one call for all of them: half a million pairs take a quarter of the time of a loop.
    return np.array(list(map(index.get, chain.from_iterable(pairs), repeat(-1))), dtype=np.int64).reshape(-1, 2)


def _condense(nodes: Sequence[PlanItem], parts: "Numbers", needs: "Numbers", observed: "Numbers", held_out: Sequence[int]) -> Grouping:
    """Groups and unplanned items of the graph, whose edges are pairs of node numbers."""
    import numpy as np

    moves = np.fromiter((node.moves for node in nodes), dtype=np.bool_, count=len(nodes))
    if held_out:
        needs = _without(len(nodes), parts, needs, held_out)
    found = condense(len(nodes), parts, needs, moves)
    knots = _Knots(nodes, found, moves, needs)
    groups = knots.groups()
    own = np.append(np.where(moves, knots.number[found.knot_of], -1), -1)  # -1 stays -1
    return Grouping(groups, knots.unplanned(), knots.edges, own[observed])


def _without(count: int, parts: "Numbers", needs: "Numbers", held_out: Sequence[int]) -> "Numbers":
    """*needs* without those that end at a unit of a shared service that is held out."""
    import numpy as np

    unit_of = components(count, parts, directed=False)
    held = np.isin(unit_of, unit_of[np.array(held_out, dtype=np.int64)])
    inside = unit_of[needs[:, 0]] == unit_of[needs[:, 1]]
    kept: Numbers = needs[inside | ~(held[needs[:, 0]] | held[needs[:, 1]])]
    return kept


class _Knots:
    """The condensed graph in terms of uids and group ids."""

    def __init__(self, nodes: Sequence[PlanItem], found: Condensed, moves: "Flags", needs: "Numbers") -> None:
        self._nodes = nodes
        self._found = found
        self._needs = needs
        self._moves = moves
        self._knot_of: list[int] = found.knot_of.tolist()
        self._members: dict[int, list[str]] = defaultdict(list)  # nodes are sorted by uid, so groups come out sorted by members
        for node, knot in zip(nodes, self._knot_of, strict=True):
            if node.moves:
                self._members[knot].append(node.uid)
        self._ids = {knot: group_id(uids) for knot, uids in self._members.items()}

    def groups(self) -> tuple[MoveGroup, ...]:
        """Every group, sorted by its members."""
        import numpy as np

        ids = list(self._ids.values())
        edges = self.edges[(self.edges < len(ids)).all(axis=1)]
        place = np.empty(len(ids), dtype=np.int64)
        place[np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)] = np.arange(len(ids))
        needs, needed_by = _named(ids, place, edges[:, 0], edges[:, 1]), _named(ids, place, edges[:, 1], edges[:, 0])
        staying, inner, layers = self._staying(), self._inner(), self._found.layers.tolist()
        return tuple(
            MoveGroup(
                id=ids[number],
                members=tuple(self._members[knot]),
                layer=layers[knot],
                cyclic=knot in inner,
                cycle=tuple(self._nodes[node].uid for node in _witness(inner[knot], self._found.unit_of)) if knot in inner else (),
                needs=needs[number],
                needed_by=needed_by[number],
                needs_unplanned=tuple(sorted(staying[knot])) if knot in staying else (),
            )
            for number, knot in enumerate(self._ids)
        )

    def unplanned(self) -> tuple[Unplanned, ...]:
        """Every item that stays."""
        own: dict[int, set[int]] = defaultdict(set)
        for source, target in self._needs[~self._moves[self._needs[:, 0]]].tolist():
            own[source].add(target)
        found = []
        for number, node in enumerate(self._nodes):
            if not node.moves:
                targets = own.get(number, ())
                groups = {self._ids[knot] for knot in (self._knot_of[target] for target in targets) if knot in self._ids}
                staying = {self._nodes[target].uid for target in targets if not self._nodes[target].moves}
                reason = node.why_not or f"{node.type} gets no wave of its own"
                own_group = self._ids.get(self._knot_of[number])
                found.append(Unplanned(node.uid, reason, own_group, tuple(sorted(groups)), tuple(sorted(staying - {node.uid}))))
        return tuple(found)

    @cached_property
    def number(self) -> "Numbers":
        """Knot -> its number: groups in their order, then those knots in which nothing moves."""
        import numpy as np

        knots = np.array([*self._ids, *(knot for knot in dict.fromkeys(self._knot_of) if knot not in self._ids)], dtype=np.int64)
        number = np.empty(len(knots), dtype=np.int64)
        number[knots] = np.arange(len(knots))
        return number

    @cached_property
    def edges(self) -> "Numbers":
        """The needs between knots by their numbers, sorted."""
        import numpy as np

        edges = self.number[self._found.needs]
        found: Numbers = edges[np.lexsort((edges[:, 1], edges[:, 0]))]
        return found

    def _staying(self) -> Mapping[int, set[str]]:
        """Knot -> uids of what its members need and what stays, in other knots."""
        import numpy as np

        found: dict[int, set[str]] = defaultdict(set)
        source = self._found.knot_of[self._needs[:, 0]]
        out = ~self._moves[self._needs[:, 1]] & (source != self._found.knot_of[self._needs[:, 1]])
        for knot, target in np.stack([source[out], self._needs[out, 1]], axis=1).tolist():
            found[knot].add(self._nodes[target].uid)
        return found

    def _inner(self) -> Mapping[int, list[_Edge]]:
        """Knot -> the needs between its units."""
        found: dict[int, list[_Edge]] = defaultdict(list)
        source, target = self._needs[:, 0], self._needs[:, 1]
        same = (self._found.knot_of[source] == self._found.knot_of[target]) & (self._found.unit_of[source] != self._found.unit_of[target])
        for edge in self._needs[same].tolist():
            found[self._knot_of[edge[0]]].append((edge[0], edge[1]))
        return found


def _named(ids: Sequence[str], place: "Numbers", source: "Numbers", target: "Numbers") -> list[tuple[str, ...]]:
    """For each group the ids of its targets, sorted; *place* is that of each id among all."""
    import numpy as np

    order = np.lexsort((place[target], source))
    names = list(map(ids.__getitem__, target[order].tolist()))
    ends = np.searchsorted(source[order], np.arange(len(ids) + 1)).tolist()
    return [tuple(names[start:end]) for start, end in pairwise(ends)]


def _witness(edges: Sequence[_Edge], unit_of: "Numbers") -> tuple[int, ...]:
    """The nodes on a shortest circle through the first unit of a knot, or () when it has no inner edges."""
    if not edges:
        return ()
    way_out: dict[int, list[_Edge]] = defaultdict(list)
    for source, target in sorted(edges):
        way_out[unit_of[source]].append((source, target))
    start = unit_of[min(source for source, _ in edges)]
    reached: dict[int, _Edge] = {}  # unit -> the edge that first reached it
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
