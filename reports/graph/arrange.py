"""The view arranged for drawing: every node in one group, every group in one column, edges as pairs of numbers."""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cloudmigrate.domain.graph_layout import ASPECT, GraphLayout, lay_out, layers
from cloudmigrate.domain.naming import local_id, short_type
from reports.graph.ends import drawn_nodes, outside_nodes
from reports.graph.view import EdgeRow, GraphView, GroupRow, NodeRow
from reports.readiness.words import listing

_FAR = 1_000_000  # columns beside the waves: outside what the estate needs, what stays, shared services; outside callers last
_LEVELS = ("low", "medium", "high", "critical")


class GroupKind(StrEnum):
    """What a group is."""

    MOVES = "moves"
    STAYS = "stays"
    SHARED = "shared"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """One group as drawn; *members* are positions in ``Arranged.nodes``."""

    id: str
    label: str
    kind: GroupKind
    wave: int | None
    cyclic: bool
    reasons: tuple[str, ...]
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arranged:
    """Nodes and groups, edges that join two different nodes, and the places of all."""

    nodes: tuple[NodeRow, ...]
    groups: tuple[ShownGroup, ...]
    group_of: tuple[int, ...]
    edges: tuple[EdgeRow, ...]
    ends: tuple[tuple[int, int], ...]  # of each edge: the node that needs, the node that is needed
    columns: tuple[int, ...]  # of each group
    layout: GraphLayout


def arrange(view: GraphView, *, aspect: float = ASPECT) -> Arranged:
    """The view's nodes and the outside ends of its edges, in groups with their places; edges of a node to itself are left out."""
    inside = drawn_nodes(view)
    nodes = (*inside, *outside_nodes(view))
    edges = tuple(sorted((row for row in view.edges if row.source_uid != row.target_uid), key=_edge_order))
    number = {row.uid: at for at, row in enumerate(nodes)}
    ends = tuple((number[row.source_uid], number[row.target_uid]) for row in edges)
    needed = {target for _, target in ends}
    groups = _groups(view, nodes, needed, first_stranger=len(inside))
    group_of = [0] * len(nodes)
    for at, group in enumerate(groups):
        for member in group.members:
            group_of[member] = at
    columns = _columns(groups, [(group_of[a], group_of[b]) for a, b in ends])
    weighted = [(a, b, float(edge.bytes)) for (a, b), edge in zip(ends, edges, strict=True)]
    layout = lay_out(columns, [group.members for group in groups], weighted, aspect=aspect)
    return Arranged(nodes, groups, tuple(group_of), edges, ends, tuple(columns), layout)


def column_label(column: int, *, planned: bool) -> str:
    """The heading of a column."""
    if column in _ASIDE:
        return _ASIDE[column]
    return f"Wave {column}" if planned else f"Layer {column + 1}"


_ASIDE = {-_FAR: "Outside, needed", 1 - _FAR: "Stays", 2 - _FAR: "Shared services", _FAR: "Outside, callers"}


def worst(levels: Iterable[str | None]) -> str | None:
    """The highest of the risk levels; None where none is known."""
    return max((level for level in levels if level in _LEVELS), key=_LEVELS.index, default=None)


def _edge_order(row: EdgeRow) -> tuple[object, ...]:
    return (-row.bytes, row.source_uid, row.target_uid, -1 if row.protocol is None else row.protocol, -1 if row.port is None else row.port)


def _outside_family(node: NodeRow) -> str:
    """What an end outside has in common with others: they are drawn as one until opened."""
    if node.type == "unknown end":
        return "Unknown addresses"
    if node.type != "external end":
        return "Not in the inventory"
    try:
        network = ipaddress.ip_network(node.uid.partition(":")[2], strict=False)
    except ValueError:
        return "AWS services"
    return "Private networks" if network.is_private and network.prefixlen else "Internet"


def _groups(view: GraphView, nodes: Sequence[NodeRow], needed: set[int], *, first_stranger: int) -> tuple[ShownGroup, ...]:
    """Groups in the order of their keys; move groups under their ids, everything else under what it has in common."""
    planned = {row.id: row for row in view.groups}
    shared = {row.uid: row for row in view.shared if row.held_out}
    found: dict[tuple[GroupKind, str], list[int]] = {}
    for at, node in enumerate(nodes):
        if at >= first_stranger:
            key = (GroupKind.OUTSIDE, f"{_outside_family(node)}{'' if at in needed else ', callers'}")
        elif node.uid in shared and node.wave is None:
            key = (GroupKind.SHARED, shared[node.uid].service)
        elif node.move_group is not None:
            key = (GroupKind.MOVES, node.move_group)
        elif view.plan_id is None:
            key = (GroupKind.MOVES, f"workload {node.workload}" if node.workload else node.uid)
        else:
            key = (GroupKind.STAYS, node.type)
        found.setdefault(key, []).append(at)
    return tuple(_group(kind, name, tuple(found[kind, name]), nodes, planned) for kind, name in sorted(found))


def _group(kind: GroupKind, name: str, members: tuple[int, ...], nodes: Sequence[NodeRow], planned: dict[str, GroupRow]) -> ShownGroup:
    inside = [nodes[at] for at in members]
    if kind is not GroupKind.MOVES:
        label = {GroupKind.SHARED: name.replace("_", " "), GroupKind.STAYS: short_type(name), GroupKind.OUTSIDE: name}[kind]
        return ShownGroup(f"{kind}:{name}", label, kind, wave=None, cyclic=False, reasons=(), members=members)
    row = planned.get(name) or GroupRow(name, next((node.wave for node in inside if node.wave is not None), 0))
    label = row.label or _members_label(inside)
    return ShownGroup(name, label, kind, row.wave or None, row.cyclic, row.reasons, members)


def _members_label(inside: Sequence[NodeRow]) -> str:
    """The workload that all members share, else the first members' names."""
    workloads = Counter(node.workload for node in inside)
    if len(inside) > 1 and len(workloads) == 1 and inside[0].workload:
        return inside[0].workload
    return listing([node.name or local_id(node.uid) for node in inside], at_most=2)


def _columns(groups: Sequence[ShownGroup], ends: Sequence[tuple[int, int]]) -> list[int]:
    """Waves where there is a plan, else layers of the groups' graph; what does not move stands beside them."""
    moving = [at for at, group in enumerate(groups) if group.kind is GroupKind.MOVES]
    waved = any(groups[at].wave for at in moving)
    layer = [] if waved else layers(len(groups), ((a, b) for a, b in ends if {groups[a].kind, groups[b].kind} == {GroupKind.MOVES}))
    columns = []
    for at, group in enumerate(groups):
        if group.kind is GroupKind.MOVES:
            columns.append((group.wave or 0) if waved else layer[at])
        elif group.kind is GroupKind.OUTSIDE:
            columns.append(_FAR if group.id.endswith(", callers") else -_FAR)
        else:
            columns.append(1 - _FAR if group.kind is GroupKind.STAYS else 2 - _FAR)
    return columns
