"""roll-back-wave: what a wave did taken back, newest first, by the journal alone."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.settings import acting_user
from cloudmigrate.workspace import Workspace
from tasks.estate import estate_label, open_estate_file, recorded_run
from tasks.migrating import plan_named
from tasks.wave_runs import Asked
from tasks.wave_stages import carry_back, conclude_rollback


def _run_name() -> str:
    return f"roll back wave {flow_run.parameters['wave']} of {estate_label(flow_run.parameters['estate'])}"


@flow(name="roll-back-wave", flow_run_name=_run_name)
def roll_back_wave(
    estate: str,
    wave: int,
    reason: str,
    plan_id: str | None = None,
    *,
    groups: tuple[str, ...] = (),
    despite_writes: bool = False,
    requested_by: str | None = None,
) -> str:
    """Take back a wave, or some of its move groups and what was built on them; return how it ended.

    Args:
        estate: The path of the estate file on the worker; its people and their keys are taken from no other place.
        wave: The wave's number in the plan.
        reason: Why; kept on the audit chain.
        plan_id: The plan; the newest of the newest snapshot by default.
        groups: Move groups, by id; all of the wave by default.
        despite_writes: Go back although users may have written to the target since cutover; else that is told, and nothing is undone.
        requested_by: Who asks for it; the worker's user by default.

    """
    opened = open_estate_file(estate)
    workspace = Workspace.open(opened)
    plan = plan_named(workspace, plan_id)
    asked = Asked(workspace, plan, wave, requested_by or acting_user())
    parameters = {"estate": estate, "wave": wave, "plan_id": plan.plan_id, "groups": list(groups)}
    with recorded_run(workspace, "roll-back-wave", parameters):
        end = carry_back(asked, reason=reason, groups=groups, despite_writes=despite_writes)
    return conclude_rollback(asked, end)
