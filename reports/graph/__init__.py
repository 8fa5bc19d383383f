"""The interactive dependency graph: one typed view, told as a self-contained HTML file or as a section of the readiness report."""

from reports.graph.html import graph_part, render_graph
from reports.graph.view import GraphView

__all__ = ["GraphView", "graph_part", "render_graph"]
