"""`cloudmigrate graph`: the dependency graph for other programs and people, from the lake alone; no cloud call, no Prefect."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, EstateOption, PlanOption, SnapshotOption
from cloudmigrate.app.output import say
from cloudmigrate.errors import CloudMigrateError

if TYPE_CHECKING:
    from reports.graph import GraphView

graph_app = App(name="graph", help="The dependency graph: export it for other programs, or as a page of its own.")


class GraphFormat(StrEnum):
    """What the graph is written as."""

    GRAPHML = "graphml"
    DOT = "dot"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


@graph_app.command
def export(
    *,
    form: Annotated[
        GraphFormat,
        Parameter(
            name=["--format", "-f"],
            help="csv writes three files beside --out: NAME.nodes.csv, NAME.edges.csv, NAME.waves.csv; "
            "the last can be edited and read back by `cloudmigrate plan import`.",
        ),
    ],
    out: Annotated[Path, Parameter(help="The file to write; one that is there is replaced.")],
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
    plan_id: PlanOption = None,
) -> int:
    """Write the dependency graph of a snapshot and plan to a file."""
    from cloudmigrate.app.reading import open_workspace
    from tasks.graph_view import read_graph
    from tasks.whole_files import put_whole

    view = read_graph(open_workspace(estate), snapshot, plan_id)
    for path, text in rendered(view, form, out).items():
        try:
            put_whole(path, text.encode("utf-8", errors="replace"))
        except OSError as error:
            raise CloudMigrateError(f"write {path}: {error.strerror}. Next: name a file in a folder you can write to.") from error
        print(path)
    for note in view.notes:
        say(f"note: {note}")
    return DONE


def rendered(view: "GraphView", form: GraphFormat, out: Path) -> Mapping[Path, str]:
    """The text of each file to write."""
    from reports import exports
    from reports.graph import render_graph

    if form is GraphFormat.CSV:
        base = out.with_suffix("") if out.suffix.lower() == ".csv" else out
        tables = {"nodes": exports.nodes_csv, "edges": exports.edges_csv, "waves": exports.waves_csv}
        return {base.with_name(f"{base.name}.{name}.csv"): render(view) for name, render in tables.items()}
    renderers: dict[GraphFormat, Callable[[GraphView], str]] = {
        GraphFormat.GRAPHML: exports.render_graphml,
        GraphFormat.DOT: exports.render_dot,
        GraphFormat.JSON: exports.render_node_link,
        GraphFormat.HTML: render_graph,
    }
    return {out: renderers[form](view)}
