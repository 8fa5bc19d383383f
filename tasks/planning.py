"""Planning's effects: read what a snapshot gives and what people decided, publish the plan."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.needed_rules import needed_rules
from cloudmigrate.domain.overrides import holding
from cloudmigrate.domain.plan import Plan
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.lake import datasets
from cloudmigrate.lake.dependency_datasets import NEEDED_RULES
from cloudmigrate.workspace import Workspace, utc_now
from tasks.estate import retryable
from tasks.plan_reading import plan_input
from tasks.snapshots import part_row

logger = log.get_logger(__name__)


@task(name="draft-plan", task_run_name="plan {snapshot_id}", retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=retryable)
def publish_plan(estate: Estate, policy: WavePolicy, *, snapshot_id: str, run_id: str) -> Plan:
    """Draft the snapshot's plan and make it, its waves and its unplanned resources visible at once."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            found = plan_input(views, policy, holding(workspace.ledger.decisions(estate.estate), utc_now().date()))
            seen = [SeenRow(**row) for row in views.run("needed_edges")] if found.evidence.traffic else None
        plan = draft_plan(found, policy, snapshot_id=snapshot_id, created_at=utc_now())
        _write(workspace, plan, seen)
        logger.info("planned", plan=plan.plan_id, groups=len(plan.groups), waves=plan.wave_count, unplanned=len(plan.unplanned))
    return plan


@dataclass(frozen=True, slots=True)
class SeenRow:
    """An observed dependency, as the rules that it needs follow from it."""

    source_uid: str
    target_uid: str
    protocol: int
    port: int
    bytes: int
    last_seen: datetime | None
    confidence: float
    observed: bool = True


def _write(workspace: Workspace, plan: Plan, seen: Sequence[SeenRow] | None) -> None:
    """Publish the plan and its datasets; the rules that groups need only where traffic was looked at, else nobody knows them."""
    path = f"plans/{plan.snapshot_id}/{plan.plan_id}.json"
    document = json.dumps(plan.to_document(), ensure_ascii=False, indent=1, sort_keys=True)
    workspace.lake.write_document(path, document.encode())
    ids = {"snapshot_id": plan.snapshot_id, "part": f"{plan.plan_id}-{log.short_id()}"}
    parts = [
        workspace.lake.write(datasets.WAVES, plan.wave_rows(), **ids),
        workspace.lake.write(datasets.UNPLANNED, plan.unplanned_rows(), **ids),
    ]
    if seen is not None:
        # What is retired stays where it is to its end: it is named itself, and needs no rule in the target.
        group_of = {uid: group.id for group in plan.groups if not group.retires for uid in group.members}
        parts.append(workspace.lake.write(NEEDED_RULES, (rule.row(plan.plan_id) for rule in needed_rules(group_of, seen)), **ids))
    workspace.ledger.publish_plan(
        plan.plan_id,
        plan.snapshot_id,
        plan.content_hash,
        path,
        [part_row(part) for part in parts],
        created_at=plan.created_at,
        datasets=[part.dataset for part in parts],
    )
    workspace.ledger.audit(
        "cloudmigrate", "plan.published", plan.plan_id, {"snapshot": plan.snapshot_id, "content_hash": plan.content_hash}
    )
