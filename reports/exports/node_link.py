"""JSON in the node-link form that networkx and d3 read."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from reports.exports.attributes import EDGE_COLUMNS, NODE_COLUMNS, Column, exported_edges, exported_nodes
from reports.graph.view import GraphView
from reports.readiness.document import as_data

_Row = TypeVar("_Row")
FORMAT = "cloudmigrate.graph/1"


def render_node_link(view: GraphView) -> str:
    """The graph as one JSON object in ASCII: ``nodes`` (``id`` is the uid), ``edges`` (``source``, ``target``, ``key``), and the plan's
    ``groups`` and ``waves`` under ``graph``; one record a line.
    """
    graph = {
        "format": FORMAT,
        "title": view.title,
        "snapshot_id": view.snapshot_id,
        "plan_id": view.plan_id,
        "notes": as_data(view.notes),
        "groups": as_data(view.groups),
        "waves": as_data(view.waves),
        "shared": as_data(view.shared),
    }
    nodes = (_cells(NODE_COLUMNS, row, {"id": row.uid}) for row in exported_nodes(view))
    edges = (
        _cells(EDGE_COLUMNS, row, {"source": row.source_uid, "target": row.target_uid, "key": at})
        | {"statements": list(row.statements), "via": list(row.via)}
        for at, row in enumerate(exported_edges(view))
    )
    head = f'{{\n "directed": true,\n "multigraph": true,\n "graph": {_text(graph)},\n'
    return f'{head} "nodes": {_lines(nodes)},\n "edges": {_lines(edges)}\n}}\n'


def _cells(columns: Sequence[Column[_Row]], row: _Row, ends: dict[str, Any]) -> dict[str, Any]:
    return ends | {column.name: column.value(row) for column in columns}


def _lines(records: Iterable[object]) -> str:
    text = ",\n  ".join(map(_text, records))
    return f"[\n  {text}\n ]" if text else "[]"


def _text(value: object) -> str:
    return json.dumps(as_data(value), ensure_ascii=True, allow_nan=False)
