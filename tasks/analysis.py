"""Analysis's effects: utilisation computed in DuckDB over the metrics that a snapshot sees."""

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.lake.series import Window
from cloudmigrate.lake.utilisation import MetricDefinition, write_utilisation
from cloudmigrate.workspace import Workspace
from tasks.estate import retryable
from tasks.snapshots import publish

logger = log.get_logger(__name__)

# Share of a capacity under which an hour counts as idle. AWS Compute Optimizer calls an instance idle when its CPU never
# passes 5 % (and its network 5 MB a day) over 14 days.
IDLE_BELOW_PCT = 5.0


@task(
    name="compute-utilisation",
    task_run_name="utilisation of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def compute_utilisation(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish utilisation and its weekly profile; the number of (resource, metric) pairs that have data."""
    workspace = Workspace.open(estate)
    snapshot = workspace.snapshot(snapshot_id)
    if snapshot.window_start is None or snapshot.window_end is None:
        logger.info("no metrics were collected", snapshot=snapshot_id)
        return 0
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            window = Window(snapshot.window_start, snapshot.window_end)
            summary, profile = write_utilisation(
                views, metric_definitions(), window=window, idle_below_pct=IDLE_BELOW_PCT, part=f"utilisation-{log.short_id()}"
            )
        for part in (summary, profile):
            publish(workspace, snapshot_id, part.dataset, [part] if part.rows else [], run_id)
        logger.info("analysed", snapshot=snapshot_id, pairs=summary.rows)
    return summary.rows


def metric_definitions() -> list[MetricDefinition]:
    """Unit and meaning of every metric of the catalogue."""
    from cloudmigrate.aws.catalogue import CATALOGUE

    return [
        MetricDefinition(row.type, metric.name, metric.unit, metric.capacity_pct)
        for row in CATALOGUE
        for metric in (row.metric_source.metrics if row.metric_source else ())
    ]
