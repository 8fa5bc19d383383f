"""Risk from a tiny lake: facts worked out by hand, and the law over whole datasets: what was never made never lowers risk.

risk_degrees, risk_open_rules, risk_resources.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.aws.catalogue import BY_TYPE, CATALOGUE
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.risk_facts import Degree, ResourceFacts
from cloudmigrate.domain.risk_policy import LEVELS
from cloudmigrate.lake import datasets
from cloudmigrate.workspace import Workspace
from tasks.risk import assess_risk
from tasks.scoring import risk_facts
from tasks.snapshots import part_row, publish

ACCOUNT, REGION, SNAPSHOT, RUN = "111111111111", "eu-central-1", "20261122T120000Z-3f9a1c", "run-1"
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEB, DISK, DB, JOBS, FILES = "arn:web", "arn:disk", "arn:db", "arn:jobs", "arn:files"
OPEN, SHUT, GONE = "arn:sg-open", "arn:sg-shut", "arn:sg-gone"
GIB = 2**30
Rows = dict[str, list[dict[str, Any]]]


def resource(uid: str, type_: str, *, stateful: bool = False, spec: object = None, **more: object) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "provider": "aws",
        "account_id": ACCOUNT,
        "region": REGION,
        "name": uid,
        "state": "available",
        "tags": {},
        "storage_bytes": None,
        "private_ips": [],
        "created_at": AT - timedelta(days=400),
    }
    return usual | {"uid": uid, "type": type_, "stateful": stateful, "spec": spec or {}} | more


def looked(type_: str, status: str = "ok") -> dict[str, Any]:
    region = "global" if BY_TYPE[type_].is_global else REGION
    place = {"account_id": ACCOUNT, "region": region, "service": BY_TYPE[type_].service, "type": type_, "status": status}
    return place | {"error_code": None, "missing_action": None, "detail": None, "resources": 1}


def relation(source: str, target: str, kind: str) -> dict[str, Any]:
    return {"source_uid": source, "target_uid": target, "kind": kind}


def usage(uid: str, metric: str, p99: float, most: float, stat: str = "Average") -> dict[str, Any]:
    numbers = dict.fromkeys(("mean", "stddev", "p50", "p95", "p995"), 0.0) | {"p99": p99, "max": most}
    rest = {"unit": "x", "samples": 100, "coverage_share": 1.0, "idle_share": None, "peak_hour_of_week": None}
    return {"uid": uid, "metric": metric, "stat": stat} | numbers | rest | {"peak_hour_mean": None, "first_at": None, "last_at": None}


def asked(uid: str, type_: str, metric: str, stat: str, period_s: int) -> dict[str, Any]:
    place = {"uid": uid, "account_id": ACCOUNT, "region": REGION, "type": type_}
    return place | {"metric": metric, "stat": stat, "period_s": period_s, "status": "ok", "points": 9, "error_code": None, "detail": None}


def needs(source: str, target: str, port: int | None, confidence: float, *, observed: bool = True) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("first_seen", "last_seen", "allowed", "resolution", "direction", "periodicity", "days_seen", "days_logged", "statements", "via")
    )
    ends = {"source_uid": source, "target_uid": target, "protocol": 6 if port else None, "port": port}
    counts = {"kind": "traffic" if observed else "config", "bytes": 1, "packets": 1, "flows": 1}
    return empty | ends | counts | {"confidence": confidence, "observed": observed, "configured": not observed}


def seen(uid: str, days: int) -> dict[str, Any]:
    rest = {"interfaces": 1, "logged_interfaces": 1, "skipped_share": 0.0, "weekly_seen_probability": min(1.0, days / 7)}
    return {"uid": uid, "fully_logged_days": days, "monthly_seen_probability": min(1.0, days / 30)} | rest


def rule(number: int, group: str, *, open_to_world: bool, direction: str = "ingress", finding: str = "used") -> dict[str, Any]:
    ports = {"protocol": 6, "from_port": 443, "to_port": 443, "peer": "0.0.0.0/0"}
    rest = {"bearers": 1, "edges": 0, "bytes": 0, "last_seen": None, "description": None, "days_logged": None}
    found = {"rule_id": f"sgr-{number}", "group_uid": group, "direction": direction, "finding": finding, "open_to_world": open_to_world}
    return found | ports | rest


LAKE: Rows = {
    "inventory": [
        resource(
            WEB,
            "AWS::EC2::Instance",
            tags={"Criticality": "high"},
            spec={"InstanceId": "i-1", "NetworkInterfaces": [{"Attachment": {"DeviceIndex": 0, "AttachTime": "2020-11-22T12:00:00Z"}}]},
        ),
        resource(DISK, "AWS::EC2::Volume", stateful=True, storage_bytes=200 * GIB),
        resource(
            DB,
            "AWS::RDS::DBInstance",
            stateful=True,
            storage_bytes=200 * GIB,
            spec={"Engine": "mysql", "EngineVersion": "5.7.44", "PubliclyAccessible": False},
        ),
        resource(JOBS, "AWS::SQS::Queue", spec={"Policy": None}),
        resource(FILES, "AWS::S3::Bucket", stateful=True),
        resource("arn:eni", "AWS::EC2::NetworkInterface"),
        resource(OPEN, "AWS::EC2::SecurityGroup"),
        resource(SHUT, "AWS::EC2::SecurityGroup"),
    ],
    "coverage": [looked(row.type) for row in CATALOGUE],
    "relations": [
        relation(WEB, "arn:eni", "network-interface"),
        relation("arn:eni", OPEN, "security-group"),
        relation(WEB, SHUT, "security-group"),
        relation(DB, SHUT, "security-group"),
    ],
    "metric_coverage": [asked(DISK, "AWS::EC2::Volume", "VolumeWriteOps", "Sum", 300)],
    "utilisation": [
        usage(WEB, "CPUUtilization", 75.0, 99.0),
        usage(DISK, "VolumeWriteOps", 60_000.0, 90_000.0, stat="Sum"),  # in 300 s: 200 a second
        usage(DB, "WriteIOPS", 1500.0, 2000.0),
        usage(FILES, "BucketSizeBytes", 1.0, float(5 * GIB)),
    ],
    "observation": [seen(WEB, 15), seen(DB, 15)],
    "dependencies": [
        needs(WEB, DB, 3306, 0.9),
        needs(WEB, DB, 22, 0.5),  # the same pair by another port: counted once, by its surest
        needs("external:198.51.100.0/24", WEB, 443, 0.9),
        needs("unknown:10.0.0.9", WEB, 443, 0.5),
        needs(WEB, JOBS, None, 1.0, observed=False),
        needs("external:S3", "external:EC2", 443, 0.5),
    ],
    "rule_findings": [
        rule(1, OPEN, open_to_world=True, finding="unused"),
        rule(2, OPEN, open_to_world=True),
        rule(3, SHUT, open_to_world=False),
        rule(4, SHUT, open_to_world=True, direction="egress"),
    ],
    "workloads": [
        {"uid": uid, "workload": workload, "source": "tag", "reason": "", "confidence": 1.0}
        for uid, workload in ((WEB, "shop"), (DISK, "shop"), (DB, "stock"), (JOBS, "jobs"))
    ],
    "shared_services": [{"uid": JOBS, "service": "other", "peers": 1, "ports": [], "held_out": True, "reason": "decided"}],
}
DISCOVERED = ("inventory", "coverage", "relations")


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    account = Account(id=ACCOUNT, regions=(REGION,))
    return Estate(estate="acme", lake=str(tmp_path / "lake"), ledger=f"sqlite:///{tmp_path}/ledger.db", accounts=(account,))


def fill(estate: Estate, lake: Mapping[str, list[dict[str, Any]]], snapshot_id: str = SNAPSHOT) -> Workspace:
    """A snapshot with these datasets; one that is left out was never made."""
    workspace = Workspace.open(estate)
    workspace.ledger.begin_run(RUN, flow="discover-estate", estate="acme", parameters={})
    workspace.ledger.begin_snapshot(snapshot_id, "acme", RUN, started_at=AT)
    made = {name: workspace.lake.write(name, rows, snapshot_id=snapshot_id, part="p") for name, rows in lake.items()}
    workspace.ledger.commit_snapshot(snapshot_id, [part_row(made[name]) for name in DISCOVERED if made[name].rows])
    for name in made.keys() - set(DISCOVERED):
        publish(workspace, snapshot_id, name, [made[name]] if made[name].rows else [], RUN)
    return workspace


def facts_of(estate: Estate, lake: Mapping[str, list[dict[str, Any]]]) -> dict[str, ResourceFacts]:
    with fill(estate, lake).views(SNAPSHOT) as views:
        return {one.uid: one for one in risk_facts(views)}


def test_facts_by_hand(estate: Estate) -> None:
    found = facts_of(estate, LAKE)
    assert list(found) == [DB, DISK, FILES, JOBS, WEB], "what cannot migrate has no risk"
    assert found[WEB] == ResourceFacts(
        WEB,
        "AWS::EC2::Instance",
        stateful=False,
        inbound=Degree(2, 2, 1.4),  # a network outside and an address that nobody is known to hold
        outbound=Degree(2, 1, 1.9),  # the database by its surest port, the queue by configuration
        fully_logged_days=15,
        monthly_seen_probability=0.5,
        public_address=False,
        open_rules=2,  # by its interface's group; never used or not, and none of the egress rules
        created_at=datetime(2020, 11, 22, 12, tzinfo=UTC),
        criticality="high",
        cpu_p99_pct=75.0,
    )
    assert found[DB].inbound == Degree(1, 1, 0.9)
    assert (found[DB].open_rules, found[DB].writes_p99_per_s, found[DB].engine_version) == (0, 1500.0, "5.7.44")
    assert (found[DISK].writes_p99_per_s, found[DISK].fully_logged_days) == (200.0, None)
    assert (found[FILES].storage_bytes, found[FILES].may_be_older, found[FILES].public_address) == (5 * GIB, True, False)
    assert (found[JOBS].inbound, found[JOBS].open_rules) == (Degree(1, 0, 1.0), 0)


def test_a_group_that_was_not_read_leaves_the_rules_unknown(estate: Estate) -> None:
    lake = LAKE | {"relations": [*LAKE["relations"], relation(DB, GONE, "security-group")]}
    assert facts_of(estate, lake)[DB].open_rules is None


def test_a_whole_is_seen_as_long_as_its_least_seen_part(estate: Estate) -> None:
    parts = [resource(f"arn:{one}", "AWS::RDS::DBInstance") for one in ("a", "b")]
    lake = LAKE | {
        "inventory": [*LAKE["inventory"], *parts, resource("arn:whole", "AWS::RDS::DBCluster")],
        "relations": [*LAKE["relations"], *(relation(one["uid"], "arn:whole", "db-cluster") for one in parts)],
        "observation": [*LAKE["observation"], seen("arn:a", 30), seen("arn:b", 3)],
    }
    whole = facts_of(estate, lake)["arn:whole"]
    assert (whole.fully_logged_days, whole.monthly_seen_probability) == (3, 0.1)


def test_risk_is_published_and_told_again_the_same(estate: Estate) -> None:
    """28 of the server: 3 and 2 of its dependencies, 4 as half a month was seen, 6 by its tag, 3 by its type, 3 open, 3 CPU, 4 of age."""
    workspace = fill(estate, LAKE)
    assert assess_risk.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2") == 5
    first = read(workspace)
    web = first["risks"][WEB]
    assert (web["level"], web["points"], web["upper_points"], web["not_measured"]) == ("low", 28.0, 28.0, [])
    assert (web["score"], web["factors"][0]["factor"], sum(one["upper_points"] for one in web["factors"])) == (
        28.0,
        "downtime_tolerance",
        28,
    )
    by_factor = {row["factor"]: row for row in first["risk_factors"].values() if row["uid"] == WEB}
    assert by_factor["inbound_dependencies"]["evidence"] == "2 others need it, 2 of them seen in traffic (weighted 1.4)"
    assert by_factor["exposure"]["evidence"] == "no public address; 2 rules open to the world"
    assert {row["source"] for row in by_factor.values()} == {"flow_logs", "metrics", "rules", "inventory", "tags"}
    shop, stock = first["workload_risks"]["shop"], first["workload_risks"]["stock"]
    told = f"riskiest resource {WEB}: 28 points; 2 resources: 0; exchanges with 1 other workload: 2; sum 30: medium, though by itself no"
    assert shop["reason"].startswith(told)
    assert stock["resources"] == 1

    assert assess_risk.fn(estate, snapshot_id=SNAPSHOT, run_id="run-3") == 5
    assert read(workspace) == first


def read(workspace: Workspace) -> dict[str, dict[Any, dict[str, Any]]]:
    with workspace.views(SNAPSHOT) as views:
        return {
            "risks": {row["uid"]: row for row in views.rows("risks")},
            "risk_factors": {(row["uid"], row["factor"]): row for row in views.rows("risk_factors")},
            "workload_risks": {row["workload"]: row for row in views.rows("workload_risks")},
        }


def without(lake: Rows, *names: str) -> Rows:
    return {name: rows for name, rows in lake.items() if name not in names}


def bare(row: dict[str, Any]) -> dict[str, Any]:
    """A resource of which only the listing was read."""
    return row | {"spec": {}, "storage_bytes": None, "created_at": None}


MISSING: dict[str, Rows] = {
    "flow logs": without(LAKE, "observation")
    | {"dependencies": [row for row in LAKE["dependencies"] if row["configured"]], "shared_services": []},
    "all of dependency mapping": without(LAKE, "observation", "dependencies", "shared_services", "rule_findings"),
    "rules": without(LAKE, "rule_findings"),
    "metrics": without(LAKE, "utilisation", "metric_coverage"),
    "tags": LAKE | {"inventory": [row | {"tags": {}} for row in LAKE["inventory"]]},
    "details and relations": LAKE
    | {
        "inventory": [bare(row) for row in LAKE["inventory"]],
        "coverage": [row | {"status": "partial"} for row in LAKE["coverage"]],
        "relations": [],
        "dependencies": [row for row in LAKE["dependencies"] if row["observed"]],
    },
    "everything but the inventory": {name: LAKE[name] for name in (*DISCOVERED, "workloads")},
}


@pytest.mark.parametrize("missing", MISSING)
def test_what_was_never_made_never_lowers_risk(estate: Estate, tmp_path: Path, missing: str) -> None:
    """Of no factor of no resource, of no sum, and of no workload."""
    whole = fill(estate, LAKE)
    assess_risk.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2")
    other = estate.model_copy(update={"lake": str(tmp_path / "other"), "ledger": f"sqlite:///{tmp_path}/other.db"})
    less = fill(other, MISSING[missing])
    assess_risk.fn(other, snapshot_id=SNAPSHOT, run_id="run-2")

    before, after = read(whole), read(less)
    for name in ("risks", "risk_factors", "workload_risks"):
        assert before[name].keys() == after[name].keys()
        for key, row in before[name].items():
            assert after[name][key]["upper_points"] >= row["upper_points"], key
            if "level" in row:
                assert LEVELS.index(after[name][key]["level"]) >= LEVELS.index(row["level"])
    assert sum(row["upper_points"] for row in after["risks"].values()) > sum(row["upper_points"] for row in before["risks"].values())


def test_an_estate_without_workloads_has_no_workload_risks(estate: Estate) -> None:
    workspace = fill(estate, without(LAKE, "workloads"))
    assess_risk.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2")
    assert "workload_risks" not in workspace.ledger.parts_of(SNAPSHOT)
    assert "risks" in workspace.ledger.parts_of(SNAPSHOT)


def test_exchanges_leave_held_out_services_aside(estate: Estate) -> None:
    with fill(estate, LAKE).views(SNAPSHOT) as views:
        assert views.run("risk_exchanges") == [{"source_uid": WEB, "target_uid": DB}]


def test_an_empty_estate_has_empty_datasets(estate: Estate) -> None:
    workspace = fill(estate, {"inventory": [], "coverage": [], "relations": []})
    assert assess_risk.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2") == 0
    assert read(workspace)["risks"] == {}
    assert datasets.BY_NAME["risks"].name in workspace.ledger.parts_of(SNAPSHOT)
