"""Traffic's effects: read what is new of an estate's flow logs, and show a snapshot who talked to whom in its window."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from prefect import task

from cloudmigrate import log, settings
from cloudmigrate.aws.failures import Failure
from cloudmigrate.aws.flow_log_objects import StoredObject
from cloudmigrate.aws.flow_log_places import FlowLogPlace
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.flow_batches import Batch, ToRead, live, owned, to_read
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
    from cloudmigrate.aws.flow_log_places import flow_log_places

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
def read_place(
    estate: Estate, place: FlowLogPlace, *, others: Sequence[FlowLogPlace] = (), days: Sequence[date], run_id: str, now: datetime
) -> PlaceSummary:
    """Read the objects of one place that were not read before; each batch is remembered with its parts at once, or not at all.

    What lies in one of the *others* as well is read by one of the two.
    """
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        listed, failure = _listed(estate, place, days, run_id, now)
        known = _known(workspace, place)
        there = _owned(workspace, place, others, listed, known)
        plans = to_read({one.key: (one.etag, one.size, one.day) for one in there}, known)
        reading = _Reading(estate, place, {one.key: one for one in there}, run_id, now)
        for plan in plans:
            refused = _read_batch(workspace, reading, plan)
            failure = failure or refused
        batches = _known(workspace, place) if plans else known
        failure = failure or _nothing_readable(batches, {one.key for one in there})
        summary = PlaceSummary(_source_row(place, batches, len(there), sum(len(one.keys) for one in plans), failure), batches)
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
        from cloudmigrate.aws.flow_log_groups import fetch_slice
        from cloudmigrate.aws.flow_log_objects import fetch_object

        stored, place = self.there[key], self.place
        item = partial(FlowObject, place.url, key, stored.etag, stored.size, columns=place.columns, is_parquet=key.endswith(".parquet"))
        if not place.is_s3 and not place.is_log_group:
            return item(Path(key))
        fetch = fetch_slice if place.is_log_group else fetch_object
        return item(partial(fetch, aws_sessions(self.estate, self.run_id), place, key))


def _prefix(place: FlowLogPlace) -> str:
    return f"flow-logs|{place.account_id}|{place.region}|{place.url}|"


def _known(workspace: Workspace, place: FlowLogPlace) -> tuple[Batch, ...]:
    marks = workspace.ledger.marks(_prefix(place))
    return live(Batch.of(source.removeprefix(_prefix(place)), mark.value) for source, mark in marks.items())


def _owned(
    workspace: Workspace, place: FlowLogPlace, others: Sequence[FlowLogPlace], listed: Sequence[StoredObject], known: Sequence[Batch]
) -> list[StoredObject]:
    """What of the place is its own to read, not another's."""
    from cloudmigrate.aws.flow_log_places import within

    elsewhere = {one.identity(key) for one in others if one != place for batch in _known(workspace, one) for key in batch.objects}
    here = {place.identity(key) for batch in known for key in batch.objects}
    inner = within(place, others)

    def is_own(key: str) -> bool:
        identity = place.identity(key)
        return owned(identity, here=here, elsewhere=elsewhere, is_inside_another=any(one.holds(identity) for one in inner))

    return [one for one in listed if is_own(one.key)]


def _listed(
    estate: Estate, place: FlowLogPlace, days: Sequence[date], run_id: str, now: datetime
) -> tuple[list[StoredObject], Failure | None]:
    from cloudmigrate.aws.flow_log_groups import list_slices
    from cloudmigrate.aws.flow_log_objects import list_files, list_objects

    if place.is_s3:
        return list_objects(aws_sessions(estate, run_id), place, days)
    if place.is_log_group:
        return list_slices(aws_sessions(estate, run_id), place, days, now)
    if place.is_stream:
        detail = "a delivery stream passes records on and holds none"
        return [], Failure(CoverageStatus.FAILED, "DeliveryStream", None, detail, "name under flow_logs where the stream puts them")
    return list_files(Path(place.url), days)


def _read_batch(workspace: Workspace, reading: _Reading, plan: ToRead) -> Failure | None:
    """Read one batch and remember it; why it could not be read, if so: then nothing of it is visible, and the next run reads it."""
    from cloudmigrate.aws.failures import CALL_ERRORS
    from cloudmigrate.aws.flow_log_groups import EVENTS_ACTION
    from cloudmigrate.aws.flow_log_objects import READ_ACTION, call_failure

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
        return call_failure(error, EVENTS_ACTION if place.is_log_group else READ_ACTION)
    parts = tuple({**asdict(one), "day": one.day.isoformat()} for one in got.parts)
    reports = tuple({**asdict(one), "sample": list(one.sample)} for one in got.reports)
    batch = Batch(name, {key: reading.there[key].etag for key in plan.keys}, parts, reports, plan.supersedes)
    workspace.ledger.set_mark(f"{_prefix(place)}{name}", batch.value(), reading.run_id)
    return None


def _nothing_readable(batches: Sequence[Batch], keys: Container[str]) -> Failure | None:
    """Why a place whose objects were all unreadable tells nothing; None where one was readable."""
    reports = [row for batch in batches for row in batch.reports if row["key"] in keys]
    if not reports or any(row["status"] != "unreadable" for row in reports):
        return None
    detail = f"none of {len(reports)} objects could be read; {reports[0]['key']}: {reports[0]['detail'] or 'no line of it is a record'}"
    return Failure(
        CoverageStatus.FAILED, "Unreadable", None, detail, "see flow_log_objects; state this source's `format` if it has no header"
    )


def _source_row(place: FlowLogPlace, batches: Sequence[Batch], objects: int, new: int, failure: Failure | None) -> dict[str, Any]:
    has_records = any(row["records"] for batch in batches for row in batch.reports)
    status = "ok" if has_records else "empty"
    if failure is not None:
        status = "partial" if has_records else str(failure.status)
    return {
        "source": place.url,
        "account_id": place.account_id,
        "region": place.region,
        "found_by": place.found_by,
        "status": status,
        "objects": objects,
        "new_objects": new,
        "error_code": failure.error_code if failure else None,
        "missing_action": failure.missing_action if failure else None,
        "detail": failure.sentence if failure else None,
    }


def parts_in(summaries: Sequence[PlaceSummary], dataset: str, days: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    """The parts of a dataset that lie in the window, each once."""
    seen: set[str] = set()
    for batch in (batch for one in summaries for batch in one.batches):
        for part in batch.parts:
            if part["dataset"] == dataset and part["day"] in days and part["path"] not in seen:
                seen.add(part["path"])
                yield part
