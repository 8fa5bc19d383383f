"""The rows that stand in the graph's tables without a script; the templates neither sort nor count."""

from collections import Counter
from dataclasses import dataclass

from reports.graph import words
from reports.graph.arrange import Arranged, GroupKind, ShownGroup, worst
from reports.graph.view import EdgeRow, NodeRow
from reports.readiness.words import NARROW_SPACE, number

ROWS_WITHOUT_SCRIPT = 50
_KIND_WORDS = {
    GroupKind.MOVES: "Move group",
    GroupKind.STAYS: "Resources that stay",
    GroupKind.SHARED: "Shared service",
    GroupKind.OUTSIDE: "Outside the estate",
}
_ALLOWED_WORDS = {True: "yes", False: "no", None: "not known"}


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """One dependency."""

    edge: EdgeRow
    source: NodeRow
    target: NodeRow
    port: str
    evidence: str
    shut: bool
    confidence: str
    allowed: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group; *needs* and *needed_by* count other groups, *bytes* go between it and them."""

    group: ShownGroup
    kind: str
    risk: str
    needs: int
    needed_by: int
    bytes: int


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One resource; *needs* and *needed_by* count edges."""

    node: NodeRow
    points: str
    needs: int
    needed_by: int


def edge_lines(arranged: Arranged) -> tuple[EdgeLine, ...]:
    """The first dependencies, those with the most bytes first."""
    first = list(zip(arranged.edges, arranged.ends, strict=True))[:ROWS_WITHOUT_SCRIPT]
    return tuple(
        EdgeLine(
            edge,
            arranged.nodes[source],
            arranged.nodes[target],
            words.edge_port(edge),
            words.evidence_word(edge),
            edge.observed and edge.allowed is False,
            f"{round(edge.confidence * 100)}{NARROW_SPACE}%",
            _ALLOWED_WORDS[edge.allowed],
        )
        for edge, (source, target) in first
    )


def group_lines(arranged: Arranged) -> tuple[GroupLine, ...]:
    """The first groups."""
    needs: dict[int, set[int]] = {}
    needed_by: dict[int, set[int]] = {}
    across: Counter[int] = Counter()
    for edge, (source, target) in zip(arranged.edges, arranged.ends, strict=True):
        a, b = arranged.group_of[source], arranged.group_of[target]
        if a != b:
            needs.setdefault(a, set()).add(b)
            needed_by.setdefault(b, set()).add(a)
            across.update({a: edge.bytes, b: edge.bytes})
    return tuple(
        GroupLine(
            group,
            _KIND_WORDS[group.kind],
            worst(arranged.nodes[member].risk_level for member in group.members) or "–",
            len(needs.get(at, ())),
            len(needed_by.get(at, ())),
            across[at],
        )
        for at, group in enumerate(arranged.groups[:ROWS_WITHOUT_SCRIPT])
    )


def node_lines(arranged: Arranged) -> tuple[NodeLine, ...]:
    """The first resources."""
    needs = Counter(source for source, _ in arranged.ends)
    needed_by = Counter(target for _, target in arranged.ends)
    return tuple(NodeLine(node, _points(node), needs[at], needed_by[at]) for at, node in enumerate(arranged.nodes[:ROWS_WITHOUT_SCRIPT]))


def _points(node: NodeRow) -> str:
    if node.risk_points is None:
        return "–"
    upper = node.risk_upper_points
    return f"{number(node.risk_points)}–{number(upper)}" if upper is not None and upper > node.risk_points else number(node.risk_points)
