"""The dependency graph for other programs: GraphML, DOT, JSON and CSV, each made from one graph view; the same bytes for the same view."""

from reports.exports.csv_tables import edges_csv, nodes_csv, original_cell, waves_csv
from reports.exports.dot import render_dot
from reports.exports.graphml import render_graphml
from reports.exports.node_link import render_node_link

__all__ = ["edges_csv", "nodes_csv", "original_cell", "render_dot", "render_graphml", "render_node_link", "waves_csv"]
