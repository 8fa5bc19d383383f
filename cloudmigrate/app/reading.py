"""What the offline commands read: rows out of committed snapshots; no cloud call, no Prefect."""

from pathlib import Path
from typing import Any

from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.estate_file import load_estate
from cloudmigrate.workspace import Workspace

Row = dict[str, Any]


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
    """One row per resource that appeared or vanished, and per changed attribute."""
    from cloudmigrate.domain.diff import diff_inventories

    with workspace.views(before) as old, workspace.views(after) as new:
        changes = diff_inventories(
            old.run("inventory_all"),
            new.run("inventory_all"),
            before_coverage=old.run("coverage_all"),
            after_coverage=new.run("coverage_all"),
        )
    return [change.row() for change in changes]
