"""What must move together, and in which order groups may move: the estate's graph, condensed.

The graph has every resource as a node, those that stay included. Each kind of relation has one role:

* PART fuses: the two ends become one unit (an instance, its volumes, its network interfaces).
* NEEDS orders: what is needed moves no later than what needs it. Needs in a circle cannot be ordered, so the
  units of a strongly connected component are one move group.
* SETTING does neither: subnets, security groups and roles are prepared in the target before the first wave.

A resource that stays behind passes order on: when A needs S, S stays, and S needs B, then A still needs B. The same
holds in a circle: A and B that need one another through S form one group. Such a resource takes part in the graph
and in no wave. A relation whose end is no item (a resource that was not seen) orders nothing: it has no needs of its own.
"""

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cloudmigrate.domain.resources import Relation, RelationRole

_SLUG_LENGTH = 40
_HASH_LENGTH = 10
_Edge = tuple[int, int]  # node numbers


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One resource as planning sees it."""

    uid: str
    type: str
    moves: bool
    why_not: str | None = None  # why it gets no wave; only where it does not move


@dataclass(frozen=True, slots=True)
class MoveGroup:
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
    """Every item, either in exactly one group or in ``unplanned``; both sorted."""

    groups: tuple[MoveGroup, ...]
    unplanned: tuple[Unplanned, ...]


def move_groups(items: Iterable[PlanItem], relations: Iterable[Relation], roles: Mapping[str, RelationRole]) -> Grouping:
    """The move groups of *items*, each with its layer, and every item that stays with its reason.

    The result depends on neither the order of the input nor repeated relations. A kind without a role counts as NEEDS: an order
    too many delays a wave, an order too few breaks a workload. Raises ValueError when two items share a uid.
    """
    nodes = sorted(items, key=lambda item: item.uid)
    index = {item.uid: number for number, item in enumerate(nodes)}
    if len(index) != len(nodes):
        twice = next(a.uid for a, b in pairwise(nodes) if a.uid == b.uid)
        raise ValueError(f"resource {twice} is given twice. Next: check the inventory's uids with the data checks.")
    parts, needs = _edges(index, relations, roles)
    return _condense(nodes, parts, needs)


def group_id(members: Sequence[str]) -> str:
    """A name for exactly these members, the same in every run: the tail of the smallest uid and a hash of all.

    Letters, digits, dots and hyphens only: uids may hold text from strangers, and the id ends in file names and reports.
    """
    tail = re.split(r"[:/]", min(members).rstrip(":/"))[-1]
    slug = re.sub(r"[^a-z0-9]+", "-", tail.lower()).strip("-")[:_SLUG_LENGTH].rstrip("-") or "group"
    digest = hashlib.sha256("\n".join(sorted(members)).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{slug}-{digest[:_HASH_LENGTH]}"


def _edges(index: Mapping[str, int], relations: Iterable[Relation], roles: Mapping[str, RelationRole]) -> tuple[list[_Edge], list[_Edge]]:
    """The PART and the NEEDS edges between known items, as sorted pairs of node numbers."""
    parts: set[_Edge] = set()
    needs: set[_Edge] = set()
    for relation in relations:
        source, target = index.get(relation.source_uid), index.get(relation.target_uid)
        role = roles.get(relation.kind, RelationRole.NEEDS)
        if source is None or target is None or source == target or role is RelationRole.SETTING:
            continue
        (parts if role is RelationRole.PART else needs).add((source, target))
    return sorted(parts), sorted(needs)


def _components(count: int, edges: Sequence[_Edge], *, directed: bool) -> list[int]:
    """For each of *count* nodes the number of its component: strongly connected when *directed*, else connected."""
    # scipy takes 0.8 s to import; 100,000 nodes take it 0.1 s, and networkx 6 s.
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if count == 0:
        return []
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    graph = csr_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(count, count))
    labels = connected_components(graph, directed=directed, connection="strong", return_labels=True)[1]
    return [int(label) for label in labels]


@dataclass(frozen=True, slots=True)
class _Knots:
    """The graph condensed: nodes that fuse or stand in one circle make one knot; knots with a member that moves are groups."""

    nodes: Sequence[PlanItem]
    knot_of: Sequence[int]
    ids: Mapping[int, str]  # knots that are groups -> their ids
    needed: Mapping[int, set[int]]  # knot -> nodes of other knots
    inner: Mapping[int, list[_Edge]]  # knot -> needs between its units

    def needs_of(self, targets: Iterable[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The groups among *targets*, and the uids among them that stay."""
        groups = {self.ids[knot] for knot in map(self.knot_of.__getitem__, targets) if knot in self.ids}
        staying = {self.nodes[node].uid for node in targets if not self.nodes[node].moves}
        return tuple(sorted(groups)), tuple(sorted(staying))


def _condense(nodes: Sequence[PlanItem], parts: Sequence[_Edge], needs: Sequence[_Edge]) -> Grouping:
    """Groups and unplanned items of the graph, whose edges are pairs of node numbers."""
    unit_of = _components(len(nodes), parts, directed=False)
    unit_needs = sorted({(unit_of[a], unit_of[b]) for a, b in needs if unit_of[a] != unit_of[b]})
    knot_of_unit = _components(max(unit_of, default=-1) + 1, unit_needs, directed=True)
    knot_of = [knot_of_unit[unit] for unit in unit_of]
    movers: dict[int, list[str]] = defaultdict(list)
    for node, knot in zip(nodes, knot_of, strict=True):
        if node.moves:
            movers[knot].append(node.uid)
    needed: dict[int, set[int]] = {knot: set() for knot in knot_of}
    inner: dict[int, list[_Edge]] = defaultdict(list)
    for source, target in needs:
        if knot_of[source] != knot_of[target]:
            needed[knot_of[source]].add(target)
        elif unit_of[source] != unit_of[target]:
            inner[knot_of[source]].append((source, target))
    knots = _Knots(nodes, knot_of, {knot: group_id(uids) for knot, uids in movers.items()}, needed, inner)
    return Grouping(_groups(knots, movers, unit_of), _unplanned(knots, needs))


def _groups(knots: _Knots, movers: Mapping[int, Sequence[str]], unit_of: Sequence[int]) -> tuple[MoveGroup, ...]:
    layers = _layers({knot: {knots.knot_of[node] for node in targets} for knot, targets in knots.needed.items()}, knots.ids)
    needs = {knot: knots.needs_of(knots.needed[knot]) for knot in knots.ids}
    needed_by: dict[str, set[str]] = defaultdict(set)
    for knot, (groups, _) in needs.items():
        for group in groups:
            needed_by[group].add(knots.ids[knot])
    found = (
        MoveGroup(
            id=group,
            members=tuple(movers[knot]),
            layer=layers[knot],
            cyclic=knot in knots.inner,
            cycle=tuple(knots.nodes[node].uid for node in _witness(knots.inner.get(knot, ()), unit_of)),
            needs=needs[knot][0],
            needed_by=tuple(sorted(needed_by[group])),
            needs_unplanned=needs[knot][1],
        )
        for knot, group in knots.ids.items()
    )
    return tuple(sorted(found, key=lambda group: group.members))


def _unplanned(knots: _Knots, needs: Sequence[_Edge]) -> tuple[Unplanned, ...]:
    own: dict[int, list[int]] = defaultdict(list)
    for source, target in needs:
        own[source].append(target)
    found = []
    for number, node in enumerate(knots.nodes):
        if not node.moves:
            groups, staying = knots.needs_of(own[number])
            reason = node.why_not or f"{node.type} gets no wave of its own"
            found.append(Unplanned(node.uid, reason, knots.ids.get(knots.knot_of[number]), groups, staying))
    return tuple(found)


def _layers(needed: Mapping[int, set[int]], moving: Container[int]) -> dict[int, int]:
    """For each knot of an acyclic graph the most moving knots on any way from it down, itself included."""
    needed_by: dict[int, list[int]] = defaultdict(list)
    for knot, targets in needed.items():
        for target in targets:
            needed_by[target].append(knot)
    waiting = {knot: len(targets) for knot, targets in needed.items()}
    layers = {knot: int(knot in moving) for knot in needed}
    ready = deque(knot for knot, count in waiting.items() if count == 0)
    while ready:
        knot = ready.popleft()
        for above in needed_by[knot]:
            layers[above] = max(layers[above], layers[knot] + (above in moving))
            waiting[above] -= 1
            if waiting[above] == 0:
                ready.append(above)
    return layers


def _witness(edges: Sequence[_Edge], unit_of: Sequence[int]) -> tuple[int, ...]:
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
