"""What is billed of a resource, and how much of it in a month: one hand-worked case for each way."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.lake.costs import LINE_FILES, prepare_lines
from cloudmigrate.lake.function_time import make_function_time
from cloudmigrate.lake.results import python_value, rows_of
from tests.cost_lake import OREGON, lake_views, row_of, thing, together, used
from tests.pattern_lake import series_views

GIB = 1024**3
SERVER, VOLUME, DATABASE, CLUSTER = "AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
BUCKET, FUNCTION, SERVICE = "AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::ECS::Service"
Lines = dict[tuple[str, str, str], dict[str, Any]]
# Every SQL file behind the lines: instance_lines volume_lines snapshot_lines database_lines cache_lines bucket_lines object_lines
# function_lines container_lines balancer_lines network_lines request_lines message_lines item_lines
# transfer_lines unruled_lines, over monthly_use.


def lines(*things: Mapping[str, Any], **more: Any) -> Lines:
    """The lines of these resources, by uid, line and variant."""
    with lake_views(together({"inventory": things}, more)) as views:
        prepare_lines(views, CostPolicy())
        found: Any = rows_of(views.execute("from cost_lines"), python_value)[1]
    assert len({(row["uid"], row["line"], row["variant"]) for row in found}) == len(found)
    return {(row["uid"], row["line"], row["variant"]): row for row in found}


def quantities(found: Lines) -> dict[tuple[str, str, str], Decimal | None]:
    """Key and quantity by line and variant."""
    return {(line, variant, row["key"]): row["quantity"] for (_, line, variant), row in found.items() if line != "transfer"}


@pytest.mark.parametrize(
    ("spec", "state", "key", "hours"),
    [
        pytest.param({"PlatformDetails": "Linux/UNIX"}, "running", "ec2:{size}:linux", 730, id="linux"),
        pytest.param({"PlatformDetails": "Linux/UNIX"}, "stopped", "ec2:{size}:linux", 0, id="stopped-costs-only-its-volumes"),
        pytest.param({"UsageOperation": "RunInstances:0006"}, "running", "ec2:{size}:windows-sql-std", 730, id="operation-tells-software"),
        pytest.param({"Platform": "windows"}, "running", "ec2:{size}:windows", 730, id="only-the-platform-is-told"),
        pytest.param({"Placement": {"Tenancy": "dedicated"}}, "running", "ec2:{size}:linux:dedicated", 730, id="dedicated"),
    ],
)
def test_a_server_costs_its_hours(spec: dict[str, Any], state: str, key: str, hours: int) -> None:
    row = lines(thing("i-1", SERVER, state=state, InstanceType="m5.large", **spec))["i-1", "compute", "always"]
    assert (row["size"], row["key"], row["quantity"]) == ("m5.large", key, hours)


def test_a_server_of_a_container_cluster_is_not_needed_on_fargate() -> None:
    relation = row_of("relations", source_uid="cluster", target_uid="i-1", kind="container-instance")
    found = lines(thing("i-1", SERVER, InstanceType="m5.large"), relations=[relation])
    assert (found["i-1", "compute", "now"]["quantity"], found["i-1", "compute", "replatform"]["quantity"]) == (730, 0)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"VolumeType": "gp3", "Size": 100, "Iops": 3000, "Throughput": 125},
            {("storage", "always", "ebs:gp3:storage"): 100},
            id="what-gp3-includes-is-free",
        ),
        pytest.param(
            {"VolumeType": "gp3", "Size": 100, "Iops": 5000, "Throughput": 200},
            {
                ("storage", "always", "ebs:gp3:storage"): 100,
                ("iops", "always", "ebs:gp3:iops"): 2000,
                ("throughput", "always", "ebs:gp3:throughput"): 75,
            },
            id="gp3-above",
        ),
        pytest.param(
            {"VolumeType": "gp2", "Size": 2000},
            {
                ("storage", "now", "ebs:gp2:storage"): 2000,
                ("storage", "replatform", "ebs:gp3:storage"): 2000,
                ("iops", "replatform", "ebs:gp3:iops"): 3000,  # 3 x 2,000 less the 3,000 that are included
                ("throughput", "replatform", "ebs:gp3:throughput"): 125,  # 250 less 125
            },
            id="gp2-and-its-gp3",
        ),
        pytest.param(
            {"VolumeType": "gp2", "Size": 100},
            {("storage", "now", "ebs:gp2:storage"): 100, ("storage", "replatform", "ebs:gp3:storage"): 100},
            id="small-gp2",
        ),
        pytest.param(
            {"VolumeType": "io2", "Size": 1000, "Iops": 70000},
            {
                ("storage", "always", "ebs:io2:storage"): 1000,
                ("iops", "always", "ebs:io2:iops"): 32000,
                ("iops tier2", "always", "ebs:io2:iops:tier2"): 32000,
                ("iops tier3", "always", "ebs:io2:iops:tier3"): 6000,
            },
            id="io2-tiers",
        ),
        pytest.param(
            {"VolumeType": "standard", "Size": 40},
            {("storage", "always", "ebs:standard:storage"): 40, ("requests", "always", "ebs:standard:io"): None},
            id="magnetic-requests-unknown",
        ),
    ],
)
def test_a_volume_costs_gigabytes_and_what_is_provisioned(spec: dict[str, Any], expected: dict[Any, Any]) -> None:
    assert quantities(lines(thing("v-1", VOLUME, **spec))) == expected


def test_what_was_counted_is_scaled_to_a_month() -> None:
    """Means of 3 and 7 requests in 300 s, data in half of all periods: 10 x 0.5 x 730 x 12 = 43,800; 87,600 if gaps were as the rest."""
    measured = together(used("v-1", "VolumeReadOps", 3, share=0.5), used("v-1", "VolumeWriteOps", 7, share=0.5))
    row = lines(thing("v-1", VOLUME, VolumeType="standard", Size=1), **measured)["v-1", "requests", "always"]
    assert (row["quantity"], row["high"], row["evidence"]) == (43_800, 87_600, "measured")


def test_only_the_oldest_snapshot_of_a_volume_has_a_size() -> None:
    spec = {"VolumeId": "vol-1", "VolumeSize": 100}
    found = lines(
        thing("s-1", "AWS::EC2::Snapshot", StartTime="2026-01-01", **spec),
        thing("s-2", "AWS::EC2::Snapshot", StartTime="2026-02-01", **spec),
    )
    first, later = (found[uid, "snapshot", "always"] for uid in ("s-1", "s-2"))
    assert (first["low"], first["quantity"], first["evidence"]) == (0, 100, "assumed")
    assert later["quantity"] is None
    assert "changed blocks" in later["unknown"]


@pytest.mark.parametrize(
    ("spec", "state", "expected"),
    [
        pytest.param(
            {"Engine": "postgres", "MultiAZ": True, "StorageType": "gp3", "AllocatedStorage": 500, "Iops": 13000, "StorageThroughput": 500},
            "available",
            {
                ("compute", "always", "rds:{size}:postgres:multi-az"): 730,
                ("storage", "always", "rds-storage:gp3:multi-az"): 500,
                ("iops", "always", "rds-iops:gp3:multi-az"): 1000,  # 12,000 are included from 400 GiB on
            },
            id="multi-az-gp3",
        ),
        pytest.param(
            {"Engine": "oracle-se2", "LicenseModel": "bring-your-own-license", "StorageType": "io1", "AllocatedStorage": 100, "Iops": 1000},
            "stopped",
            {
                ("compute", "always", "rds:{size}:oracle-se2:byol:single-az"): 0,
                ("storage", "always", "rds-storage:io1:single-az"): 100,
                ("iops", "always", "rds-iops:io1:single-az"): 1000,
            },
            id="stopped-oracle-keeps-its-disk",
        ),
        pytest.param(
            {"Engine": "aurora-postgresql", "AllocatedStorage": 1, "MultiAZ": True},
            "available",
            {("compute", "always", "rds:{size}:aurora-postgresql:single-az"): 730},
            id="aurora-keeps-its-data-in-the-cluster",
        ),
    ],
)
def test_a_database_costs_hours_storage_and_iops(spec: dict[str, Any], state: str, expected: dict[Any, Any]) -> None:
    assert quantities(lines(thing("d", DATABASE, state=state, DBInstanceClass="db.m5.large", **spec))) == expected


def test_auroras_volume_and_io_are_what_was_measured_or_not_known() -> None:
    cluster = thing("c", CLUSTER, Engine="aurora-mysql")
    measured = together(used("c", "VolumeBytesUsed", 50 * GIB), used("c", "VolumeReadIOPs", 1000), used("c", "VolumeWriteIOPs", 500))
    assert quantities(lines(cluster, **measured)) == {
        ("storage", "always", "aurora:aurora-mysql:storage"): 50,
        ("io", "always", "aurora:aurora-mysql:io"): 1500 * 730 * 12,
    }
    assert set(quantities(lines(cluster)).values()) == {None}


def test_a_cache_costs_the_hours_of_its_nodes() -> None:
    found = lines(thing("c", "AWS::ElastiCache::CacheCluster", Engine="redis", CacheNodeType="cache.r6g.large", NumCacheNodes=2))
    assert quantities(found) == {("compute", "always", "cache:{size}:redis"): 1460}


def test_a_file_system_costs_its_classes() -> None:
    sizes = {"Value": 30 * GIB, "ValueInStandard": 20 * GIB, "ValueInIA": 10 * GIB}
    found = lines(thing("f", "AWS::EFS::FileSystem", SizeInBytes=sizes, ThroughputMode="provisioned", ProvisionedThroughputInMibps=8))
    assert quantities(found) == {
        ("storage", "always", "efs:standard"): 20,
        ("storage ia", "always", "efs:ia"): 10,
        ("throughput", "always", "efs:throughput"): 8,
    }


def test_a_function_costs_calls_and_memory_by_time() -> None:
    """100 calls in 300 s: 876,000 a month; 200 ms of 512 MB each: 876,000 x 0.2 x 0.5 = 87,600 GB-seconds."""
    measured = together(used("f", "Invocations", 100), used("f", "Duration", 200))
    assert quantities(lines(thing("f", FUNCTION, MemorySize=512), **measured)) == {
        ("requests", "now", "lambda:requests:x86"): 876_000,
        ("duration", "now", "lambda:gb-second:x86"): 87_600,
        ("requests", "replatform", "lambda:requests:arm"): 876_000,
        ("duration", "replatform", "lambda:gb-second:arm"): 87_600,
    }
    assert set(quantities(lines(thing("f", FUNCTION, MemorySize=512))).values()) == {None}


@pytest.mark.parametrize(
    ("launch", "expected"),
    [
        pytest.param("FARGATE", {("vcpu", "always", "fargate:vcpu:x86"): 1095, ("memory", "always", "fargate:gb:x86"): 2190}, id="fargate"),
        pytest.param(
            "EC2",
            {
                ("placement", "now", "ecs:service"): 0,
                ("vcpu", "replatform", "fargate:vcpu:x86"): 1095,
                ("memory", "replatform", "fargate:gb:x86"): 2190,
            },
            id="on-servers",
        ),
    ],
)
def test_a_service_of_containers_costs_vcpus_and_memory(launch: str, expected: dict[Any, Any]) -> None:
    """Three tasks of half a vCPU and a GB: 1.5 x 730 and 3 x 730 hours."""
    task = {"cpu": "512", "memory": "1024"}
    assert quantities(lines(thing("s", SERVICE, launchType=launch, runningCount=3, taskDefinitionInUse=task))) == expected


def test_load_balancers_cost_hours_and_what_passes_them() -> None:
    found = lines(
        thing("a", "AWS::ElasticLoadBalancingV2::LoadBalancer", Type="application"),
        thing("c", "AWS::ElasticLoadBalancing::LoadBalancer"),
        **together(used("a", "ProcessedBytes", GIB / 100), used("c", "EstimatedProcessedBytes", GIB / 100)),
    )
    assert quantities(found) == {  # a hundredth of a GB in 300 s: 0.01 x 8,760 in a month
        ("hours", "always", "alb:hour"): 730,
        ("capacity", "always", "alb:lcu"): Decimal("87.6"),
        ("hours", "always", "clb:hour"): 730,
        ("bytes", "always", "clb:gb"): Decimal("87.6"),
    }


def test_gateways_endpoints_and_addresses_cost_hours() -> None:
    found = lines(
        thing("n", "AWS::EC2::NatGateway"),
        thing("e", "AWS::EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds=["a", "b"]),
        thing("g", "AWS::EC2::VPCEndpoint", VpcEndpointType="Gateway"),
        thing("x", "AWS::EC2::EIP", AssociationId="eipassoc-1"),
        thing("y", "AWS::EC2::EIP"),
        thing("t", "AWS::EC2::TransitGatewayAttachment"),
        **together(used("n", "BytesOutToDestination", GIB / 100), used("n", "BytesInFromDestination", GIB / 50)),
    )
    assert {(uid, row["key"]): row["quantity"] for (uid, *_), row in found.items()} == {
        ("n", "nat:hour"): 730,
        ("n", "nat:gb"): Decimal("262.8"),  # 0.03 x 8,760
        ("e", "endpoint:hour"): 1460,
        ("e", "endpoint:gb"): None,
        ("g", "endpoint:gateway"): 0,
        ("x", "address:hour"): 730,
        ("y", "address-idle:hour"): 730,
        ("t", "tgw:hour"): 730,
    }


def test_tables_cost_requests_or_capacity_and_apis_their_requests() -> None:
    found = lines(
        thing("r", "AWS::DynamoDB::Table", BillingModeSummary={"BillingMode": "PAY_PER_REQUEST"}, TableSizeBytes=2 * GIB),
        thing("p", "AWS::DynamoDB::Table", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}, TableSizeBytes=0),
        thing("a", "AWS::ApiGateway::RestApi"),
        thing("w", "AWS::ApiGatewayV2::Api", ProtocolType="WEBSOCKET"),
        **together(used("r", "ConsumedReadCapacityUnits", 10), used("a", "Count", 20), used("w", "Count", 5)),
    )
    assert {(uid, row["key"]): row["quantity"] for (uid, *_), row in found.items()} == {
        ("r", "dynamodb:rru"): 87_600,
        ("r", "dynamodb:wru"): None,
        ("r", "dynamodb:storage"): 2,
        ("p", "dynamodb:rcu"): 3650,
        ("p", "dynamodb:wcu"): 1460,
        ("p", "dynamodb:storage"): 0,
        ("a", "apigw:rest"): 175_200,
        ("w", "apigw:http"): None,
    }


def test_a_type_without_a_rule_is_not_known_and_a_free_one_has_no_line() -> None:
    found = lines(thing("l", "AWS::Lambda::LayerVersion"), thing("s", "AWS::EC2::Subnet"))
    assert {uid: row["unknown"] for (uid, *_), row in found.items()} == {"l": "no rule prices AWS::Lambda::LayerVersion yet"}


def test_keys_secrets_and_zones_cost_by_their_number_and_their_requests_are_not_known() -> None:
    found = lines(
        thing("k", "AWS::KMS::Key", KeyManager="CUSTOMER"),
        thing("r", "AWS::KMS::Key", KeyManager="CUSTOMER", Rotation={"KeyRotationEnabled": True}),
        thing("x", "AWS::KMS::Key"),
        thing("s", "AWS::SecretsManager::Secret"),
        thing("z", "AWS::Route53::HostedZone", "global"),
    )
    assert {(uid, line): (row["key"], row["quantity"], row["high"]) for (uid, line, _), row in found.items() if line != "requests"} == {
        ("k", "key"): ("kms:key", 1, 1),
        ("r", "key"): ("kms:key", 1, 3),
        ("x", "key"): ("kms:key", 1, 1),
        ("s", "secret"): ("secret:month", 1, None),
        ("z", "zone"): ("route53:zone", 1, None),
    }
    assert "could not be described" in found["x", "key", "always"]["unknown"]
    assert found["z", "requests", "always"]["unknown"] == "queries of a zone are not measured"
    assert {row["quantity"] for (_, line, _), row in found.items() if line == "requests"} == {None}


def test_a_repository_costs_at_most_the_sum_of_its_images() -> None:
    found = lines(
        thing("r", "AWS::ECR::Repository", imageSizesInBytes=[2 * GIB, 3 * GIB]),
        thing("e", "AWS::ECR::Repository", imageSizesInBytes=[]),
        thing("u", "AWS::ECR::Repository"),
    )
    assert {uid: (row["low"], row["quantity"]) for (uid, *_), row in found.items()} == {"r": (3, 5), "e": (0, 0), "u": (None, None)}


def test_queues_and_topics_cost_requests_and_deliveries() -> None:
    """100 messages in 300 s: 876,000 a month; each is three requests, at best three tenths. Two web addresses get each message."""
    subscriptions = [{"Protocol": one} for one in ("https", "http", "email", "sqs", "lambda", "sms")]
    found = lines(
        thing("q", "AWS::SQS::Queue"),
        thing("f", "AWS::SQS::Queue", FifoQueue="true"),
        thing("t", "AWS::SNS::Topic", Subscriptions=subscriptions),
        thing("o", "AWS::SNS::Topic", FifoTopic="true", Subscriptions=subscriptions),
        **together(used("q", "NumberOfMessagesSent", 100), used("t", "NumberOfMessagesPublished", 100)),
    )
    assert {(uid, row["key"]): (row["low"], row["quantity"]) for (uid, *_), row in found.items()} == {
        ("q", "sqs:standard"): (262_800, 2_628_000),
        ("f", "sqs:fifo"): (None, None),
        ("t", "sns:requests"): (None, 876_000),
        ("t", "sns:http"): (0, 1_752_000),
        ("t", "sns:email"): (0, 876_000),
        ("t", "sns:sms"): (0, 876_000),
        ("o", "sns:requests"): (None, None),
    }
    assert found["t", "deliveries sms", "always"]["unknown"] == "deliveries by sms have no rule yet"


def test_a_multi_az_cluster_costs_as_one_and_its_servers_with_it() -> None:
    spec = {"Engine": "postgres", "DBClusterInstanceClass": "db.m6gd.large", "StorageType": "io1", "AllocatedStorage": 100, "Iops": 1000}
    found = lines(
        thing("c", CLUSTER, state="available", **spec),
        thing("d", DATABASE, Engine="postgres", DBInstanceClass="db.m6gd.large", DBClusterIdentifier="c", StorageType="io1"),
    )
    assert {(uid, row["key"]): row["quantity"] for (uid, line, _), row in found.items() if line != "transfer"} == {
        ("c", "rds:{size}:postgres:multi-az-cluster"): 730,
        ("c", "rds-storage:io1:multi-az-cluster"): 100,
        ("c", "rds-iops:io1:multi-az-cluster"): 1000,
        ("d", "rds:{size}:postgres:single-az"): 0,
    }
    assert found["c", "compute", "always"]["size"] == "db.m6gd.large"


def edge(source: str, target: str, gib: float, days: int = 7, **more: Any) -> dict[str, Any]:
    values = {"protocol": 6, "port": 443, "action": "ACCEPT", "days_logged": days, "days_seen": days, "bytes": int(gib * GIB)}
    return row_of("traffic", source_uid=source, target_uid=target, **{**TRAFFIC, **values, **more})


TRAFFIC = {
    "packets": 1,
    "flows": 1,
    "first_seen": 0,
    "last_seen": 0,
    "active_hours": 1,
    "confidence": 1.0,
    "direction": "syn",
    "resolution": "resolved",
    "periodicity": "daily",
    "skipped_share": 0.0,
}
PLACED = (
    thing("a1", SERVER, Placement={"AvailabilityZone": "eu-central-1a"}, InstanceType="m5.large"),
    thing("a2", SERVER, Placement={"AvailabilityZone": "eu-central-1a"}, InstanceType="m5.large"),
    thing("b1", DATABASE, AvailabilityZone="eu-central-1b", Engine="postgres", DBInstanceClass="db.m5.large", AllocatedStorage=1),
    thing("o1", SERVER, OREGON, Placement={"AvailabilityZone": "us-west-2a"}, InstanceType="m5.large"),
)
LOGGED = [
    row_of("observation", uid=uid, interfaces=1, logged_interfaces=1, fully_logged_days=7, skipped_share=0.0)
    | {"weekly_seen_probability": 1.0, "monthly_seen_probability": 1.0}
    for uid in ("a1", "a2")
]


def test_transfer_is_billed_by_where_both_ends_are() -> None:
    """Seven days make a month by 730 / 24 / 7 = 4.345238."""
    edges = [edge("a1", "a2", 70), edge("a1", "b1", 14), edge("a1", "o1", 7), edge("a1", "external:0.0.0.0/0", 28)]
    edges += [edge("a1", "external:S3", 99), edge("a1", "b1", 5, action="REJECT")]
    found = lines(*PLACED, traffic=edges, observation=LOGGED)
    told = {
        (uid, row["key"]): (row["low"], row["quantity"], row["high"])
        for (uid, line, _), row in found.items()
        if line.startswith("transfer:")
    }
    assert {name: tuple(round(one, 3) for one in three) for name, three in told.items()} == {
        ("a1", "transfer:inter-az"): tuple([Decimal("60.833")] * 3),  # 14 GB x 4.345238
        ("b1", "transfer:inter-az"): tuple([Decimal("60.833")] * 3),
        ("a1", f"transfer:inter-region:{OREGON}"): (0, Decimal("15.208"), Decimal("30.417")),
        ("o1", "transfer:inter-region:eu-central-1"): (0, Decimal("15.208"), Decimal("30.417")),
        ("a1", "transfer:internet"): (0, Decimal("60.833"), Decimal("121.667")),
    }
    assert "no flow log" in found["o1", "transfer", "always"]["unknown"]
    assert ("a1", "transfer", "always") not in found


def test_every_file_of_lines_is_listed() -> None:
    assert len(LINE_FILES) == len(set(LINE_FILES)) == 15


def test_each_call_of_a_function_counts_once() -> None:
    """12 periods of 900 calls that take 800 ms, 12 of 100 that take 100 ms: 730 ms a call, where a mean over time would say 450."""
    values = {"Invocations|Sum": np.repeat([900.0, 100.0], 12), "Duration|Average": np.repeat([800.0, 100.0], 12)}
    with series_views({"f": values}, type_=FUNCTION) as views:
        make_function_time(views)
        assert views.execute("from function_time").fetchall() == [("f", pytest.approx(730))]
