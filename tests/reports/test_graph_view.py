"""What the drawing leaves out, and that it says so."""

from dataclasses import replace

import pytest

from reports.graph import graph_part, render_graph
from reports.graph.arrange import arrange
from reports.graph.limit import limited
from reports.graph.view import GraphView
from tests.reports.sample_graph import sample_graph
from tests.reports.test_exports import DB, PIPE, WEB, tiny


def test_a_graph_within_its_limits_stays_as_it_is() -> None:
    view = tiny()
    assert limited(view, nodes_at_most=2, edges_at_most=3) is view


def test_the_heaviest_dependencies_stay_and_the_rest_is_counted() -> None:
    cut = limited(tiny(), nodes_at_most=10, edges_at_most=1)
    assert [(edge.target_uid, edge.bytes) for edge in cut.edges] == [(DB, 1000)]
    assert [node.uid for node in cut.nodes] == [WEB, DB]  # the folded interface is not drawn anyhow
    assert (cut.left_out_nodes, cut.left_out_edges) == (0, 2)
    assert "Left out here: 2 dependencies, those with the fewest bytes." in graph_part(cut).section


@pytest.mark.parametrize(("nodes", "edges"), [(0, 0), (1, 5), (40, 10), (40, 1000), (1000, 40)])
def test_what_stays_and_what_is_left_out_add_up(nodes: int, edges: int) -> None:
    view = sample_graph(150)
    cut = limited(view, nodes_at_most=nodes, edges_at_most=edges)
    inside = {row.uid for row in view.nodes}
    ends = {uid for row in cut.edges for uid in (row.source_uid, row.target_uid)}
    assert len(cut.nodes) + cut.left_out_nodes == len(view.nodes)
    assert len(cut.edges) + cut.left_out_edges == len(view.edges)
    assert len(cut.nodes) <= nodes
    assert len(cut.edges) <= edges
    assert ends & inside <= {row.uid for row in cut.nodes}  # no resource turns into an end outside


def test_plumbing_is_not_drawn_but_told() -> None:
    view = tiny()
    assert PIPE not in {node.uid for node in arrange(view).nodes}
    assert "1 resource is plumbing (interfaces, listeners, target groups and the like), folded into what it serves" in render_graph(view)


def test_plumbing_that_an_edge_ends_at_is_drawn() -> None:
    view = tiny()
    edges = (*view.edges, replace(view.edges[0], target_uid=PIPE))
    assert PIPE in {node.uid for node in arrange(replace(view, edges=edges)).nodes}


def test_notes_on_what_was_not_measured_stand_first() -> None:
    html = render_graph(replace(tiny(), notes=("Risk was not scored.",)))
    assert html.index("Risk was not scored.") < html.index('id="graph-app"')


def test_an_empty_graph_has_no_script() -> None:
    part = graph_part(GraphView("acme", "s", tiny().snapshot_at, None, (), ()))
    assert (part.script, str(part.data)) == ("", "")
    assert "Nothing to draw" in part.section


def test_the_same_view_gives_the_same_bytes() -> None:
    assert render_graph(sample_graph(80)) == render_graph(sample_graph(80))
