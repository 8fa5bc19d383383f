"""The demo's flow logs in the emulator lie where DescribeFlowLogs says, as AWS writes them."""

import gzip
import io
from collections import defaultdict
from typing import Any

import boto3
import pandas as pd
import pytest

from cloudmigrate.domain.flow_log_format import DEFAULT_COLUMNS
from cloudmigrate.simulate.estate.flow_logs import TELLING
from cloudmigrate.simulate.estate.parts import DATA, EUROPE, OREGON, OWN
from tests.conftest import DemoEmulator
from tests.simulate.conftest import Clients, pages

PLAIN = f"AWSLogs/{OWN}/vpcflowlogs/{EUROPE}/"
HIVE = f"AWSLogs/aws-account-id={DATA}/aws-service=vpcflowlogs/aws-region={EUROPE}/"


def described(ec2: Any) -> dict[str, Any]:
    """A place's flow logs by name."""
    return {next(tag["Value"] for tag in one["Tags"] if tag["Key"] == "Name"): one for one in ec2.describe_flow_logs()["FlowLogs"]}


def test_one_vpc_has_none(clients: Clients) -> None:
    assert described(clients(DATA, OREGON, "ec2")) == {}


def test_text_objects_carry_the_header_of_their_flow_log(demo: DemoEmulator, clients: Clients) -> None:
    s3 = clients(OWN, EUROPE, "s3")
    logs = described(clients(OWN, EUROPE, "ec2"))
    of_log: dict[str, list[str]] = defaultdict(list)
    for key in pages(s3, "list_objects_v2", "Contents[].Key", Bucket="acme-flow-logs", Prefix=PLAIN):
        of_log[key.split("_")[3]].append(key)

    assert set(of_log) == {one["FlowLogId"] for one in logs.values()}
    for name, columns in (("shop-flow-log", TELLING), ("erp-flow-log", DEFAULT_COLUMNS), ("rehearsal-flow-log", DEFAULT_COLUMNS)):
        log = logs[name]
        assert log["LogFormat"] == " ".join(f"${{{one}}}" for one in columns)
        body = s3.get_object(Bucket="acme-flow-logs", Key=of_log[log["FlowLogId"]][0])["Body"].read()
        assert gzip.decompress(body).decode().splitlines()[0] == " ".join(columns)


def test_parquet_objects_lie_in_hive_compatible_folders(demo: DemoEmulator, clients: Clients) -> None:
    s3 = clients(DATA, EUROPE, "s3")
    assert described(clients(DATA, EUROPE, "ec2"))["analytics-flow-log"]["DestinationOptions"]["HiveCompatiblePartitions"] is True

    keys = list(pages(s3, "list_objects_v2", "Contents[].Key", Bucket="acme-data-flow-logs"))

    assert len(keys) in (14, 15)  # one a day
    assert all(key.startswith(HIVE) for key in keys)
    table = pd.read_parquet(io.BytesIO(s3.get_object(Bucket="acme-data-flow-logs", Key=keys[0])["Body"].read()))
    assert list(table.columns) == [name.replace("-", "_") for name in TELLING]


def test_the_log_group_has_a_stream_for_each_interface(demo: DemoEmulator, clients: Clients) -> None:
    group = described(clients(OWN, OREGON, "ec2"))["us-flow-log"]["LogGroupName"]
    logs = clients(OWN, OREGON, "logs")
    held = list(pages(clients(OWN, OREGON, "ec2"), "describe_network_interfaces", "NetworkInterfaces[].NetworkInterfaceId"))

    streams = [one["logStreamName"] for one in logs.describe_log_streams(logGroupName=group)["logStreams"]]

    assert sorted(streams) == sorted(f"{one}-all" for one in held)
    events = logs.get_log_events(logGroupName=group, logStreamName=streams[0], startFromHead=True, limit=3)["events"]
    assert all(len(one["message"].split()) == len(DEFAULT_COLUMNS) for one in events)


def test_it_is_of_a_size_that_a_demo_can_bear(demo: DemoEmulator) -> None:
    traffic = demo.summary.traffic
    assert 100_000 < traffic.records < 400_000
    assert 150 < traffic.objects < 400


@pytest.mark.parametrize(
    ("key", "address", "groups"),
    [
        pytest.param("VPC Endpoint Interface ", "10.10.1", ["core"], id="an-endpoint-bears-its-groups"),
        pytest.param("Interface for NAT Gateway ", "10.10.0.", ["default"], id="a-nat-gateway-lies-in-its-subnet"),
        pytest.param("RDSNetworkInterface", "10.", None, id="databases"),
        pytest.param("ELB app/shop/", "10.10.", ["shop-edge"], id="a-load-balancer"),
        pytest.param("ElastiCache shop-sessions-001", "10.10.10.", ["shop-data"], id="a-cache-node"),
        pytest.param("AWS Lambda VPC ENI-order-worker-", "10.10.1", ["shop-app"], id="a-function"),
    ],
)
def test_services_have_interfaces_as_aws_describes_them(clients: Clients, key: str, address: str, groups: list[str] | None) -> None:
    rows = list(pages(clients(OWN, EUROPE, "ec2"), "describe_network_interfaces", "NetworkInterfaces[]"))
    found = [one for one in rows if one["Description"].startswith(key)]
    assert found
    assert all(one["PrivateIpAddress"].startswith(address) and one["Status"] == "in-use" for one in found)
    if groups is not None:
        assert {group["GroupName"] for one in found for group in one["Groups"]} == set(groups)


def test_only_balancers_that_face_the_internet_have_public_addresses(demo: DemoEmulator) -> None:
    rows = boto3.client("ec2", region_name=EUROPE).describe_network_interfaces()["NetworkInterfaces"]
    public = {one["Description"].split("/")[1]: "Association" in one for one in rows if one["Description"].startswith("ELB app/")}
    assert public == {"shop": True, "shop-internal": False, "erp": False}
