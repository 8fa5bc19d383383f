"""GraphML: the graph for Gephi, yEd, Cytoscape and networkx."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar
from xml.sax.saxutils import escape, quoteattr

from reports.exports.attributes import EDGE_COLUMNS, NODE_COLUMNS, Column, Value, exported_edges, exported_nodes
from reports.graph.view import GraphView

_Row = TypeVar("_Row")
# What no XML 1.0 document may hold, not even as a reference (https://www.w3.org/TR/xml/#charsets).
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A parser turns these into spaces or line feeds unless they are written as references.
_KEPT = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def render_graphml(view: GraphView) -> str:
    """The graph as GraphML: a directed multigraph, nodes by uid; an attribute that is not known is left out.

    Characters that XML forbids are written as ``‹U+0000›``.
    """
    return "".join(f"{line}\n" for line in _lines(view))


def _lines(view: GraphView) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    yield from _keys("n", "node", NODE_COLUMNS)
    yield from _keys("e", "edge", EDGE_COLUMNS)
    for name in ("snapshot_id", "plan_id"):
        yield f'<key id="{name}" for="graph" attr.name="{name}" attr.type="string"/>'
    yield '<graph id="dependencies" edgedefault="directed">'
    yield _data("snapshot_id", view.snapshot_id)
    if view.plan_id is not None:
        yield _data("plan_id", view.plan_id)
    for node in exported_nodes(view):
        yield f"<node id={_attribute(node.uid)}>{_cells('n', NODE_COLUMNS, node)}</node>"
    for at, edge in enumerate(exported_edges(view)):
        ends = f"source={_attribute(edge.source_uid)} target={_attribute(edge.target_uid)}"
        yield f'<edge id="e{at}" {ends}>{_cells("e", EDGE_COLUMNS, edge)}</edge>'
    yield "</graph>"
    yield "</graphml>"


def _keys(prefix: str, what: str, columns: Iterable[Column[_Row]]) -> Iterator[str]:
    for column in columns:
        yield f'<key id="{prefix}_{column.name}" for="{what}" attr.name="{column.name}" attr.type="{column.kind}"/>'


def _cells(prefix: str, columns: Sequence[Column[_Row]], row: _Row) -> str:
    values = ((column.name, column.value(row)) for column in columns)
    return "".join(_data(f"{prefix}_{name}", value) for name, value in values if value is not None)


def _data(key: str, value: Value) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f'<data key="{key}">{escape(_allowed(text), _KEPT)}</data>'


def _attribute(text: str) -> str:
    return quoteattr(_allowed(text), _KEPT)


def _allowed(text: str) -> str:
    return _NO_XML.sub(lambda hit: f"\u2039U+{ord(hit.group()):04X}\u203a", text)
