"""The publishing of code as Prefect sees it: tried again where a repository could not be reached, and shown as an artifact."""

from prefect import task
from prefect.artifacts import create_markdown_artifact

from cloudmigrate.domain.estate import Estate
from cloudmigrate.workspace import Workspace
from tasks.estate import retryable
from tasks.migrating import plan_named
from tasks.repository import publish_plan


@task(
    name="publish-code",
    task_run_name="publish code of {plan_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def publish_to_repository(estate: Estate, plan_id: str, *, by: str) -> str:
    """The commit that holds the plan's code and runbooks. Raises PublishConflictError, RepositoryError."""
    workspace = Workspace.open(estate)
    done = publish_plan(workspace, plan_named(workspace, plan_id), by=by)
    text = f"# Code of {estate.estate}\n\nPlan {plan_id}: branch `{done.branch}`, commit `{done.commit}`\n"
    create_markdown_artifact(text, key=f"code-{estate.estate}", description=f"Code of plan {plan_id}")
    return done.commit
