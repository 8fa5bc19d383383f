"""Batches of flow log objects: each is read by one task, by threads of this process or by the workers of a Dask cluster.

A batch is remembered in the ledger under a name that its objects give. So it counts once, however often it was read: a worker that was
killed after it had written leaves files that nobody looks at.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from prefect import task
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from cloudmigrate import log, settings
from cloudmigrate.aws.failures import Failure, failure_of
from cloudmigrate.aws.flow_log_objects import StoredObject
from cloudmigrate.aws.flow_log_places import FlowLogPlace
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.flow_batches import Batch, live
from cloudmigrate.errors import UsageError
from cloudmigrate.lake.conversations import aggregate
from cloudmigrate.lake.flow_ahead import FlowObject
from cloudmigrate.settings import Settings
from cloudmigrate.workspace import Workspace
from tasks.estate import aws_sessions, retryable

BATCHES_AT_ONCE = 1  # of a process: each uses every core by itself
SHARED_BATCH_BYTES = 128 << 20  # of batches that several workers share out: some seconds each


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """Objects of one place that are to be read together, and the batches that this makes obsolete."""

    place: FlowLogPlace
    objects: tuple[StoredObject, ...]
    supersedes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The same for the same versions of the same objects."""
        words = [*self.supersedes, "", *(word for one in self.objects for word in (one.key, one.etag))]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:24]


def mark_prefix(place: FlowLogPlace) -> str:
    """How the names of the ledger's marks begin that tell of a place's batches."""
    return f"flow-logs|{place.account_id}|{place.region}|{place.url}|"


def known_batches(workspace: Workspace, place: FlowLogPlace) -> tuple[Batch, ...]:
    """What of a place was read and counts."""
    marks = workspace.ledger.marks(mark_prefix(place))
    return live(Batch.of(source.removeprefix(mark_prefix(place)), mark.value) for source, mark in marks.items())


@task(
    name="read-flow-logs",
    task_run_name="flow logs of {batch.place.account_id} {batch.place.region}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
)
def read_batch(estate: Estate, batch: PlannedBatch, *, run_id: str, now: datetime) -> Failure | None:
    """Read one batch and remember it; why it could not be read, if so: then nothing of it is visible, and the next run reads it."""
    from cloudmigrate.aws.failures import CALL_ERRORS
    from cloudmigrate.aws.flow_log_groups import EVENTS_ACTION
    from cloudmigrate.aws.flow_log_objects import READ_ACTION, file_failure

    place = batch.place
    log.ensure_configured(settings.current())  # a worker of a cluster has not met it yet
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        try:
            got = aggregate(
                workspace.lake,
                [_item(estate, place, one, run_id) for one in batch.objects],
                account_id=place.account_id,
                region=place.region,
                batch=f"{batch.name}-{log.short_id()}",
                now=now,
                memory_limit_mb=settings.current().memory_limit_mb,
            )
        except CALL_ERRORS as error:
            return failure_of(error, EVENTS_ACTION if place.is_log_group else READ_ACTION)
        except OSError as error:
            if not place.is_local:
                raise
            return file_failure(error, Path(place.url))
    parts = tuple({**asdict(one), "day": one.day.isoformat()} for one in got.parts)
    reports = tuple({**asdict(one), "sample": list(one.sample)} for one in got.reports)
    read = Batch(batch.name, {one.key: one.etag for one in batch.objects}, parts, reports, batch.supersedes)
    workspace.ledger.set_mark(f"{mark_prefix(place)}{batch.name}", read.value(), run_id)
    return None


def read_batches(estate: Estate, batches: Sequence[PlannedBatch], *, run_id: str, now: datetime) -> list[Failure | None]:
    """What became of each batch. To be called in a flow. Raises UsageError where the cluster that the settings name cannot be used."""
    if not batches:
        return []
    with batch_runner(settings.current()) as runner:
        reading = [runner.submit(read_batch, {"estate": estate, "batch": one, "run_id": run_id, "now": now}) for one in batches]
        return [one.result() for one in reading]


def is_shared(chosen: Settings) -> bool:
    """Whether a Dask cluster shares out the batches."""
    return bool(chosen.dask_scheduler or chosen.dask_workers)


def batch_runner(chosen: Settings) -> TaskRunner[Any]:
    """What runs the batches: threads of this process, or the Dask cluster of the settings. Raises UsageError."""
    if not is_shared(chosen):
        return ThreadPoolTaskRunner(max_workers=BATCHES_AT_ONCE)
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise UsageError(f"A Dask cluster is set, but {error.name} is not installed. Next: pip install 'cloudmigrate[dask]'.") from error
    if chosen.dask_scheduler:
        remote: TaskRunner[Any] = DaskTaskRunner(address=chosen.dask_scheduler)
        return remote
    local = {"n_workers": chosen.dask_workers, "threads_per_worker": BATCHES_AT_ONCE, "processes": True, "dashboard_address": None}
    own: TaskRunner[Any] = DaskTaskRunner(cluster_kwargs=local)
    return own


def _item(estate: Estate, place: FlowLogPlace, stored: StoredObject, run_id: str) -> FlowObject:
    """The object as the reader takes it."""
    from cloudmigrate.aws.flow_log_groups import fetch_slice
    from cloudmigrate.aws.flow_log_objects import fetch_object

    is_parquet = stored.key.endswith(".parquet")
    item = partial(FlowObject, place.url, stored.key, stored.etag, stored.size, columns=place.columns, is_parquet=is_parquet)
    if place.is_local:
        return item(Path(stored.key))
    fetch = fetch_slice if place.is_log_group else fetch_object
    return item(partial(fetch, aws_sessions(estate, run_id), place, stored.key))
