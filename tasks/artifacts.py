"""What a person wants to see of a run in the Prefect UI: coverage, dependencies, utilisation, patterns, sizes, costs, waves."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from cloudmigrate.domain.baseline import NOT_BY_COST
from cloudmigrate.domain.cost_policy import NO_PRICES
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.plan import Plan
from cloudmigrate.lake.baseline import gate_of
from cloudmigrate.workspace import Workspace

ROWS_AT_MOST = 200
MARKED = re.compile(r"[\\`*\[\]|#~<>&]|(?<!\w)_|_(?!\w)")  # what Markdown may take for more than text; not the _ within a word


def coverage_table(workspace: Workspace, snapshot_id: str) -> None:
    """Publish what was looked at, by account, region and service: gaps first."""
    with workspace.views(snapshot_id) as views:
        rows = views.run("artifact_coverage")
    _table(f"coverage-{workspace.estate.estate}", rows, f"Coverage of snapshot {snapshot_id}: what was looked at, gaps first.")


def dependencies_table(workspace: Workspace, snapshot_id: str, gaps: int | None) -> None:
    """Publish how many dependencies there are of which kind, and with what evidence."""
    with workspace.views(snapshot_id) as views:
        rows = views.run("artifact_dependencies")
    told = f"{counted(gaps, 'place')} of flow logs not wholly read" if gaps else "every place of flow logs was wholly read"
    told = "no flow logs: traffic is not measured" if gaps is None else told
    _table(f"dependencies-{workspace.estate.estate}", rows, f"Dependencies in snapshot {snapshot_id}; {told}.")


def shared_services_table(workspace: Workspace, snapshot_id: str) -> None:
    """Publish what is held out of grouping, and why."""
    with workspace.views(snapshot_id) as views:
        rows = [{name: str(value) for name, value in row.items()} for row in views.rows("shared_services")]
    _table(f"shared-services-{workspace.estate.estate}", rows, f"Shared services in snapshot {snapshot_id}.")


def utilisation_table(workspace: Workspace, snapshot_id: str) -> None:
    """Publish CPU and memory use, busiest first."""
    _asked_table(workspace, snapshot_id, "utilisation", f"Use of capacity in snapshot {snapshot_id}, busiest first.")


def patterns_table(workspace: Workspace, snapshot_id: str) -> None:
    """Publish how each resource's use goes over time, and why it is called so: what may be idle first."""
    _asked_table(workspace, snapshot_id, "patterns", f"Patterns of use in snapshot {snapshot_id}, idle first.")


def sizing_table(workspace: Workspace, snapshot_id: str) -> None:
    """Publish which size each resource needs, and what came second: changes first."""
    _asked_table(workspace, snapshot_id, "sizing", f"Sizes by use in snapshot {snapshot_id}, changes first.")


def costs_table(workspace: Workspace, snapshot_id: str) -> None:
    """Publish what the estate costs in each scenario and term, and how much of it has no price; now alone where forecasts are withheld."""
    with workspace.views(snapshot_id) as views:
        held = gate_of(views)
        rows = [{name: str(value) for name, value in row.items()} for row in views.run("artifact_costs", forecasts=not held.withheld)]
    told = f"list prices in USD for a month of 730 hours; {held.reason}" if rows else f"none: {NO_PRICES}"
    _table(f"costs-{workspace.estate.estate}", rows, f"Costs in snapshot {snapshot_id}, {told}.")


def recommendations_table(workspace: Workspace, snapshot_id: str) -> None:
    """Publish the strategy of each workload and resource, and why: what a person should look at first."""
    with workspace.views(snapshot_id) as views:
        rows, held = views.run("artifact_recommendations"), gate_of(views)
    told = f"Strategies recommended in snapshot {snapshot_id}, open questions first."
    _table(f"recommendations-{workspace.estate.estate}", rows, f"{told} {NOT_BY_COST}: {held.reason}." if held.withheld else told)


def waves_page(workspace: Workspace, plan: Plan) -> None:
    """Publish the plan's waves as a page: when each takes place, how large it is, and of which types."""
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        types = {row["wave"]: row["types"] for row in views.run("artifact_waves")}
    lines = [f"# Waves of {plan.plan_id}", ""]
    lines += ["| wave | days | resources | servers | hours | move groups | types |", "|---:|---|---:|---:|---:|---:|---|"]
    for wave in plan.content["waves"]:
        days = f"{wave['starts_on']} to {wave['ends_on']}" if wave["starts_on"] else "not dated"
        sizes = f"{wave['resources']} | {wave['servers']} | {wave['effort_hours']:g} | {len(wave['groups'])}"
        lines.append(f"| {wave['wave']} | {days} | {sizes} | {types.get(wave['wave'], 'none')} |")
    lines += ["", *(f"* Not known: {as_markdown(note.rstrip('.'))}." for note in plan.content["notes"])]
    create_markdown_artifact("\n".join(lines), key=f"waves-{workspace.estate.estate}", description=f"Plan {plan.plan_id}")


def as_markdown(text: str) -> str:
    """Text as it is, where markdown is expected: names and tags come from strangers."""
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", html.escape(" ".join(text.split()), quote=False))


def as_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for a table artifact, whose cells Prefect's UI takes for Markdown: without this, tags in a name vanish and links in it work.

    What is plain stays as it is, so that it is found by the table's search.
    """
    return {name: as_markdown(value) if isinstance(value, str) and MARKED.search(value) else value for name, value in row.items()}


def _asked_table(workspace: Workspace, snapshot_id: str, name: str, words: str) -> None:
    """Publish the rows of the query artifact_NAME."""
    with workspace.views(snapshot_id) as views:
        rows = views.run(f"artifact_{name}")
    _table(f"{name}-{workspace.estate.estate}", rows, words)


def _table(key: str, rows: Sequence[Mapping[str, Any]], description: str) -> None:
    shown = [as_cells(row) for row in rows[:ROWS_AT_MOST]]
    more = f" {counted(len(rows) - ROWS_AT_MOST, 'further row')}: `cloudmigrate query`." if len(rows) > ROWS_AT_MOST else ""
    create_table_artifact(shown or [{"nothing": "no rows"}], key=key, description=description + more)
