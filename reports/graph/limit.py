"""A large graph cut to what a page beside much else can hold."""

from collections.abc import Sequence
from dataclasses import replace

from reports.graph.ends import drawn_nodes
from reports.graph.view import EdgeRow, GraphView


def limited(view: GraphView, *, nodes_at_most: int, edges_at_most: int) -> GraphView:
    """The view with at most so many nodes and edges, and the numbers of those left out.

    Dependencies with the most bytes stay; stated ones without traffic come last. Resources without one of these go first.
    """
    nodes = drawn_nodes(view)
    if len(nodes) <= nodes_at_most and len(view.edges) <= edges_at_most:
        return view
    edges = sorted(view.edges, key=_lightest_last)
    kept = _bearable(edges, edges_at_most, {row.uid for row in nodes}, nodes_at_most)
    ends = {uid for row in kept for uid in (row.source_uid, row.target_uid)}
    stay = [row for row in nodes if row.uid in ends]
    stay += [row for row in nodes if row.uid not in ends][: max(nodes_at_most - len(stay), 0)]
    staying = {row.uid for row in stay}
    return replace(
        view,
        nodes=tuple(sorted(stay, key=lambda row: row.uid)),
        edges=tuple(kept),
        left_out_nodes=len(nodes) - len(staying),
        left_out_edges=len(view.edges) - len(kept),
    )


def _bearable(edges: Sequence[EdgeRow], edges_at_most: int, inside: set[str], nodes_at_most: int) -> list[EdgeRow]:
    """The first edges, as many as the limits of edges and of their ends allow."""
    kept: list[EdgeRow] = []
    ends: set[str] = set()
    for row in edges:
        if len(kept) == edges_at_most:
            break
        new = ({row.source_uid, row.target_uid} & inside) - ends
        if len(ends) + len(new) <= nodes_at_most:
            ends |= new
            kept.append(row)
    return kept


def _lightest_last(row: EdgeRow) -> tuple[object, ...]:
    return (not row.observed, -row.bytes, row.source_uid, row.target_uid, row.protocol or 0, row.port or 0)
