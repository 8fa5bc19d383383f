"""The dependency graph's view, read from the lake: nodes and edges, the plan's groups and dates, and what was not measured."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace
from reports.graph import view as g
from reports.readiness.dependency_view import EdgeRow
from reports.readiness.naming import distinct_names
from reports.readiness.plan_words import days_of
from reports.readiness.words import group_names
from tasks import evidence_view
from tasks.evidence_view import is_made, midnight
from tasks.plan_reading import read_document
from tasks.readiness_view import snapshot_time

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
    mapped = evidence_view.dependency_edges(views) if edges is None else edges
    found = tuple(evidence_view.stated_edges(views, relation_roles or {}) if mapped is None else mapped)
    ends = {uid for row in found for uid in (row.source_uid, row.target_uid)}
    folded = {row["uid"]: row["into_uid"] for row in views.rows("plumbing")} if is_made(views, "plumbing") else {}
    document = plan_document or {}
    (days,) = views.run("flow_log_days")
    rows = views.run("graph_nodes")
    nodes = [g.NodeRow(**row, folded_into=folded.get(row["uid"])) for row in rows]
    return g.GraphView(
        title=title,
        snapshot_id=snapshot_id,
        snapshot_at=snapshot_time(snapshot_id),
        plan_id=document.get("plan_id"),
        nodes=tuple(row for row in nodes if row.wave is not None or row.uid in ends),
        edges=found,
        groups=_groups(document, distinct_names(nodes)),
        waves=tuple(g.WaveRow(wave["wave"], _when(wave)) for wave in document.get("waves", ())),
        shared=evidence_view.shared_services(views) or (),
        traffic_from_at=midnight(days["first_day"]),
        traffic_to_at=midnight(days["last_day"]),
        notes=tuple(_notes(views, found, logged=days["first_day"] is not None)),
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
            plan_document=read_document(workspace, plan) if plan else None,
            relation_roles={kind: role.value for kind, role in RELATION_ROLES.items()},
        )


def _groups(document: Mapping[str, Any], names: Mapping[str, str]) -> tuple[g.GroupRow, ...]:
    groups = document.get("groups", ())
    called = group_names((one["id"], one.get("label"), [names.get(uid, uid) for uid in one["members"]]) for one in groups)
    wave_of = {group: wave["wave"] for wave in document.get("waves", ()) for group in wave["groups"]}
    return tuple(
        g.GroupRow(
            id=group["id"],
            wave=wave_of.get(group["id"], 0),
            label=called[group["id"]],
            cyclic=bool(group["cyclic"]),
            reasons=tuple(group.get("reasons", ())),
        )
        for group in groups
    )


def _when(wave: Mapping[str, Any]) -> str | None:
    """The wave's days as words, and whether it is a pilot; None for a plan without a calendar."""
    starts, ends = (date.fromisoformat(text) if text else None for text in (wave.get("starts_on"), wave.get("ends_on")))
    parts = [days_of(starts, ends)] * (starts is not None) + ["pilot"] * bool(wave.get("pilot"))
    return ", ".join(parts) or None


def _notes(views: Views, edges: Sequence[EdgeRow], *, logged: bool) -> list[str]:
    notes = []
    if not is_made(views, "dependencies"):
        notes.append(NOT_MAPPED)
    elif not logged:
        notes.append(NO_LOGS)
    if edges and all(row.allowed is None for row in edges):
        notes.append(NO_RULES)
    if not is_made(views, "risks"):
        notes.append(NO_RISK)
    return notes
