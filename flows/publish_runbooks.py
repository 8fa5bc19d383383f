"""publish-runbooks: the runbooks of a plan, beside its report and, if asked, in Confluence. Makes no cloud call, a lake in S3 aside."""

from prefect import flow
from prefect.runtime import flow_run

from cloudmigrate.workspace import Workspace
from tasks.estate import estate_label, open_estate, open_estate_file, recorded_run
from tasks.migrating import plan_named
from tasks.runbook_publishing import publish_runbooks as publish_files
from tasks.runbook_publishing import publish_to_confluence


def _run_name() -> str:
    return f"runbooks {estate_label(flow_run.parameters['estate'])}"


@flow(name="publish-runbooks", flow_run_name=_run_name)
def publish_runbooks(estate: str, plan_id: str | None = None, wave: int | None = None, *, confluence: bool = False) -> tuple[str, ...]:
    """Render the runbooks as the ledger has them now and publish them; return where they lie.

    Args:
        estate: A saved estate block, or the path of an estate file on the worker.
        plan_id: The plan; the newest of the newest snapshot by default.
        wave: The wave's number; every wave by default.
        confluence: Whether to bring the pages in Confluence up to date too; its address is taken from the estate file alone.

    """
    opened = open_estate_file(estate) if confluence else open_estate(estate)
    workspace = Workspace.open(opened)
    plan = plan_named(workspace, plan_id)
    parameters = {"estate": estate, "plan_id": plan.plan_id, "wave": wave, "confluence": confluence}
    with recorded_run(workspace, "publish-runbooks", parameters) as run_id:
        places = publish_files(opened, plan.plan_id, wave=wave, run_id=run_id)
        if not confluence:
            return places
        return (*places, *publish_to_confluence(opened, plan.plan_id, wave=wave, run_id=run_id))
