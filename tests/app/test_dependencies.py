"""Flow logs end to end (with resources_of_types): objects in S3, resolved to instances, read once, and again where they changed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from cloudmigrate.simulate.emulator import Emulator
from tests.app.conftest import Cli, environment_of
from tests.faults import fault_proxy
from tests.flow_log_samples import Host, conversation, packed

pytestmark = pytest.mark.xdist_group("dependencies")

ACCOUNT, REGION, BUCKET = "123456789012", "us-west-2", "flow-logs-of-acme"
PREFIX = f"AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/"
TYPES = ("--types", "AWS::EC2::Instance", "AWS::EC2::NetworkInterface", "AWS::EC2::VPC", "AWS::EC2::FlowLog")
ESTATE = f"""\
estate: acme
accounts: [{{id: "{ACCOUNT}", regions: [{REGION}]}}]
traffic: {{days: 3}}
flow_logs: ["s3://{BUCKET}/{PREFIX}"]
"""


@pytest.fixture
def run(tmp_path: Path, clean_emulator: Emulator, prefect_url: str) -> Cli:
    (tmp_path / "estate.yaml").write_text(ESTATE)
    return Cli(tmp_path, environment_of(clean_emulator, prefect_url))


@pytest.fixture
def hosts(clean_emulator: Emulator) -> tuple[Host, Host]:
    """Two instances of the emulator: a client and a server."""
    ec2 = boto3.client("ec2", region_name=REGION)
    made = ec2.run_instances(ImageId="ami-12345678", MinCount=2, MaxCount=2)["Instances"]
    found = []
    for one in made:
        interface = one["NetworkInterfaces"][0]
        found.append(Host(one["InstanceId"], interface["PrivateIpAddress"], interface["VpcId"], interface["NetworkInterfaceId"]))
    return found[0], found[1]


def put(name: str, lines: list[str], *, days_ago: int = 1) -> None:
    day = datetime.now(UTC) - timedelta(days=days_ago)
    s3 = boto3.client("s3", region_name=REGION)
    s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}{day:%Y/%m/%d}/{name}.log.gz", Body=packed(lines))


def test_flow_logs_are_read_once_and_again_where_they_changed(run: Cli, hosts: tuple[Host, Host], clean_emulator: Emulator) -> None:
    web, db = hosts
    yesterday = datetime.now(UTC) - timedelta(days=1)
    boto3.client("s3", region_name=REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    put("one", conversation(web, db, 5432, at=yesterday))
    put("old", conversation(web, db, 80, at=yesterday), days_ago=9)  # before the window
    run("discover", *TYPES)

    run("dependencies")

    edges = "select source_uid, target_uid, port, bytes, resolution from traffic order by port"
    prefix = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/"
    one = {"source_uid": prefix + web.name, "target_uid": prefix + db.name, "port": 5432, "bytes": 6000, "resolution": "assumed"}
    assert run.query(edges) == [one]
    sources = "select status, objects, new_objects from flow_log_sources"
    assert run.query(sources) == [{"status": "ok", "objects": 1, "new_objects": 1}]

    run("dependencies")  # nothing is new: the same answer, nothing read
    assert run.query(sources) == [{"status": "ok", "objects": 1, "new_objects": 0}]
    assert run.query(edges) == [one]

    put("one", conversation(web, db, 5432, at=yesterday, back=7000))
    put("two", ["broken", *conversation(web, db, 443, at=yesterday)])
    run("dependencies")
    assert run.query(edges) == [{**one, "port": 443}, {**one, "bytes": 8000}]
    assert run.query("select sum(broken) as broken, count(*) as objects from flow_log_objects") == [{"broken": 1, "objects": 2}]
    assert run.query("select count(distinct uid) as n from observation") == [{"n": 2}]


def test_a_denied_bucket_is_a_gap_and_names_the_action(run: Cli, hosts: tuple[Host, Host], clean_emulator: Emulator) -> None:
    run("discover", *TYPES)
    with fault_proxy(clean_emulator.url, warm=("s3",)) as proxy:
        proxy.rules({"service": "s3", "operation": "ListObjectsV2", "error": {"code": "AccessDenied"}})
        refused = Cli(run.folder, run.environment | proxy.environment())

        done = refused("dependencies", "--json", code=3)

    assert json.loads(done.stdout)["flow_log_gaps"] == 1
    assert run.query("select status, missing_action from flow_log_sources") == [{"status": "denied", "missing_action": "s3:ListBucket"}]
    assert run.query("select count(*) as n from traffic") == [{"n": 0}]


def test_a_bucket_that_is_denied_later_keeps_what_it_gave(run: Cli, hosts: tuple[Host, Host], clean_emulator: Emulator) -> None:
    """The failed attempt is told, by that run and offline after it, and what was read before is neither lost nor denied."""
    web, db = hosts
    boto3.client("s3", region_name=REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    put("one", conversation(web, db, 5432, at=datetime.now(UTC) - timedelta(days=1)))
    run("discover", *TYPES)
    run("dependencies")
    traffic = "select source_uid, target_uid, port, bytes from traffic"
    [edge] = run.query(traffic)
    [read] = run.query("select read_at, attempted_at from flow_log_sources")
    assert read["read_at"] == read["attempted_at"]

    with fault_proxy(clean_emulator.url, warm=("s3",)) as proxy:
        proxy.rules({"service": "s3", "operation": "ListObjectsV2", "error": {"code": "AccessDenied"}})
        told = Cli(run.folder, run.environment | proxy.environment())("dependencies", code=3).stdout
    assert "flow logs: 1 place could not be read wholly at the last attempt (" in told
    assert "), but read in full before (until " in told
    assert run("dependencies", "--offline", code=3).stdout == told

    assert run.query(traffic) == [edge]
    rows = run.query("select status, missing_action, objects, new_objects, read_objects, read_at, attempted_at from flow_log_sources")
    assert [(row["status"], row["missing_action"], row["objects"], row["new_objects"], row["read_objects"]) for row in rows] == [
        ("partial", "s3:ListBucket", 1, 0, 1)
    ]
    assert rows[0]["read_at"] == read["read_at"] < rows[0]["attempted_at"]

    run("dependencies")
    assert run.query("select status, objects, new_objects from flow_log_sources") == [{"status": "ok", "objects": 1, "new_objects": 0}]


def test_a_log_group_is_read_by_the_hour_and_its_settled_hours_once(run: Cli, hosts: tuple[Host, Host], clean_emulator: Emulator) -> None:
    web, db = hosts
    group = "/vpc/flow"
    (run.folder / "estate.yaml").write_text(
        ESTATE.replace(f'"s3://{BUCKET}/{PREFIX}"', f"{{url: logs://{REGION}/{group}, account: '{ACCOUNT}'}}")
    )
    logs = boto3.client("logs", region_name=REGION)
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="eni")
    run("discover", *TYPES)

    def deliver(at: datetime, port: int) -> None:
        rows = [{"timestamp": int(at.timestamp() * 1000), "message": line} for line in conversation(web, db, port, at=at)]
        logs.put_log_events(logGroupName=group, logStreamName="eni", logEvents=rows)

    now = datetime.now(UTC)
    deliver(now - timedelta(days=1), 5432)
    deliver(now - timedelta(minutes=5), 443)
    run("dependencies")
    edges = "select port, bytes from traffic order by port"
    assert run.query(edges) == [{"port": 443, "bytes": 6000}, {"port": 5432, "bytes": 6000}]
    sources = "select source, status, objects, new_objects from flow_log_sources"
    [first] = run.query(sources)
    assert (first["source"], first["status"]) == (f"logs://{REGION}/{group}", "ok")
    assert first["objects"] == first["new_objects"] >= 48

    deliver(now - timedelta(days=1), 22)  # too late: that hour is settled
    deliver(now - timedelta(minutes=4), 443)
    run("dependencies")
    assert run.query(edges) == [{"port": 443, "bytes": 12_000}, {"port": 5432, "bytes": 6000}]
    assert run.query(sources)[0]["new_objects"] <= 4

    with fault_proxy(clean_emulator.url, warm=("logs",)) as proxy:
        proxy.rules({"service": "logs", "operation": "FilterLogEvents", "error": {"code": "AccessDeniedException"}})
        Cli(run.folder, run.environment | proxy.environment())("dependencies", "--json", code=3)
    assert run.query("select status, missing_action from flow_log_sources") == [
        {"status": "partial", "missing_action": "logs:FilterLogEvents"}
    ]


def test_places_that_overlap_count_their_objects_once(run: Cli, hosts: tuple[Host, Host], clean_emulator: Emulator) -> None:
    web, db = hosts
    boto3.client("s3", region_name=REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    put("one", conversation(web, db, 5432, at=datetime.now(UTC) - timedelta(days=1)))
    run("discover", *TYPES)
    wide = f'"s3://{BUCKET}/{PREFIX}"'
    narrow = f'{{url: "s3://{BUCKET}/AWSLogs/", account: "{ACCOUNT}"}}'
    counted = "select sum(bytes)::int as bytes from traffic"
    read = "select sum(new_objects)::int as new, sum(objects)::int as listed from flow_log_sources"

    run("dependencies")
    (run.folder / "estate.yaml").write_text(ESTATE.replace(wide, f"{narrow}, {wide}"))
    run("dependencies")
    assert run.query(counted) == [{"bytes": 6000}]
    assert run.query(read) == [{"new": 0, "listed": 1}]

    put("two", conversation(web, db, 443, at=datetime.now(UTC) - timedelta(days=1)))
    run("dependencies")
    assert run.query(counted) == [{"bytes": 12_000}]
    assert run.query(read) == [{"new": 1, "listed": 2}]


def test_two_flow_logs_on_the_same_interfaces_count_once(run: Cli, hosts: tuple[Host, Host], clean_emulator: Emulator) -> None:
    web, db = hosts
    boto3.client("s3", region_name=REGION).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for flow_log in ("fl-0a", "fl-0b"):
        lines = conversation(web, db, 5432, at=datetime.now(UTC) - timedelta(days=1))
        put(f"{ACCOUNT}_vpcflowlogs_{REGION}_{flow_log}_20251122T0000Z_ab", lines)
    run("discover", *TYPES)

    run("dependencies")

    assert run.query("select bytes, flows from traffic") == [{"bytes": 6000, "flows": 2}]
    assert run.query("select sum(bytes)::int as logged from flow_log_objects") == [{"logged": 24_000}]
