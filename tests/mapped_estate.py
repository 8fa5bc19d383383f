"""An estate whose flow logs are files of this machine, mapped in this process as the flow map-dependencies does; nothing is called."""

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cloudmigrate.domain.estate import Account, Estate, FlowLogSource, TrafficSettings
from cloudmigrate.domain.flow_batches import days_of
from cloudmigrate.domain.workload_mapping import WorkloadMapping
from cloudmigrate.workspace import Workspace
from tasks.dependencies import draw_dependencies, find_shared_services
from tasks.flow_log_batches import read_batch
from tasks.resolution import resolve_traffic
from tasks.rules import find_unused_rules
from tasks.traffic import list_place, places_of, summaries_of, unlisted_places, window_of
from tasks.workloads import propose_workloads
from tests.flow_log_samples import HEADER, Host, conversation
from tests.planned_estate import ACCOUNT, REGION, resource, take_snapshot

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEB, DB, JOB = Host("web", "10.0.0.1"), Host("db", "10.0.0.2"), Host("job", "10.0.0.3")


def mapped_estate(folder: Path) -> Estate:
    """The estate; its flow logs lie under *folder*/logs."""
    account = Account(id=ACCOUNT, regions=(REGION,))
    places = {"lake": str(folder / "lake"), "ledger": f"sqlite:///{folder}/ledger.db"}
    sources = (FlowLogSource(url=str(folder / "logs"), account=ACCOUNT, format=None),)
    return Estate(estate="acme", accounts=(account,), flow_logs=sources, traffic=TrafficSettings(days=3), **places)  # type: ignore[arg-type]


def put_logs(folder: Path, name: str, lines: Iterable[str], *, days_ago: int = 1) -> Path:
    """A flow log file of one day."""
    path = folder / "logs" / f"{NOW - timedelta(days=days_ago):%Y/%m/%d}" / f"{name}.log.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join((HEADER, *lines, "")).encode()))
    return path


def put_usual_logs(folder: Path) -> None:
    """Two days of conversations: web and job ask the database."""
    for day in (1, 2):
        at = NOW - timedelta(days=day)
        put_logs(folder, "web", conversation(WEB, DB, 5432, at=at), days_ago=day)
        put_logs(folder, "job", conversation(JOB, DB, 5432, at=at, ephemeral=50_000), days_ago=day)


def looked(type_: str, status: str, action: str | None = None) -> dict[str, object]:
    """A row of coverage."""
    where = {"account_id": ACCOUNT, "region": REGION, "service": "ec2", "type": type_, "status": status, "resources": 0}
    return where | {"error_code": None, "missing_action": action, "detail": None}


def take_usual_snapshot(
    workspace: Workspace, *coverage: dict[str, object], interfaces: bool = True, others: Iterable[dict[str, object]] = ()
) -> str:
    """A snapshot of three instances, their interfaces and *others*; its id."""
    rows = [*others, *(resource(host.uid, name=host.name) for host in (WEB, DB, JOB))]
    rows += [
        resource(
            f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/{host.interface_id}",
            "AWS::EC2::NetworkInterface",
            spec={
                "NetworkInterfaceId": host.interface_id,
                "VpcId": host.vpc_id,
                "SubnetId": "subnet-1",
                "PrivateIpAddresses": [{"PrivateIpAddress": host.address}],
                "Attachment": {"InstanceId": f"i-{host.name}"},
            },
        )
        for host in (WEB, DB, JOB)
        if interfaces
    ]
    return take_snapshot(workspace, rows, coverage=coverage)


def map_here(workspace: Workspace, snapshot_id: str, run_id: str, *, now: datetime = NOW) -> None:
    """What `flows.map_dependencies` does, without Prefect."""
    estate = workspace.estate
    workspace.ledger.begin_run(run_id, flow="map-dependencies", estate=estate.estate)
    days = days_of(*window_of(estate, now))
    places = places_of(workspace, snapshot_id)
    listings = [list_place.fn(estate, one, others=places, days=days, run_id=run_id, now=now) for one in places]
    refused = [read_batch.fn(estate, batch, run_id=run_id, now=now) for one in listings for batch in one.batches]
    read = summaries_of(workspace, listings, refused, days=days, run_id=run_id, now=now)
    summaries = (*read, *unlisted_places(workspace, snapshot_id))
    resolve_traffic.fn(estate, summaries, snapshot_id=snapshot_id, run_id=run_id, days=days)
    draw_dependencies.fn(estate, snapshot_id=snapshot_id, run_id=run_id)
    find_unused_rules.fn(estate, snapshot_id=snapshot_id, run_id=run_id)
    find_shared_services.fn(estate, snapshot_id=snapshot_id, run_id=run_id)
    propose_workloads.fn(estate, WorkloadMapping(), snapshot_id=snapshot_id, run_id=run_id)
