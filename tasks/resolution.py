"""Traffic's second half: what was read of the flow logs, resolved to the resources that the snapshots know, and shown with one of them."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.addresses import InterfaceHolder
from cloudmigrate.domain.estate import Estate, Scope
from cloudmigrate.domain.flow_batches import flow_log_of
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.lake import traffic_datasets as datasets
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.views import Views
from cloudmigrate.ledger.records import SnapshotRow
from cloudmigrate.workspace import Workspace
from tasks.discovery import as_resource
from tasks.estate import retryable
from tasks.snapshots import publish_together
from tasks.traffic import PlaceSummary, parts_in

logger = log.get_logger(__name__)
SNAPSHOTS_AT_MOST = 400  # looked back on; more than a year of nightly ones


@task(
    name="resolve-traffic",
    task_run_name="traffic of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def resolve_traffic(estate: Estate, summaries: Sequence[PlaceSummary], *, snapshot_id: str, run_id: str, days: Sequence[date]) -> int:
    """Publish the traffic that the snapshot sees in the window, and all that tells how far to trust it; the number of edges."""
    from cloudmigrate.aws.flow_log_places import refused_interfaces, refusing
    from cloudmigrate.aws.interfaces import ADDRESSED_TYPES, NETWORK_TYPES, addressed, with_owners
    from cloudmigrate.aws.vpc_routes import networks
    from cloudmigrate.domain.addresses import intervals
    from cloudmigrate.lake.traffic import BESIDE_MB, write_observation, write_traffic

    workspace = Workspace.open(estate)
    part = f"traffic-{log.short_id()}"
    with log.bound(run_id):
        read = _read_parts(workspace, summaries, snapshot_id, days, part)
        shown = _with(workspace, snapshot_id, read)
        with workspace.views(snapshot_id) as views:
            found = networks(as_resource(row) for row in views.run("resources_of_types", types=list(NETWORK_TYPES)))
            flow_logs = [as_resource(row) for row in views.run("resources_of_types", types=["AWS::EC2::FlowLog"])]
            with_address = list(addressed(as_resource(row) for row in views.run("resources_of_types", types=list(ADDRESSED_TYPES))))
        with workspace.open_views(snapshot_id, shown, beside_mb=BESIDE_MB) as views:
            owners = _owners(views.run("interface_owners"))
            timeline = [(at, list(with_owners(some, owners))) for at, some in _timeline(workspace, snapshot_id, days)]
            holders = [holder for _, some in timeline for holder in some]
            refused = frozenset(refused_interfaces(flow_logs, holders))
            if refused:
                logger.warning("flow logs of rejected traffic alone: what was accepted there was not logged", interfaces=len(refused))
            made = write_traffic(
                views,
                holders=holders,
                intervals=intervals(timeline),
                reach=found.routes,
                members=found.members,
                outside=found.outside,
                owners=owners,
                streams=streams_of(summaries),
                refused_batches=batches_of(summaries, refusing(flow_logs)),
                refused_interfaces=refused,
                part=part,
            )
        with workspace.open_views(snapshot_id, shown | {one.dataset: (one.path,) for one in made}) as views:
            watched = write_observation(views, timeline[-1][1] if timeline else (), addressed=with_address, part=part)
        published: dict[str, list[Part]] = {**read, **{one.dataset: [one] for one in (*made, watched)}}
        publish_together(workspace, snapshot_id, published, run_id)
        logger.info("resolved traffic", edges=made[0].rows, snapshots=len(timeline))
    return made[0].rows


def _owners(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """interface -> uid of its owner, as the newest records name it."""
    from cloudmigrate.aws.interfaces import owner_of

    found = {row["interface_id"]: owner_of(row["owner_hint"], account_id=row["account_id"], region=row["region"]) for row in rows}
    return {interface_id: uid for interface_id, uid in found.items() if uid}


def streams_of(summaries: Sequence[PlaceSummary]) -> dict[str, str]:
    """Value of the column ``batch`` -> the flow log that it came from: its id where the objects' names tell, else the place alone."""
    return {
        _batch_in(part["path"]): f"{one.source['account_id']} {one.source['source']} {flow_log_of(next(iter(batch.objects), ''))}"
        for one in summaries
        for batch in one.batches
        for part in batch.parts
    }


def batches_of(summaries: Sequence[PlaceSummary], flow_log_ids: Container[str]) -> frozenset[str]:
    """Values of the column ``batch`` that came from one of these flow logs, as far as the objects' names tell."""
    return frozenset(
        _batch_in(part["path"])
        for one in summaries
        for batch in one.batches
        if flow_log_of(next(iter(batch.objects), "")) in flow_log_ids
        for part in batch.parts
    )


def _batch_in(path: str) -> str:
    """The batch that a part was written by, as its name tells: <dataset>-<batch>.parquet."""
    return path.rpartition("/")[2].removesuffix(".parquet").partition("-")[2]


def _read_parts(
    workspace: Workspace, summaries: Sequence[PlaceSummary], snapshot_id: str, days: Sequence[date], part: str
) -> dict[str, list[Part]]:
    """What was read, as parts by dataset: the partial aggregates of the window, and the rows about sources and objects."""
    wanted = frozenset(day.isoformat() for day in days)
    found: dict[str, list[Part]] = {
        name: [Part(name, one["path"], one["rows"], one["bytes"]) for one in parts_in(summaries, name, wanted)]
        for name in (datasets.CONVERSATIONS.name, datasets.INTERFACE_LOGS.name)
    }
    objects = {
        (row["source"], account_id, row["key"]): {**row, "account_id": account_id}
        for one in summaries
        for account_id in (one.source["account_id"],)
        for row in one.reports
    }
    names = datasets.FLOW_LOG_OBJECTS.schema.names
    rows = ({name: row[name] for name in names} for row in objects.values())
    found[datasets.FLOW_LOG_OBJECTS.name] = [workspace.lake.write(datasets.FLOW_LOG_OBJECTS, rows, snapshot_id=snapshot_id, part=part)]
    sources = (dict(one.source) for one in summaries)
    found[datasets.FLOW_LOG_SOURCES.name] = [workspace.lake.write(datasets.FLOW_LOG_SOURCES, sources, snapshot_id=snapshot_id, part=part)]
    return found


def _with(workspace: Workspace, snapshot_id: str, parts: Mapping[str, Sequence[Part]]) -> dict[str, tuple[str, ...]]:
    """The paths of the snapshot's datasets, with *parts* instead of what it had of theirs."""
    return workspace.ledger.parts_of(snapshot_id) | {name: tuple(one.path for one in some) for name, some in parts.items()}


def _timeline(workspace: Workspace, snapshot_id: str, days: Sequence[date]) -> list[tuple[datetime, list[InterfaceHolder]]]:
    """When which interface served what: of the snapshots up to this one that looked at the same interfaces, oldest first.

    Of those before the window the last one is enough: what it saw held until the next saw something else.
    """
    from cloudmigrate.aws.interfaces import HOLDER_TYPES, INTERFACE, holders

    this = workspace.snapshot(snapshot_id)
    begins = datetime.combine(days[0], datetime.min.time(), UTC)
    known = workspace.ledger.snapshots(workspace.estate.estate, limit=SNAPSHOTS_AT_MOST)
    chosen = sorted(
        (one for one in known if one.started_at <= this.started_at and _saw(one, this, INTERFACE)), key=lambda row: row.started_at
    )
    older = [one for one in chosen if one.started_at <= begins]
    same: dict[InterfaceHolder, InterfaceHolder] = {}  # most are as the snapshot before saw them: kept once
    timeline: list[tuple[datetime, list[InterfaceHolder]]] = []
    for one in [*older[-1:], *chosen[len(older) :]]:
        with workspace.views(one.snapshot_id) as views:
            rows: list[dict[str, Any]] = views.run("resources_of_types", types=list(HOLDER_TYPES))
            unseen = _unseen(views, INTERFACE)
        held = [same.setdefault(holder, holder) for holder in holders(as_resource(row) for row in rows)]
        # Where it was refused to look, what was seen last is still the best that is known; nothing there would seem to be gone.
        held += [holder for holder in (timeline[-1][1] if timeline else ()) if (holder.account_id, holder.region) in unseen]
        if held or not unseen:  # else it saw nothing of them: the first that does is the first
            timeline.append((one.started_at, held))
    return timeline


def _unseen(views: Views, type_: str) -> frozenset[tuple[str, str]]:
    """The accounts and regions where resources of that type could not be listed."""
    listed = (CoverageStatus.OK, CoverageStatus.EMPTY, CoverageStatus.PARTIAL)
    rows = [row for row in views.rows("coverage") if row["type"] == type_ and row["status"] not in listed]
    return frozenset((row["account_id"], row["region"]) for row in rows)


def _saw(one: SnapshotRow, this: SnapshotRow, type_: str) -> bool:
    """Whether a snapshot looked at all interfaces that this one did; one that did not would seem to show that they were gone."""
    scope, wanted = Scope.model_validate(one.scope), Scope.model_validate(this.scope)
    has_type = not scope.types or type_ in scope.types
    has_regions = not scope.regions or (bool(wanted.regions) and set(wanted.regions) <= set(scope.regions))
    return has_type and has_regions and (not scope.tags or scope.tags == wanted.tags)
