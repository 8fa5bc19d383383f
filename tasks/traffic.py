"""Traffic's effects: read what is new of an estate's flow logs, and show a snapshot who talked to whom in its window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import task

from cloudmigrate import log, settings
from cloudmigrate.aws.flow_log_objects import FlowLogPlace, PlaceFailure, StoredObject
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.flow_batches import Batch, ToRead, live, to_read
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.lake.conversations import FlowObject, aggregate
from cloudmigrate.workspace import Workspace
from tasks.discovery import as_resource
from tasks.estate import aws_sessions, retryable

logger = log.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PlaceSummary:
    """What became of one place: the row of ``flow_log_sources``, and its batches that count."""

    source: Mapping[str, Any]
    batches: tuple[Batch, ...]

    @property
    def is_gap(self) -> bool:
        """Whether something that was logged there was not read."""
        return CoverageStatus(self.source["status"]).is_gap


def places_of(workspace: Workspace, snapshot_id: str) -> tuple[FlowLogPlace, ...]:
    """Where the estate's flow logs lie: as its file says, else as the snapshot's flow logs do."""
    from cloudmigrate.aws.flow_log_objects import flow_log_places

    with workspace.views(snapshot_id) as views:
        found = [as_resource(row) for row in views.run("resources_of_types", types=["AWS::EC2::FlowLog"])]
    return flow_log_places(workspace.estate, found)


def window_of(estate: Estate, now: datetime) -> tuple[datetime, datetime]:
    """How far an estate looks back on flow logs."""
    return now - timedelta(days=estate.traffic.days), now


@task(
    name="read-flow-logs",
    task_run_name="flow logs of {place.account_id} {place.region}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
)
def read_place(estate: Estate, place: FlowLogPlace, *, days: Sequence[date], run_id: str, now: datetime) -> PlaceSummary:
    """Read the objects of one place that were not read before; each batch is remembered with its parts at once, or not at all."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        there, failure = _listed(estate, place, days, run_id)
        known = _known(workspace, place)
        plans = to_read({one.key: (one.etag, one.size, one.day) for one in there}, known)
        reading = _Reading(estate, place, {one.key: one for one in there}, run_id, now)
        for plan in plans:
            refused = _read_batch(workspace, reading, plan)
            failure = failure or refused
        batches = _known(workspace, place) if plans else known
        summary = PlaceSummary(_source_row(place, there, sum(len(one.keys) for one in plans), failure), batches)
        counts = {name: sum(row[name] for one in batches for row in one.reports) for name in ("records", "broken")}
        logger.info("read flow logs", place=place.url, objects=len(there), batches=len(plans), **counts)
    return summary


@dataclass(frozen=True, slots=True)
class _Reading:
    """What all batches of a place share."""

    estate: Estate
    place: FlowLogPlace
    there: Mapping[str, StoredObject]
    run_id: str
    now: datetime

    def item(self, key: str) -> FlowObject:
        """The object as the reader takes it."""
        from cloudmigrate.aws.flow_log_objects import fetch_object

        stored, place = self.there[key], self.place
        columns, is_parquet = place.columns, key.endswith(".parquet")
        if not place.is_s3:
            return FlowObject(place.url, key, stored.etag, stored.size, Path(key), columns, is_parquet)
        sessions = aws_sessions(self.estate, self.run_id)
        return FlowObject(place.url, key, stored.etag, stored.size, lambda: fetch_object(sessions, place, key), columns, is_parquet)


def _prefix(place: FlowLogPlace) -> str:
    return f"flow-logs|{place.account_id}|{place.region}|{place.url}|"


def _known(workspace: Workspace, place: FlowLogPlace) -> tuple[Batch, ...]:
    marks = workspace.ledger.marks(_prefix(place))
    return live(Batch.of(source.removeprefix(_prefix(place)), mark.value) for source, mark in marks.items())


def _listed(estate: Estate, place: FlowLogPlace, days: Sequence[date], run_id: str) -> tuple[list[StoredObject], PlaceFailure | None]:
    from cloudmigrate.aws.flow_log_objects import list_objects

    if place.is_s3:
        return list_objects(aws_sessions(estate, run_id), place, days)
    if place.url.startswith("logs://"):
        return [], PlaceFailure(
            "failed", None, None, "CloudWatch Logs groups are not read yet. Next: deliver the flow log to S3, or export the group."
        )
    return _local(Path(place.url), frozenset(days))


def _local(path: Path, days: frozenset[date]) -> tuple[list[StoredObject], PlaceFailure | None]:
    """The files at or under a path; a file's size and time of change stand for its ETag."""
    from cloudmigrate.aws.flow_log_objects import ENDINGS, day_of

    try:
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file() and one.name.endswith(ENDINGS))
        found = [(one, one.stat(), day_of(one.as_posix())) for one in files]
        path.stat()
    except OSError as error:
        detail = f"read {path}: {error.strerror}. Next: check the path in the estate file."
        return [], PlaceFailure("failed", type(error).__name__, None, detail)
    return [
        StoredObject(str(one), f"{stat.st_size}-{stat.st_mtime_ns}", stat.st_size, day)
        for one, stat, day in found
        if stat.st_size and (day is None or day in days)
    ], None


def _read_batch(workspace: Workspace, reading: _Reading, plan: ToRead) -> PlaceFailure | None:
    """Read one batch and remember it; why it could not be read, if so: then nothing of it is visible, and the next run reads it."""
    from cloudmigrate.aws.failures import CALL_ERRORS
    from cloudmigrate.aws.flow_log_objects import place_failure

    place = reading.place
    name = f"{reading.run_id}-{log.short_id()}"
    try:
        got = aggregate(
            workspace.lake,
            [reading.item(key) for key in plan.keys],
            account_id=place.account_id,
            region=place.region,
            batch=name,
            now=reading.now,
            memory_limit=f"{settings.current().memory_limit_mb}MB",
        )
    except CALL_ERRORS as error:
        return place_failure(error, "s3:GetObject")
    parts = tuple({**asdict(one), "day": one.day.isoformat()} for one in got.parts)
    reports = tuple({**asdict(one), "sample": list(one.sample)} for one in got.reports)
    batch = Batch(name, {key: reading.there[key].etag for key in plan.keys}, parts, reports, plan.supersedes)
    workspace.ledger.set_mark(f"{_prefix(place)}{name}", batch.value(), reading.run_id)
    return None


def _source_row(place: FlowLogPlace, there: Sequence[StoredObject], new: int, failure: PlaceFailure | None) -> dict[str, Any]:
    status = "ok" if there else "empty"
    if failure is not None:
        status = "partial" if there else failure.status
    return {
        "source": place.url,
        "account_id": place.account_id,
        "region": place.region,
        "found_by": place.found_by,
        "status": status,
        "objects": len(there),
        "new_objects": new,
        "error_code": failure.error_code if failure else None,
        "missing_action": failure.missing_action if failure else None,
        "detail": failure.detail if failure else None,
    }


def parts_in(summaries: Sequence[PlaceSummary], dataset: str, days: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    """The parts of a dataset that lie in the window, each once."""
    seen: set[str] = set()
    for batch in (batch for one in summaries for batch in one.batches):
        for part in batch.parts:
            if part["dataset"] == dataset and part["day"] in days and part["path"] not in seen:
                seen.add(part["path"])
                yield part
