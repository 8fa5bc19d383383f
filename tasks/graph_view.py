"""The dependency graph's view, read from the lake: nodes and edges, the plan's groups and dates, and what was not measured."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace
from reports.graph import view as g
from reports.graph.words import when_text
from reports.readiness.dependency_view import EdgeRow, SharedRow
from tasks.readiness_view import snapshot_time

_BINDING = ("needs", "part")
NOT_MAPPED = "Dependencies were not mapped for this snapshot: every line is stated by configuration. Next: run `cloudmigrate dependencies`."
NO_LOGS = "No flow logs were read: every line is stated by configuration, and traffic that configuration does not name is missing."
NO_RISK = "Risk was not scored."
NO_RULES = "Whether rules let a dependency through was not judged."


def build_graph_view(
    views: Views,
    *,
    title: str,
    snapshot_id: str,
    plan_document: Mapping[str, Any] | None = None,
    relation_roles: Mapping[str, str] | None = None,
    edges: Sequence[EdgeRow] | None = None,
) -> g.GraphView:
    """The graph of one snapshot (and one plan of it); datasets that were never made are said in *notes*, not shown as empty.

    *relation_roles* maps a kind of relation to needs, part or setting. *edges* spares reading them again.
    """
    found = tuple(dependency_edges(views, relation_roles or {}) if edges is None else edges)
    ends = {uid for row in found for uid in (row.source_uid, row.target_uid)}
    folded = {row["uid"]: row["into_uid"] for row in views.rows("plumbing")} if is_made(views, "plumbing") else {}
    document = plan_document or {}
    window = logged_window(views)
    return g.GraphView(
        title=title,
        snapshot_id=snapshot_id,
        snapshot_at=snapshot_time(snapshot_id),
        plan_id=document.get("plan_id"),
        nodes=tuple(
            g.NodeRow(**row, folded_into=folded.get(row["uid"]))
            for row in views.run("graph_nodes")
            if row["wave"] is not None or row["uid"] in ends
        ),
        edges=found,
        groups=_groups(document),
        waves=tuple(
            g.WaveRow(wave["wave"], when_text(wave.get("starts_on"), wave.get("ends_on"), pilot=bool(wave.get("pilot"))))
            for wave in document.get("waves", ())
        ),
        shared=shared_rows(views) or (),
        traffic_from_at=window[0] if window else None,
        traffic_to_at=window[1] if window else None,
        notes=tuple(_notes(views, found)),
    )


def read_graph(workspace: Workspace, snapshot_id: str | None, plan_id: str | None) -> g.GraphView:
    """The graph of that snapshot and plan, the newest by default, from the lake alone. Raises UnknownSnapshotError, UnknownPlanError."""
    from cloudmigrate.aws.catalogue import RELATION_ROLES

    snapshot = workspace.snapshot(snapshot_id)
    plan = workspace.plan(snapshot.snapshot_id, plan_id)
    with workspace.views(snapshot.snapshot_id, plan_id) as views:
        return build_graph_view(
            views,
            title=workspace.estate.estate,
            snapshot_id=snapshot.snapshot_id,
            plan_document=json.loads(workspace.lake.read_document(plan.path)) if plan else None,
            relation_roles={kind: role.value for kind, role in RELATION_ROLES.items()},
        )


def is_made(views: Views, dataset: str) -> bool:
    """Whether the snapshot has that dataset at all, be it without rows."""
    return dataset in views.selection.parts


def dependency_edges(views: Views, relation_roles: Mapping[str, str]) -> tuple[EdgeRow, ...]:
    """The snapshot's dependencies, those with the most bytes first; where none were mapped, what configuration states."""
    if is_made(views, "dependencies"):
        return tuple(EdgeRow(**_tuples(row)) for row in views.run("dependency_edges"))
    kinds = sorted(kind for kind, role in relation_roles.items() if role in _BINDING)
    return tuple(_stated(row) for row in views.run("stated_edges", kinds=kinds))


def shared_rows(views: Views) -> tuple[SharedRow, ...] | None:
    """Resources that serve many, those with the most peers first; None where nobody looked."""
    if not is_made(views, "shared_services"):
        return None
    rows = [SharedRow(**_tuples(row)) for row in views.rows("shared_services")]
    return tuple(sorted(rows, key=lambda row: (-row.peers, row.uid)))


def logged_window(views: Views) -> tuple[datetime, datetime] | None:
    """The beginnings of the first and the last day with a flow log record; None without any."""
    (row,) = views.run("flow_log_days")
    return (midnight(row["first_day"]), midnight(row["last_day"])) if row["first_day"] else None


def midnight(day: date) -> datetime:
    """The instant at which *day* begins, UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _stated(row: Mapping[str, Any]) -> EdgeRow:
    return EdgeRow(
        source_uid=row["source_uid"],
        target_uid=row["target_uid"],
        kind="config",
        protocol=None,
        port=None,
        bytes=0,
        packets=0,
        flows=0,
        confidence=1.0,
        observed=False,
        configured=True,
        allowed=None,
        statements=tuple(row["statements"]),
    )


def _groups(document: Mapping[str, Any]) -> tuple[g.GroupRow, ...]:
    wave_of = {group: wave["wave"] for wave in document.get("waves", ()) for group in wave["groups"]}
    return tuple(
        g.GroupRow(
            id=group["id"],
            wave=wave_of.get(group["id"], 0),
            label=_label(group),
            cyclic=bool(group["cyclic"]),
            reasons=tuple(group.get("reasons", ())),
        )
        for group in document.get("groups", ())
    )


def _label(group: Mapping[str, Any]) -> str | None:
    """The workload, where there is just one and the group is more than a resource."""
    names = group.get("workloads") or ()
    return str(names[0]) if len(names) == 1 and len(group["members"]) > 1 else None


def _notes(views: Views, edges: Sequence[EdgeRow]) -> list[str]:
    notes = []
    if not is_made(views, "dependencies"):
        notes.append(NOT_MAPPED)
    elif logged_window(views) is None:
        notes.append(NO_LOGS)
    if edges and all(row.allowed is None for row in edges):
        notes.append(NO_RULES)
    if not is_made(views, "risks"):
        notes.append(NO_RISK)
    return notes
