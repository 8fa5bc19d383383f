"""Snapshots and editions in the ledger: what makes written parts visible."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from cloudmigrate.domain.assessment import Assessment
from cloudmigrate.domain.estate import Scope
from cloudmigrate.lake.lake import Part
from cloudmigrate.ledger.records import PartRow
from cloudmigrate.workspace import Workspace, utc_now


def new_snapshot_id(now: datetime) -> str:
    """An id that sorts by time and cannot be met twice, such as 20261122T203000Z-3f9a1c."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def begin_snapshot(workspace: Workspace, scope: Scope, *, run_id: str) -> str:
    """The id of a snapshot that nobody sees before it is committed."""
    now = utc_now()
    snapshot_id = new_snapshot_id(now)
    workspace.ledger.begin_snapshot(snapshot_id, workspace.estate.estate, run_id, scope=scope.model_dump(mode="json"), started_at=now)
    return snapshot_id


def commit_snapshot(workspace: Workspace, snapshot_id: str, parts: Sequence[Part]) -> None:
    """Make the snapshot visible with all its parts at once, and say so in the audit chain."""
    workspace.ledger.commit_snapshot(snapshot_id, [part_row(part) for part in parts])
    workspace.ledger.audit(
        "cloudmigrate", "snapshot.committed", snapshot_id, {"parts": len(parts), "rows": sum(part.rows for part in parts)}
    )


def publish(workspace: Workspace, snapshot_id: str, dataset: str, parts: Sequence[Part], edition: str) -> None:
    """Make a new edition of a derived dataset the one that views show."""
    workspace.ledger.publish_parts(snapshot_id, dataset, [part_row(part) for part in parts], edition=edition)


def publish_together(workspace: Workspace, snapshot_id: str, made: Mapping[str, Sequence[Part]], edition: str) -> None:
    """Make a new edition of each of these datasets the one that views show, all at once; parts without rows are left out."""
    parts = {dataset: [part_row(part) for part in some if part.rows] for dataset, some in made.items()}
    workspace.ledger.publish_together(snapshot_id, parts, edition=edition)


def part_row(part: Part) -> PartRow:
    """The ledger's record of a part in the lake."""
    return PartRow(dataset=part.dataset, path=part.path, rows=part.rows, bytes=part.bytes)


def assessment_of(
    workspace: Workspace,
    snapshot_id: str,
    *,
    plan_id: str | None = None,
    reports: Sequence[str] = (),
    metric_gaps: int | None = None,
    flow_log_gaps: int | None = None,
) -> Assessment:
    """The ids and counts of a snapshot, as scripts get them."""
    with workspace.views(snapshot_id) as views:
        counts = {row["type"]: row["resources"] for row in views.run("counts_by_type")}
        coverage = {row["status"]: row["look_ups"] for row in views.run("coverage_by_status")}
    return Assessment(snapshot_id, plan_id, tuple(reports), counts, coverage, metric_gaps, flow_log_gaps)
