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
What is retired is ordered the other way round (``retired_order``).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from cloudmigrate.domain.circles import Edge, shortest_circle
from cloudmigrate.domain.condensation import Condensed, beside, components, condense, distinct
from cloudmigrate.domain.group_names import group_id
from cloudmigrate.domain.resources import Relation, RelationRole
from cloudmigrate.domain.retired_order import turned_needs
from cloudmigrate.domain.strategies import Strategy

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cloudmigrate.domain.condensation import Flags, Numbers

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
    strategy: Strategy | None = None  # as a person decided it; None: it moves as it is
    retires: bool = False  # whether its wave retires it in the place of moving it; then it moves, as far as the plan is concerned


class MoveGroup(NamedTuple):
    """Resources that move together and are never split.

    ``needs`` and ``needed_by`` name groups joined by a direct need. ``needs_unplanned`` are the uids of resources that are needed
    and stay; what lies behind those is told by their own entries, so that a hub needed by thousands is written once.
    Of a group that is retired, ``needs`` are the groups that depend on it: it waits for these, and depends on nothing itself.
    """

    id: str
    members: tuple[str, ...]  # uids, sorted
    layer: int  # 1: needs no other group; n: needs a group of layer n - 1, and none of a higher one
    cyclic: bool  # whether units of it need one another in a circle
    cycle: tuple[str, ...]  # one such circle: each uid needs the next, or is of one piece with it; the last leads to the first
    needs: tuple[str, ...]
    needed_by: tuple[str, ...]
    needs_unplanned: tuple[str, ...]
    retires: bool = False  # whether all of it is retired; else nothing of it is


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
    of what was observed the groups of its ends, -1 where that is in none. ``stranded`` are the needs of what stays for what is retired.
    """

    groups: tuple[MoveGroup, ...]
    unplanned: tuple[Unplanned, ...]
    edges: "Numbers" = field(compare=False, repr=False)
    observed: "Numbers" = field(compare=False, repr=False)
    stranded: tuple[_Pair, ...] = ()  # uids, sorted


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
    nodes = sorted(items, key=attrgetter("uid"))
    index = {item.uid: number for number, item in enumerate(nodes)}
    if len(index) != len(nodes):
        twice = next(a.uid for a, b in pairwise(nodes) if a.uid == b.uid)
        raise ValueError(f"resource {twice} is given twice. Next: check the inventory's uids with the data checks.")
    seen = _numbered(index, observed)
    parts, needs = _edges(index, relations, roles, _numbered(index, fused), seen)
    return _condense(nodes, parts, needs, seen, [index[uid] for uid in held_out if uid in index])


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
    return np.fromiter(map(index.get, chain.from_iterable(pairs), repeat(-1)), dtype=np.int64).reshape(-1, 2)


def _condense(nodes: Sequence[PlanItem], parts: "Numbers", needs: "Numbers", observed: "Numbers", held_out: Sequence[int]) -> Grouping:
    """Groups and unplanned items of the graph, whose edges are pairs of node numbers."""
    import numpy as np

    moves, retires = (np.fromiter(map(attrgetter(name), nodes), dtype=np.bool_, count=len(nodes)) for name in ("moves", "retires"))
    every, stranded = needs, tuple[_Pair, ...]()
    if held_out:
        needs = _without(len(nodes), parts, needs, held_out)
    if retires.any():
        unit_of = components(len(nodes), parts, directed=False)
        needs, left = turned_needs(unit_of, every, needs, moves=moves, retires=retires)
        stranded = tuple(sorted({(nodes[source].uid, nodes[target].uid) for source, target in left.tolist()}))
    found = condense(len(nodes), parts, needs, moves)
    knots = _Knots(nodes, found, moves, needs)
    groups = knots.groups()
    own = np.append(np.where(moves, knots.number[found.knot_of], -1), -1)  # -1 stays -1
    return Grouping(groups, knots.unplanned(), knots.edges, own[observed], stranded)


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
        self.number = _knot_numbers(found, moves)
        self._number_of: list[int] = self.number[found.knot_of].tolist()  # of each node
        self._members = self._moving_members()
        self._ids = list(map(group_id, self._members))

    def _moving_members(self) -> list[tuple[str, ...]]:
        """The uids of each group, sorted as the nodes are."""
        import numpy as np

        groups, moving = int(self._found.moving.sum()), np.flatnonzero(self._moves)
        starts, inside = beside(groups, self.number[self._found.knot_of[moving]], moving)
        nodes = self._nodes
        uids = tuple([nodes[node].uid for node in inside.tolist()])
        return [uids[start:end] for start, end in pairwise(starts.tolist())]

    def groups(self) -> tuple[MoveGroup, ...]:
        """Every group, sorted by its members."""
        import numpy as np

        ids, count = self._ids, len(self._ids)
        edges = self.edges[(self.edges < count).all(axis=1)]
        by_id = np.array(sorted(range(count), key=ids.__getitem__), dtype=np.int64)
        place = np.empty(count, dtype=np.int64)
        place[by_id] = np.arange(count)
        names = np.array(ids, dtype=np.object_)[by_id]
        layers = np.empty(len(self.number), dtype=np.int64)
        layers[self.number] = self._found.layers
        cycles: list[tuple[str, ...]] = [()] * count
        retired = {self._number_of[number] for number, node in enumerate(self._nodes) if node.retires}
        for number, inner in self._inner().items():
            # Needs among what is retired were turned: told, they are what they were.
            circle = shortest_circle([(b, a) for a, b in inner] if number in retired else inner, self._found.unit_of)
            cycles[number] = tuple(self._nodes[node].uid for node in circle)
        staying: list[tuple[str, ...]] = [()] * count
        for number, uids in self._staying().items():
            staying[number] = tuple(sorted(uids))
        # Column by column, as a call with names for each of them takes three times as long.
        columns = (
            ids,
            self._members,
            layers.tolist(),
            map(bool, cycles),
            cycles,
            _named(names, edges[:, 0], place[edges[:, 1]]),
            _named(names, edges[:, 1], place[edges[:, 0]]),
            staying,
            (number in retired for number in range(count)),
        )
        return tuple(map(MoveGroup, *columns))

    def unplanned(self) -> tuple[Unplanned, ...]:
        """Every item that stays."""
        own: dict[int, set[int]] = defaultdict(set)
        for source, target in self._needs[~self._moves[self._needs[:, 0]]].tolist():
            own[source].add(target)
        found = []
        for number, node in enumerate(self._nodes):
            if not node.moves:
                targets = own.get(number, ())
                groups = {name for name in map(self._group_of, targets) if name is not None}
                staying = {self._nodes[target].uid for target in targets if not self._nodes[target].moves} - {node.uid}
                reason = node.why_not or f"{node.type} gets no wave of its own"
                found.append(Unplanned(node.uid, reason, self._group_of(number), tuple(sorted(groups)), tuple(sorted(staying))))
        return tuple(found)

    def _group_of(self, node: int) -> str | None:
        """The id of the group that the node is a part of or in a circle with."""
        number = self._number_of[node]
        return self._ids[number] if number < len(self._ids) else None

    @cached_property
    def edges(self) -> "Numbers":
        """The needs between knots by their numbers, sorted."""
        return distinct(self.number[self._found.needs], len(self.number))

    def _staying(self) -> Mapping[int, set[str]]:
        """Number of a group -> uids of what its members need and what stays, in other knots."""
        import numpy as np

        found: dict[int, set[str]] = defaultdict(set)
        source, target = (self.number[self._found.knot_of[self._needs[:, side]]] for side in (0, 1))
        out = ~self._moves[self._needs[:, 1]] & (source != target) & (source < len(self._ids))
        for number, node in np.stack([source[out], self._needs[out, 1]], axis=1).tolist():
            found[number].add(self._nodes[node].uid)
        return found

    def _inner(self) -> Mapping[int, list[Edge]]:
        """Number of a group -> the needs between its units."""
        found: dict[int, list[Edge]] = defaultdict(list)
        source, target = self._needs[:, 0], self._needs[:, 1]
        same = (self._found.knot_of[source] == self._found.knot_of[target]) & (self._found.unit_of[source] != self._found.unit_of[target])
        for edge in self._needs[same].tolist():
            number = self._number_of[edge[0]]
            if number < len(self._ids):
                found[number].append((edge[0], edge[1]))
        return found


def _knot_numbers(found: Condensed, moves: "Flags") -> "Numbers":
    """Knot -> its number: groups by the first of their members, then those knots in which nothing moves."""
    import numpy as np

    knots, count = len(found.moving), len(moves)
    first = np.full(knots, 2 * count, dtype=np.int64)
    nodes = np.arange(count)
    np.minimum.at(first, found.knot_of, np.where(moves, nodes, count + nodes))
    number = np.empty(knots, dtype=np.int64)
    number[np.argsort(first)] = np.arange(knots)
    return number


def _named(names: "npt.NDArray[np.object_]", source: "Numbers", place: "Numbers") -> list[tuple[str, ...]]:
    """For each group the ids of its targets, sorted; *place* is that of each target's id among all *names*."""
    starts, places = beside(len(names), source, place)
    named = tuple(names[places].tolist())
    return [named[start:end] for start, end in pairwise(starts.tolist())]
