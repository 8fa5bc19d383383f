"""Patterns of use and sizes: computed in DuckDB over the metrics that a snapshot sees, decided in the domain. Makes no cloud call."""

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.lake.patterns import write_patterns
from cloudmigrate.lake.series import Window
from cloudmigrate.lake.sizing import write_sizing
from cloudmigrate.ledger.records import SnapshotRow
from cloudmigrate.workspace import Workspace
from tasks.estate import retryable
from tasks.snapshots import publish

logger = log.get_logger(__name__)


@task(
    name="classify-patterns",
    task_run_name="patterns of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def classify_patterns(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish the pattern of every resource that is compute, database or cache; their number. Without metrics each says so."""
    workspace = Workspace.open(estate)
    window = _window(workspace.snapshot(snapshot_id))
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            part = write_patterns(views, window=window, part=f"patterns-{log.short_id()}")
        publish(workspace, snapshot_id, part.dataset, [part] if part.rows else [], run_id)
        logger.info("classified", snapshot=snapshot_id, resources=part.rows)
    return part.rows


@task(
    name="choose-sizes",
    task_run_name="sizes of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def choose_sizes(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish the size that each resource needs, by every profile of the estate; the number of rows.

    Where no sizes were read (`instance_types`) each row says so.
    """
    workspace = Workspace.open(estate)
    window = _window(workspace.snapshot(snapshot_id))
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            part = write_sizing(views, estate.sizing, window=window, part=f"sizing-{log.short_id()}")
        publish(workspace, snapshot_id, part.dataset, [part] if part.rows else [], run_id)
        logger.info("sized", snapshot=snapshot_id, rows=part.rows, profiles=[one.name for one in estate.sizing.profiles])
    return part.rows


def _window(snapshot: SnapshotRow) -> Window:
    """The time that the snapshot's metrics are of; where none were collected, its own instant."""
    if snapshot.window_start is None or snapshot.window_end is None:
        return Window(snapshot.started_at, snapshot.started_at)
    return Window(snapshot.window_start, snapshot.window_end)
