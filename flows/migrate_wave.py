"""migrate-wave: a wave of a plan carried out, from its checks to its end, with people at its gates. What is done stands in the ledger."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.settings import acting_user
from cloudmigrate.workspace import Workspace
from tasks.approving import answered_at_gate, may_suspend, plan_begun_with, remember_plan
from tasks.estate import estate_label, open_estate_file, recorded_run
from tasks.migrating import plan_named
from tasks.wave_runs import Asked
from tasks.wave_stages import carry_on, conclude


def _run_name() -> str:
    return f"migrate wave {flow_run.parameters['wave']} of {estate_label(flow_run.parameters['estate'])}"


@flow(name="migrate-wave", flow_run_name=_run_name)
def migrate_wave(estate: str, wave: int, plan_id: str | None = None, requested_by: str | None = None) -> str:
    """Carry a wave on as far as people let it; return how it ended. Started again, it goes on where the last run stopped.

    At a gate a run of a deployment is suspended and shows a form that takes a signed answer; any other run ends and says what it waits for.

    Args:
        estate: The path of the estate file on the worker; its people and their keys are taken from no other place.
        wave: The wave's number in the plan.
        plan_id: The plan; by default the newest of the newest snapshot when the run begins, to which it keeps through its gates.
        requested_by: Who asks for it: their own approval does not count; the worker's user by default.

    """
    opened = open_estate_file(estate)
    workspace = Workspace.open(opened)
    plan = plan_named(workspace, plan_id or plan_begun_with(workspace))
    asked = Asked(workspace, plan, wave, requested_by or acting_user())
    parameters = {"estate": estate, "wave": wave, "plan_id": plan.plan_id}
    while True:
        with recorded_run(workspace, "migrate-wave", parameters) as run_id:
            remember_plan(workspace, plan.plan_id, run_id)
            outcome = carry_on(asked, estate)
        if not outcome.waiting.requests or not may_suspend():
            return conclude(asked, outcome)
        answered_at_gate(estate, workspace, outcome.waiting.requests[0], outcome.waiting.changes)
