"""Traffic's effects: read what is new of an estate's flow logs, and show a snapshot who talked to whom in its window."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import task

from cloudmigrate import log, settings
from cloudmigrate.aws.failures import Failure
from cloudmigrate.aws.flow_log_objects import StoredObject
from cloudmigrate.aws.flow_log_places import FlowLogPlace
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.flow_batches import BATCH_BYTES, Batch, owned, to_read, unreadable_changes
from cloudmigrate.domain.flow_log_reads import FullRead
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.workspace import Workspace
from tasks.discovery import as_resource
from tasks.estate import aws_sessions, retryable
from tasks.flow_log_batches import SHARED_BATCH_BYTES, PlannedBatch, is_shared, known_batches

logger = log.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PlaceSummary:
    """What became of one place: the row of ``flow_log_sources``, its batches that count, and what is told of objects in the window."""

    source: Mapping[str, Any]
    batches: tuple[Batch, ...]
    reports: tuple[Mapping[str, Any], ...] = ()

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


def unlisted_places(workspace: Workspace, snapshot_id: str) -> tuple[PlaceSummary, ...]:
    """A gap for each account and region whose flow logs could not be listed, where the estate file names none: there may be some."""
    if workspace.estate.flow_log_sources():
        return ()
    with workspace.views(snapshot_id) as views:
        looked = [row for row in views.rows("coverage") if row["type"] == "AWS::EC2::FlowLog"]
    gaps = [row for row in looked if CoverageStatus(row["status"]).is_gap]
    return tuple(PlaceSummary(_unlisted(row), ()) for row in sorted(gaps, key=lambda row: (row["account_id"], row["region"])))


def _unlisted(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": "where the flow logs of this region deliver to",
        "account_id": row["account_id"],
        "region": row["region"],
        "found_by": "DescribeFlowLogs",
        "status": row["status"],
        "objects": 0,
        "new_objects": 0,
        "error_code": row["error_code"],
        "missing_action": row["missing_action"],
        "detail": row["detail"],
        "read_objects": 0,
        "read_at": None,
        "attempted_at": None,  # it is discovery that was refused
    }


def window_of(estate: Estate, now: datetime) -> tuple[datetime, datetime]:
    """How far an estate looks back on flow logs."""
    return now - timedelta(days=estate.traffic.days), now


@dataclass(frozen=True, slots=True)
class PlaceListing:
    """What lies in one place, what of it is to be read, and why that is not all, if so."""

    place: FlowLogPlace
    keys: frozenset[str]
    batches: tuple[PlannedBatch, ...]
    failure: Failure | None


@task(
    name="list-flow-logs",
    task_run_name="flow logs of {place.account_id} {place.region}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
)
def list_place(
    estate: Estate, place: FlowLogPlace, *, others: Sequence[FlowLogPlace] = (), days: Sequence[date], run_id: str, now: datetime
) -> PlaceListing:
    """What one place holds that was not read before, in batches. What lies in one of the *others* as well is read by one of the two."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        listed, failure = _listed(estate, place, days, run_id, now)
        known = known_batches(workspace, place)
        there = {one.key: one for one in _owned(workspace, place, others, listed, known)}
        versions = {key: (one.etag, one.size, one.day) for key, one in there.items()}
        size = SHARED_BATCH_BYTES if is_shared(settings.current()) else BATCH_BYTES
        plans = to_read(versions, known, batch_bytes=size)
        failure = failure or _too_late(unreadable_changes(versions, known))
    batches = tuple(PlannedBatch(place, tuple(there[key] for key in plan.keys), plan.supersedes) for plan in plans)
    return PlaceListing(place, frozenset(there), batches, failure)


def summaries_of(
    workspace: Workspace,
    listings: Sequence[PlaceListing],
    refused: Sequence[Failure | None],
    *,
    days: Sequence[date],
    run_id: str,
    now: datetime,
) -> tuple[PlaceSummary, ...]:
    """What became of each place, given what became of all batches, in the order of the *listings*; full readings are remembered."""
    outcomes = iter(refused)
    places = [one.place for one in listings]
    summaries = []
    for one in listings:
        failures = [one.failure, *(next(outcomes) for _ in one.batches)]
        batches = known_batches(workspace, one.place)
        failure = next(filter(None, failures), None) or _nothing_readable(batches, one.keys)
        full = _full_read(workspace, one.place, places, days, failure, run_id=run_id, now=now)
        summary = _summary(one, batches, days, failure, full=full, now=now)
        summaries.append(summary)
        counts = {name: sum(row[name] for row in summary.reports) for name in ("records", "broken")}
        if one.place.shared_by:
            logger.warning(_counted_twice(one.place) or "", place=one.place.url)
        logger.info("read flow logs", place=one.place.url, objects=len(one.keys), batches=len(one.batches), **counts)
    return tuple(summaries)


def _full_read(
    workspace: Workspace,
    place: FlowLogPlace,
    places: Sequence[FlowLogPlace],
    days: Sequence[date],
    failure: Failure | None,
    *,
    run_id: str,
    now: datetime,
) -> FullRead | None:
    """The last reading that tells the place's whole window up to its time: this one, or else an earlier one; None where none does."""
    from cloudmigrate.aws.flow_log_places import overlapping

    beside = frozenset(f"{one.account_id}|{one.url}" for one in overlapping(place, places))
    name = f"flow-log-reads|{place.account_id}|{place.region}|{place.url}"
    if failure is None:
        read = FullRead(now, days[0], beside)
        workspace.ledger.set_mark(name, read.value(), run_id)
        return read
    mark = workspace.ledger.mark(name)
    earlier = FullRead.of(mark.value) if mark else None
    return earlier if earlier and earlier.covers(days[0], beside) else None


def _summary(
    listing: PlaceListing,
    batches: tuple[Batch, ...],
    days: Sequence[date],
    failure: Failure | None,
    *,
    full: FullRead | None,
    now: datetime,
) -> PlaceSummary:
    """The place's row and what is told of its objects: those of the window, whether they were listed now or read before."""
    from cloudmigrate.aws.flow_log_objects import day_in

    wanted = frozenset((*days, None))  # whose names tell no day may be of any
    reports = tuple(one for batch in batches for one in batch.reports if day_in(listing.place, one["key"]) in wanted)
    readable = {one["key"] for one in reports if one["status"] != "unreadable"}
    counts = {
        "objects": len(listing.keys | {one["key"] for one in reports}),
        "new_objects": sum(len(batch.objects) for batch in listing.batches),
        "read_objects": len(readable),
    }
    times = {"read_at": full.at if full else None, "attempted_at": now}
    row = _source_row(listing.place, failure, has_records=any(one["records"] for one in reports))
    return PlaceSummary(row | counts | times, batches, reports)


def _owned(
    workspace: Workspace, place: FlowLogPlace, others: Sequence[FlowLogPlace], listed: Sequence[StoredObject], known: Sequence[Batch]
) -> list[StoredObject]:
    """What of the place is its own to read, not another's."""
    from cloudmigrate.aws.flow_log_places import within

    elsewhere = {one.identity(key) for one in others if one != place for batch in known_batches(workspace, one) for key in batch.objects}
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


def _too_late(keys: Sequence[str]) -> Failure | None:
    """That these objects changed too late to be read again; None where there are none."""
    if not keys:
        return None
    changed = counted(len(keys), "object has", "objects have")
    detail = f"{changed} changed since the last read, such as {keys[0]}, but others that were read with them are gone"
    return Failure(CoverageStatus.PARTIAL, "Changed", None, detail, "what is new in them is not counted; keep files until they are whole")


def _nothing_readable(batches: Sequence[Batch], keys: Container[str]) -> Failure | None:
    """Why a place whose objects were all unreadable tells nothing; None where one was readable."""
    reports = [row for batch in batches for row in batch.reports if row["key"] in keys]
    if not reports or any(row["status"] != "unreadable" for row in reports):
        return None
    objects = counted(len(reports), "object")
    detail = f"none of {objects} could be read; {reports[0]['key']}: {reports[0]['detail'] or 'no line of it is a record'}"
    return Failure(
        CoverageStatus.FAILED, "Unreadable", None, detail, "see flow_log_objects; state this source's `format` if it has no header"
    )


def _source_row(place: FlowLogPlace, failure: Failure | None, *, has_records: bool) -> dict[str, Any]:
    status = "ok" if has_records else "empty"
    if failure is not None:
        status = "partial" if has_records else str(failure.status)
    return {
        "source": place.url,
        "account_id": place.account_id,
        "region": place.region,
        "found_by": place.found_by,
        "status": status,
        "error_code": failure.error_code if failure else None,
        "missing_action": failure.missing_action if failure else None,
        "detail": failure.sentence if failure else _counted_twice(place),
    }


def _counted_twice(place: FlowLogPlace) -> str | None:
    """That flow logs share the place, and what to do; None where none does."""
    if not place.shared_by:
        return None
    told = f"{', '.join(place.shared_by)} deliver to this one log group: where two cover an interface, its records count twice"
    return f"{told}. Next: keep one of them, or give each a log group of its own"


def parts_in(summaries: Sequence[PlaceSummary], dataset: str, days: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    """The parts of a dataset that lie in the window, each once."""
    seen: set[str] = set()
    for batch in (batch for one in summaries for batch in one.batches):
        for part in batch.parts:
            if part["dataset"] == dataset and part["day"] in days and part["path"] not in seen:
                seen.add(part["path"])
                yield part
