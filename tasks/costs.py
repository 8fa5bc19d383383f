"""Cost's effects: what a snapshot's resources cost, from the prices that it sees. Makes no cloud call."""

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.cost_policy import NO_PRICES
from cloudmigrate.domain.estate import Estate
from cloudmigrate.lake.committed_use import write_commitment_plan
from cloudmigrate.lake.cost_datasets import COSTS
from cloudmigrate.lake.costs import has_prices, write_costs
from cloudmigrate.workspace import Workspace
from tasks.committing import cost_policy, metrics_window
from tasks.estate import retryable
from tasks.snapshots import publish, publish_together

logger = log.get_logger(__name__)


@task(
    name="compute-costs",
    task_run_name="costs of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def compute_costs(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish what each resource costs in every scenario, and what to commit to; the number of costs.

    Without prices there is none, and the log says so.
    """
    workspace = Workspace.open(estate)
    snapshot = workspace.snapshot(snapshot_id)
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            if not has_prices(views):
                logger.warning(NO_PRICES, snapshot=snapshot_id)
                publish(workspace, snapshot_id, COSTS.name, [], run_id)
                return 0
            part = write_costs(views, cost_policy(estate), part=f"costs-{log.short_id()}")
            plan = write_commitment_plan(views, metrics_window(snapshot), part=f"commitments-{log.short_id()}")
        publish_together(workspace, snapshot_id, {one.dataset: [one] for one in (part, plan)}, run_id)
        logger.info("told costs", snapshot=snapshot_id, rows=part.rows, target_region=estate.costs.target_region)
    return part.rows
