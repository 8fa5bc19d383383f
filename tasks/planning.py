"""Planning's effects: read what a snapshot gives and what people decided, publish the plan."""

import json

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.constraints import constraints_of
from cloudmigrate.domain.decisions import Decision
from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.environments import environment_of
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan import Plan
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.lake import datasets
from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace, utc_now
from tasks.estate import retryable
from tasks.snapshots import part_row

logger = log.get_logger(__name__)

WHY_NOT = {
    "network": "network: prepared in the target before wave 1",
    "identity": "identity: prepared in the target before wave 1",
    "artifact": "artefact: copied or made anew where it is needed, not moved on its own",
}
STAYS = "this type does not move"


@task(name="draft-plan", task_run_name="plan {snapshot_id}", retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=retryable)
def publish_plan(estate: Estate, policy: WavePolicy, *, snapshot_id: str, run_id: str) -> Plan:
    """Draft the snapshot's plan and make it, its waves and its unplanned resources visible at once."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            found = plan_input(views, policy, workspace.ledger.decisions(estate.estate))
        plan = draft_plan(found, policy, snapshot_id=snapshot_id, created_at=utc_now())
        _write(workspace, plan)
        logger.info("planned", plan=plan.plan_id, groups=len(plan.groups), waves=plan.wave_count, unplanned=len(plan.unplanned))
    return plan


def plan_input(views: Views, policy: WavePolicy, decisions: tuple[Decision, ...] = ()) -> PlanInput:
    """All that planning takes from a snapshot, and from people's decisions. What was never made is empty, and the plan says so."""
    from cloudmigrate.aws.catalogue import RELATION_ROLES

    return PlanInput(
        items=plan_items(views),
        relations=[Relation(row["source_uid"], row["target_uid"], row["kind"]) for row in views.run("relations_all")],
        roles=RELATION_ROLES,
        exchanges=[Exchange(**row) for row in views.run("plan_exchanges", min_confidence=policy.min_confidence)],
        fused=[(row["uid"], row["into_uid"]) for row in views.rows("plumbing")],
        shared={row["uid"]: row["service"] for row in views.run("plan_shared")},
        constraints=constraints_of(decisions),
        evidence=Evidence(**views.run("plan_evidence")[0]),
    )


def plan_items(views: Views) -> list[PlanItem]:
    """Every resource of the snapshot as planning sees it."""
    from cloudmigrate.aws.catalogue import BY_TYPE

    items = []
    for row in views.run("plan_items"):
        known = BY_TYPE.get(row["type"])
        moves = known is not None and known.moves
        why_not = None if moves else WHY_NOT.get(known.role, STAYS) if known else "type not in the catalogue"
        told = {"name": row["name"], "risk_level": row["risk_level"], "workload": row["workload"]}
        items.append(PlanItem(row["uid"], row["type"], moves, why_not, environment=environment_of(row["tags"] or {}), **told))
    return items


def _write(workspace: Workspace, plan: Plan) -> None:
    path = f"plans/{plan.snapshot_id}/{plan.plan_id}.json"
    document = json.dumps(plan.to_document(), ensure_ascii=False, indent=1, sort_keys=True)
    workspace.lake.write_document(path, document.encode())
    ids = {"snapshot_id": plan.snapshot_id, "part": f"{plan.plan_id}-{log.short_id()}"}
    parts = [
        workspace.lake.write(datasets.WAVES, plan.wave_rows(), **ids),
        workspace.lake.write(datasets.UNPLANNED, plan.unplanned_rows(), **ids),
    ]
    workspace.ledger.publish_plan(
        plan.plan_id, plan.snapshot_id, plan.content_hash, path, [part_row(part) for part in parts], created_at=plan.created_at
    )
    workspace.ledger.audit(
        "cloudmigrate", "plan.published", plan.plan_id, {"snapshot": plan.snapshot_id, "content_hash": plan.content_hash}
    )
