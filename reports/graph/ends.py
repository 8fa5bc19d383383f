"""The nodes of a graph with the ends of its edges that are no resource of the inventory."""

from dataclasses import replace

from cloudmigrate.domain.naming import local_id
from reports.graph.view import GraphView, NodeRow
from reports.readiness.naming import distinct_names, end_name


def drawn_nodes(view: GraphView) -> tuple[NodeRow, ...]:
    """The view's nodes by uid, without plumbing that is folded into another and that no edge ends at."""
    ends = {uid for row in view.edges for uid in (row.source_uid, row.target_uid)}
    return tuple(row for row in sorted(view.nodes, key=lambda row: row.uid) if row.folded_into is None or row.uid in ends)


def outside_nodes(view: GraphView) -> tuple[NodeRow, ...]:
    """A node for each end of an edge that the view has none for, by uid."""
    known = {row.uid for row in view.nodes}
    strangers = {uid for row in view.edges for uid in (row.source_uid, row.target_uid)} - known
    return tuple(_outside(uid) for uid in sorted(strangers))


def with_distinct_names(view: GraphView) -> GraphView:
    """The view for people: no two of its nodes share a name. Given such a view, it is the same."""
    shown = distinct_names(view.nodes)
    return replace(view, nodes=tuple(row if row.name == shown[row.uid] else replace(row, name=shown[row.uid]) for row in view.nodes))


def _outside(uid: str) -> NodeRow:
    scheme = uid.partition(":")[0]
    if scheme in ("external", "unknown"):
        return NodeRow(uid, end_name(uid), f"{scheme} end", "", "")
    return NodeRow(uid, local_id(uid), "not in the inventory", "", "")
