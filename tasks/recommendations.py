"""Recommendations' task: what the lake knows of each resource, decided by the table and by people. Makes no cloud call."""

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.workspace import Workspace
from tasks.estate import retryable
from tasks.recommending import publish_recommendations


@task(
    name="recommend-strategies",
    task_run_name="recommendations of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def recommend_strategies(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish a strategy for every resource that can migrate and every workload; the number of both."""
    with log.bound(run_id):
        return publish_recommendations(Workspace.open(estate), snapshot_id, run_id)
