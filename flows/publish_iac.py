"""publish-iac: a plan's code and runbooks, on a branch of the estate's Git repository. Makes no cloud call, a lake in S3 aside."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.settings import acting_user
from cloudmigrate.workspace import Workspace
from tasks.estate import estate_label, open_estate_file, recorded_run
from tasks.migrating import plan_named
from tasks.repository_stage import publish_to_repository


def _run_name() -> str:
    return f"code {estate_label(flow_run.parameters['estate'])}"


@flow(name="publish-iac", flow_run_name=_run_name)
def publish_iac(estate: str, plan_id: str | None = None, requested_by: str | None = None) -> str:
    """Generate the code, render the runbooks, commit both where they differ from what the branch holds; return the commit.

    Args:
        estate: The path of an estate file on the worker; the address that a token is sent to is taken from no other place.
        plan_id: The plan; the newest of the newest snapshot by default.
        requested_by: Who asks for it; the worker's user by default.

    """
    opened = open_estate_file(estate)
    workspace = Workspace.open(opened)
    plan = plan_named(workspace, plan_id)
    with recorded_run(workspace, "publish-iac", {"estate": estate, "plan_id": plan.plan_id}):
        return publish_to_repository(opened, plan.plan_id, by=requested_by or acting_user())
