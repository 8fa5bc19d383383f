"""What the offline commands read: rows out of committed snapshots; no cloud call, no Prefect."""

from pathlib import Path
from typing import Any

from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.estate_file import load_estate
from cloudmigrate.workspace import Workspace

Row = dict[str, Any]
DIFF_COLUMNS = ("change", "type", "name", "attribute", "before", "after", "why", "account_id", "region", "uid")


def open_workspace(path: Path) -> Workspace:
    """The workspace of an estate file. Raises EstateFileError, LedgerError, LakeError."""
    return Workspace.open(load_estate(path))


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
        rows += [_diff_row(change, entry, entry.why) for entry in getattr(found, change)]
    for changed in found.changed:
        rows += [_diff_row("changed", changed.entry, None, one.path, one.before, one.after) for one in changed.changes]
    return rows


def _diff_row(change: str, entry: Any, why: str | None, attribute: str | None = None, before: Any = None, after: Any = None) -> Row:
    return {
        "change": change,
        "type": entry.type,
        "name": entry.name,
        "attribute": attribute,
        "before": before,
        "after": after,
        "why": why,
        "account_id": entry.account_id,
        "region": entry.region,
        "uid": entry.uid,
    }
