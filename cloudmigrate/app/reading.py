"""What the offline commands read: rows out of committed snapshots; no cloud call, no Prefect."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudmigrate.domain.assessment import scope_text
from cloudmigrate.domain.estate import Scope
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.estate_file import load_estate
from cloudmigrate.workspace import Workspace

if TYPE_CHECKING:
    from cloudmigrate.domain.diff import Entry

Row = dict[str, Any]
SNAPSHOT_COLUMNS = ("snapshot", "started_at", "scope", "metrics", "plans")
MADE_BY = {
    "dependencies": (
        *("conversations", "interface_logs", "flow_log_objects", "flow_log_sources", "flow_log_coverage", "traffic", "traffic_activity"),
        *("observation", "dependencies", "plumbing", "rule_findings", "shared_services", "workloads"),
    ),
    "metrics": (
        *("metric_coverage", "utilisation", "utilisation_profile", "patterns", "sizing"),
        *("bill_lines", "costs", "commitment_plan", "baseline", "risks", "risk_factors", "workload_risks", "recommendations"),
        "commitment_plan_recommended",
    ),
    "prices refresh": ("prices", "spot_prices", "instance_types", "commitments", "price_coverage"),
    "plan": ("waves", "unplanned", "needed_rules", "cash_curve"),
}
DIFF_COLUMNS = ("change", "type", "name", "attribute", "before", "after", "why", "account_id", "region", "uid")


def open_workspace(path: Path) -> Workspace:
    """The workspace of an estate file. Raises EstateFileError, LedgerError, LakeError."""
    return Workspace.open(load_estate(path))


def snapshot_rows(workspace: Workspace) -> list[Row]:
    """One row per committed snapshot, newest first."""
    rows = []
    for one in workspace.ledger.snapshots(workspace.estate.estate, limit=1000):
        plans = [plan.plan_id for plan in workspace.ledger.plans(one.snapshot_id)]
        window = f"{one.window_start:%Y-%m-%d} to {one.window_end:%Y-%m-%d}" if one.window_start and one.window_end else "not collected"
        scope = scope_text(Scope.model_validate(one.scope)) or "everything"
        rows.append(dict(zip(SNAPSHOT_COLUMNS, (one.snapshot_id, str(one.started_at), scope, window, ", ".join(plans)), strict=True)))
    return rows


def with_newest_plan(row: Row) -> Row:
    """A row of `snapshot_rows` for a table: of its plans the newest, and how many more of the newest 20 there are."""
    newest, *older = row["plans"].split(", ")
    return {**row, "plans": f"{newest} and {len(older)} older" if older else newest}


def notes_on(workspace: Workspace, snapshot: str | None, sql: str) -> list[str]:
    """What a person must know to read an answer rightly: a snapshot of a part only, a dataset that was never made."""
    chosen = workspace.snapshot(snapshot)
    made = workspace.ledger.parts_of(chosen.snapshot_id)
    scope = scope_text(Scope.model_validate(chosen.scope))
    notes = [f"snapshot {chosen.snapshot_id} was taken of {scope} only."] if scope else []
    for command, names in MADE_BY.items():
        for name in names:
            if name not in made and re.search(rf"\b{name}\b", sql, re.IGNORECASE):
                notes.append(
                    f"{name} was never made for snapshot {chosen.snapshot_id}, so it is empty. Next: run `cloudmigrate {command}`."
                )
    if "traffic" in made and not made.get("flow_log_sources") and re.search(r"\b(traffic|observation|dependencies)\b", sql, re.IGNORECASE):
        notes.append(f"there were no flow logs to read for snapshot {chosen.snapshot_id}: traffic is not measured.")
    return notes


def coverage_rows(workspace: Workspace, snapshot: str | None, *, gaps_only: bool) -> tuple[list[str], list[Row], bool]:
    """Columns and rows of the coverage view, and whether any row is a gap."""
    with workspace.views(snapshot) as views:
        rows = views.run("coverage_all")
    has_gaps = any(CoverageStatus(row["status"]).is_gap for row in rows)
    if gaps_only:
        rows = [row for row in rows if CoverageStatus(row["status"]).is_gap]
    columns = ["account_id", "region", "service", "type", "status", "resources", "error_code", "missing_action", "detail"]
    return columns, [{column: row[column] for column in columns} for row in rows], has_gaps


def diff_rows(workspace: Workspace, before: str, after: str) -> list[Row]:
    """One row per resource that appeared, vanished or was not looked at in one of the two, and per changed attribute."""
    from cloudmigrate.domain.diff import diff_inventories

    older, newer = workspace.snapshot(before), workspace.snapshot(after)
    with workspace.views(before) as old, workspace.views(after) as new:
        found = diff_inventories(
            old.run("diff_inventory"),
            new.run("diff_inventory"),
            coverage_before=old.run("coverage_all"),
            coverage_after=new.run("coverage_all"),
            tags_before=older.scope.get("tags", ()),
            tags_after=newer.scope.get("tags", ()),
            regions_before=older.scope.get("regions", ()),
            regions_after=newer.scope.get("regions", ()),
        )
    rows = []
    for change in ("appeared", "vanished", "first_seen", "not_seen"):
        rows += [_diff_row(change, entry) | {"why": entry.why} for entry in getattr(found, change)]
    for changed in found.changed:
        row = _diff_row("changed", changed.entry)
        rows += [row | {"attribute": one.path, "before": one.before, "after": one.after} for one in changed.changes]
    return rows


def _diff_row(change: str, entry: "Entry") -> Row:
    known = {"change": change, "type": entry.type, "name": entry.name}
    return dict.fromkeys(DIFF_COLUMNS) | known | {"account_id": entry.account_id, "region": entry.region, "uid": entry.uid}
