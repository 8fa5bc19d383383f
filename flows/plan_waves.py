"""plan-waves: an order of moves that respects what needs what. Makes no cloud call."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.workspace import Workspace
from tasks import artifacts
from tasks.cash import draw_cash_curve
from tasks.decided import take_in_decisions
from tasks.estate import estate_label, open_estate, recorded_run
from tasks.planning import publish_plan
from tasks.quality import refuse_failed
from tasks.risk import assess_risk
from tasks.workloads import mapping_of, propose_workloads


def _run_name() -> str:
    return f"plan {estate_label(flow_run.parameters['estate'])}"


@flow(name="plan-waves", flow_run_name=_run_name)
def plan_waves(estate: str, snapshot_id: str | None = None, policy: WavePolicy | None = None, *, workloads_changed: bool = False) -> str:
    """Order a snapshot's resources into waves; return the plan's id.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        snapshot_id: The snapshot to plan from; the newest by default.
        policy: How large waves may be and when they take place; the estate's own (`planning`) by default.
        workloads_changed: Tell workloads and risk anew first, for when people decided on workloads since.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    snapshot_id = workspace.snapshot(snapshot_id).snapshot_id
    refuse_failed(workspace, snapshot_id)
    with recorded_run(workspace, "plan-waves", {"estate": estate, "snapshot_id": snapshot_id}) as run_id:
        if workloads_changed:
            propose_workloads(opened, mapping_of(opened), snapshot_id=snapshot_id, run_id=run_id)
            assess_risk(opened, snapshot_id=snapshot_id, run_id=run_id)
        take_in_decisions(workspace, snapshot_id)
        plan = publish_plan(opened, policy or opened.planning, snapshot_id=snapshot_id, run_id=run_id)
        artifacts.waves_page(workspace, plan)
        draw_cash_curve(opened, plan)
    return plan.plan_id
