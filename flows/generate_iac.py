"""generate-iac: Terraform and CloudFormation of a plan, where its report lies. Makes no cloud call, a lake in S3 aside."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.workspace import Workspace
from tasks.estate import estate_label, open_estate, recorded_run
from tasks.iac_publishing import publish_code
from tasks.migrating import plan_named


def _run_name() -> str:
    return f"code of {estate_label(flow_run.parameters['estate'])}"


@flow(name="generate-iac", flow_run_name=_run_name)
def generate_iac(estate: str, plan_id: str | None = None) -> tuple[str, ...]:
    """Generate the code of a plan's target, publish it beside its report; return where each place's index lies.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        plan_id: The plan; the newest of the newest snapshot by default.

    """
    opened = open_estate(estate)
    workspace = Workspace.open(opened)
    plan = plan_named(workspace, plan_id)
    with recorded_run(workspace, "generate-iac", {"estate": estate, "plan_id": plan.plan_id}) as run_id:
        return publish_code(opened, plan_id=plan.plan_id, run_id=run_id)
