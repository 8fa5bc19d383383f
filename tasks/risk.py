"""Risk's task: every resource that can migrate, and every workload, scored. Makes no cloud call."""

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.workspace import Workspace
from tasks.estate import retryable
from tasks.scoring import publish_risk


@task(name="assess-risk", task_run_name="risk of {snapshot_id}", retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=retryable)
def assess_risk(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish the risk of every resource that can migrate, with its factors, and of every workload; the number of resources."""
    with log.bound(run_id):
        return publish_risk(Workspace.open(estate), snapshot_id, run_id)
