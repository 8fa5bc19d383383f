"""A small estate in a lake and a ledger on disk, as discovery and mapping would have left it; nothing is called, nothing runs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloudmigrate.domain.estate import Account, Estate, Scope
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.lake import datasets
from cloudmigrate.workspace import Workspace
from tasks.snapshots import begin_snapshot, commit_snapshot, publish

ACCOUNT, REGION = "111111111111", "eu-central-1"
SEEN_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
YAML = f"""\
estate: acme
lake: ./lake
ledger: sqlite:///ledger.db
accounts: [{{id: "{ACCOUNT}", regions: [{REGION}]}}]
"""


def server(name: str) -> str:
    """The uid of an instance of that name."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{name}"


def resource(uid: str, type_: str = "AWS::EC2::Instance", **told: Any) -> dict[str, Any]:
    """A row of inventory, named after the end of its uid."""
    usual = {
        "provider": "aws",
        "account_id": ACCOUNT,
        "region": REGION,
        "type": type_,
        "name": uid.rpartition("/")[2],
        "state": "running",
        "tags": {},
        "spec": {},
        "stateful": False,
        "storage_bytes": None,
        "private_ips": [],
        "created_at": None,
    }
    return {"uid": uid} | usual | told


def dependency(source: str, target: str, *, bytes_: int = 1000, port: int = 443, **told: Any) -> dict[str, Any]:
    """An observed row of dependencies, of one fully logged day."""
    usual = {
        "kind": "traffic",
        "protocol": 6,
        "port": port,
        "bytes": bytes_,
        "packets": 10,
        "flows": 2,
        "confidence": 0.9,
        "observed": True,
        "configured": False,
        "allowed": True,
        "first_seen": SEEN_AT,
        "last_seen": SEEN_AT,
        "resolution": "resolved",
        "direction": "syn",
        "periodicity": "daily",
        "days_seen": 1,
        "days_logged": 1,
        "statements": [],
        "via": [],
    }
    return {"source_uid": source, "target_uid": target} | usual | told


def logged(uid: str) -> dict[str, Any]:
    """A row of flow_log_coverage: that traffic was looked at."""
    told = {"records": 1, "nodata_records": 0, "skipdata_records": 0, "logged_hours": 24, "skipped_hours": 0}
    where = {"interface_id": "eni-1", "day": SEEN_AT.date(), "account_id": ACCOUNT, "region": REGION, "uid": uid, "vpc_id": "vpc-1"}
    return where | told | {"fully_logged": True, "aggregation_s": 60}


def write_estate(folder: Path, yaml: str = YAML) -> Path:
    """The estate file."""
    path = folder / "estate.yaml"
    path.write_text(yaml)
    return path


def take_snapshot(
    workspace: Workspace,
    resources: Iterable[Mapping[str, Any]],
    relations: Iterable[tuple[str, str, str]] = (),
    **derived: Sequence[Mapping[str, Any]],
) -> str:
    """A committed snapshot with these rows, and with those of derived datasets (dependencies, workloads, ...); its id."""
    known = {one.name: one for one in datasets.DATASETS}
    workspace.ledger.begin_run("made", flow="test", estate=workspace.estate.estate)
    snapshot_id = begin_snapshot(workspace, Scope(), run_id="made")
    rows = {
        datasets.INVENTORY: list(resources),
        datasets.RELATIONS: [{"source_uid": a, "target_uid": b, "kind": kind} for a, b, kind in relations],
    }
    parts = [workspace.lake.write(dataset, some, snapshot_id=snapshot_id, part="p") for dataset, some in rows.items() if some]
    commit_snapshot(workspace, snapshot_id, parts)
    for name, some in derived.items():
        part = workspace.lake.write(known[name], some, snapshot_id=snapshot_id, part="p")
        publish(workspace, snapshot_id, name, [part] if part.rows else [], "made")
    return snapshot_id


def estate_in(folder: Path, policy: WavePolicy | None = None) -> Estate:
    """The estate of ``YAML`` with its paths in *folder*."""
    account = Account(id=ACCOUNT, regions=(REGION,))
    places = {"lake": str(folder / "lake"), "ledger": f"sqlite:///{folder}/ledger.db"}
    return Estate(estate="acme", accounts=(account,), planning=policy or WavePolicy(), **places)
