"""discover-estate: one immutable snapshot of every account and region in scope, with what could not be seen."""

from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from cloudmigrate.domain.assessment import scan_units
from cloudmigrate.domain.estate import Scope
from cloudmigrate.workspace import Workspace
from tasks import artifacts, quality
from tasks.discovery import discover_unit, refuse_blindness, relate, scan_tags, settle_units
from tasks.estate import estate_label, open_estate, recorded_run
from tasks.limits import ensure_account_limits
from tasks.snapshots import begin_snapshot, commit_snapshot

EVERYTHING = Scope()
UNITS_AT_ONCE = 8


def _run_name() -> str:
    return f"discover {estate_label(flow_run.parameters['estate'])}"


@flow(name="discover-estate", flow_run_name=_run_name, task_runner=ThreadPoolTaskRunner(max_workers=UNITS_AT_ONCE))  # type: ignore[arg-type]
def discover_estate(estate: str, scope: Scope = EVERYTHING) -> str:
    """Discover an estate and commit what was found; return the snapshot's id.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        scope: What of the estate to look at; everything by default.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    with recorded_run(workspace, "discover-estate", {"estate": estate, "scope": scope.model_dump(mode="json")}) as run_id:
        units = scan_units(opened, scope)
        ensure_account_limits(opened)
        snapshot_id = begin_snapshot(workspace, scope, run_id=run_id)
        ids: dict[str, Any] = {"snapshot_id": snapshot_id, "run_id": run_id}
        reading = [
            (account.id, region, discover_unit.with_options(tags=scan_tags(account.id)).submit(opened, scope, account.id, region, **ids))
            for account, region in units
        ]
        found = settle_units(opened, scope, reading, snapshot_id=snapshot_id)
        refuse_blindness(opened, found)
        relations = relate(opened, found, **ids)
        checks, results = quality.check_snapshot(opened, scope, found, relations, **ids)
        commit_snapshot(workspace, snapshot_id, [*(part for unit in found for part in unit.parts), relations, checks])
        artifacts.coverage_table(workspace, snapshot_id)
        quality.refuse_critical(results, snapshot_id)
    return snapshot_id
