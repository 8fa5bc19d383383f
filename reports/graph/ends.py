"""The nodes of a graph with the ends of its edges that are no resource of the inventory."""

from reports.graph.view import GraphView, NodeRow
from reports.readiness.text import local_id


def drawn_nodes(view: GraphView) -> tuple[NodeRow, ...]:
    """The view's nodes by uid, without plumbing that is folded into another and that no edge ends at."""
    ends = {uid for row in view.edges for uid in (row.source_uid, row.target_uid)}
    return tuple(row for row in sorted(view.nodes, key=lambda row: row.uid) if row.folded_into is None or row.uid in ends)


def outside_nodes(view: GraphView) -> tuple[NodeRow, ...]:
    """A node for each end of an edge that the view has none for, by uid."""
    known = {row.uid for row in view.nodes}
    strangers = {uid for row in view.edges for uid in (row.source_uid, row.target_uid)} - known
    return tuple(_outside(uid) for uid in sorted(strangers))


def _outside(uid: str) -> NodeRow:
    scheme, _, rest = uid.partition(":")
    if scheme in ("external", "unknown"):
        return NodeRow(uid, rest, f"{scheme} end", "", "")
    return NodeRow(uid, local_id(uid), "not in the inventory", "", "")
