"""publish-readiness: the readiness report of a snapshot and its plan. Makes no cloud call, a lake in S3 aside."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.workspace import Workspace
from tasks.estate import estate_label, open_estate, recorded_run
from tasks.reporting import publish_report


def _run_name() -> str:
    return f"report {estate_label(flow_run.parameters['estate'])}"


@flow(name="publish-readiness", flow_run_name=_run_name)
def publish_readiness(estate: str, snapshot_id: str | None = None, plan_id: str | None = None) -> tuple[str, ...]:
    """Render the report and publish it to the lake and the estate's further places; return where it lies.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        snapshot_id: The snapshot to report on; the newest by default.
        plan_id: The plan to show; the snapshot's newest by default.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    snapshot_id = workspace.snapshot(snapshot_id).snapshot_id
    plan = workspace.plan(snapshot_id, plan_id)
    chosen = plan.plan_id if plan else None
    with recorded_run(workspace, "publish-readiness", {"estate": estate, "snapshot_id": snapshot_id, "plan_id": chosen}) as run_id:
        return publish_report(opened, snapshot_id=snapshot_id, plan_id=chosen, run_id=run_id)
