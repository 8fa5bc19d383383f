"""DOT: the graph for Graphviz, a cluster for each move group."""

from collections.abc import Iterator, Sequence

from reports.exports.attributes import exported_edges, exported_nodes
from reports.graph.ends import drawn_nodes
from reports.graph.view import EdgeRow, GraphView, NodeRow
from reports.graph.words import edge_port
from reports.readiness.text import visible


def render_dot(view: GraphView) -> str:
    """The graph as a DOT digraph: waves from left to right, dashed where only configuration states an edge.

    Nodes are n0, n1 and so on, with their uid as an attribute; control characters of names are written visibly.
    """
    return "".join(f"{line}\n" for line in _lines(view))


def quoted(text: str) -> str:
    """*text* as a DOT string that shows it as it is: a backslash, a quote or a line break in it ends nothing and means nothing."""
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _lines(view: GraphView) -> Iterator[str]:
    shown = {row.uid for row in drawn_nodes(view)}
    nodes = [row for row in exported_nodes(view) if row.uid in shown or not row.account_id]
    number = {row.uid: f"n{at}" for at, row in enumerate(nodes)}
    yield "digraph dependencies {"
    yield "  rankdir=LR; compound=true; node [shape=box];"
    yield f"  label={quoted(f'{view.title}, snapshot {view.snapshot_id}')};"
    loose = [row for row in nodes if row.move_group is None]
    called = {row.id: row.label or row.id for row in view.groups}
    for at, (group, members) in enumerate(_grouped(nodes)):
        yield f"  subgraph cluster_{at} {{"
        label, wave = called.get(group, group), members[0].wave
        yield f"    label={quoted(f'{label}, wave {wave}' if wave else label)};"
        yield from (f"    {_node(row, number)}" for row in members)
        yield "  }"
    yield from (f"  {_node(row, number)}" for row in loose)
    yield from (f"  {_edge(row, number)}" for row in exported_edges(view))
    yield "}"


def _grouped(nodes: Sequence[NodeRow]) -> list[tuple[str, list[NodeRow]]]:
    found: dict[tuple[int, str], list[NodeRow]] = {}
    for row in nodes:
        if row.move_group is not None:
            found.setdefault((row.wave or 0, row.move_group), []).append(row)
    return [(group, members) for (_, group), members in sorted(found.items())]


def _node(row: NodeRow, number: dict[str, str]) -> str:
    extra = "" if row.account_id else ", shape=ellipse"
    risk = f", risk={quoted(row.risk_level)}" if row.risk_level else ""
    return f"{number[row.uid]} [label={quoted(row.name or row.uid)}, uid={quoted(row.uid)}, type={quoted(row.type)}{risk}{extra}];"


def _edge(row: EdgeRow, number: dict[str, str]) -> str:
    style = "" if row.observed else ", style=dashed"
    shut = ", color=red" if row.observed and row.allowed is False else ""
    return f"{number[row.source_uid]} -> {number[row.target_uid]} [label={quoted(edge_port(row))}, bytes={row.bytes}{style}{shut}];"
