"""Where flow logs lie: named by the estate file or by the flow logs themselves, each once; and which place an object belongs to."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.aws.flow_log_places import FlowLogPlace, flow_log_places, refused_interfaces, refusing, within
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.resources import Resource
from tests.flow_log_samples import Host

ACCOUNT, OTHER, REGION = "111111111111", "222222222222", "eu-central-1"
BUCKET = f"s3://logs/AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/"
FORMAT = "${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${bytes} ${packets} ${start} ${end}"


def estate(*flow_logs: Any) -> Estate:
    roles = {"role_arn": f"arn:aws:iam::{OTHER}:role/Scan"}
    accounts = [{"id": ACCOUNT, "regions": [REGION]}, {"id": OTHER, "regions": ["us-east-1"], **roles}]
    return Estate.model_validate({"estate": "acme", "accounts": accounts, "flow_logs": flow_logs})


def flow_log(account_id: str = ACCOUNT, **spec: Any) -> Resource:
    return Resource(
        uid=f"arn:aws:ec2:{REGION}:{account_id}:vpc-flow-log/fl-1",
        provider="aws",
        account_id=account_id,
        region=REGION,
        type="AWS::EC2::FlowLog",
        name="fl-1",
        state="ACTIVE",
        tags={},
        spec=spec,
        stateful=False,
    )


def place(url: str, account_id: str = ACCOUNT) -> FlowLogPlace:
    return FlowLogPlace(url, account_id, REGION, "estate file")


def test_what_the_estate_file_names() -> None:
    found = flow_log_places(
        estate(BUCKET, {"url": "logs://us-east-1//vpc/flow", "account": OTHER, "format": FORMAT}, "/var/flow", BUCKET), [flow_log()]
    )

    assert [(one.url, one.account_id, one.region) for one in found] == [
        (BUCKET, ACCOUNT, REGION),
        ("logs://us-east-1//vpc/flow", OTHER, "us-east-1"),
        ("/var/flow", ACCOUNT, REGION),
    ]
    assert found[1].group == "/vpc/flow"
    assert found[1].columns is not None
    assert found[1].columns[:2] == ("srcaddr", "dstaddr")


def test_what_flow_logs_deliver_to_where_the_file_names_nothing() -> None:
    described = [
        flow_log(LogDestinationType="s3", LogDestination="arn:aws:s3:::logs/sub", LogFormat=FORMAT),
        flow_log(LogDestinationType="s3", LogDestination="arn:aws:s3:::logs/sub/", LogFormat=FORMAT + " ${action}"),
        flow_log(LogDestinationType="s3", LogDestination="arn:aws:s3:::hive", DestinationOptions={"HiveCompatiblePartitions": True}),
        flow_log(LogDestinationType="cloud-watch-logs", LogGroupName="vpc-flow"),
        flow_log(OTHER, LogDestinationType="cloud-watch-logs", LogGroupName="vpc-flow"),
        flow_log(LogDestinationType="kinesis-data-firehose", LogDestination="arn:aws:firehose:eu-central-1:111111111111:deliverystream/x"),
        flow_log(),
    ]

    found = flow_log_places(estate(), described)

    assert [(one.url, one.account_id, one.columns) for one in found] == [
        ("arn:aws:firehose:eu-central-1:111111111111:deliverystream/x", ACCOUNT, None),
        (f"logs://{REGION}/vpc-flow", ACCOUNT, None),
        (f"logs://{REGION}/vpc-flow", OTHER, None),
        (f"s3://hive/AWSLogs/aws-account-id={ACCOUNT}/aws-service=vpcflowlogs/aws-region={REGION}/", ACCOUNT, None),
        (f"s3://logs/sub/AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/", ACCOUNT, None),  # two formats: the headers tell
    ]


def test_hive_compatible_partitions_lie_in_folders_of_their_own() -> None:
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False}
    described = flow_log(LogDestinationType="s3", LogDestination="arn:aws:s3:::logs", DestinationOptions=options)

    [found] = flow_log_places(estate(), [described])

    assert found.url == f"s3://logs/AWSLogs/aws-account-id={ACCOUNT}/aws-service=vpcflowlogs/aws-region={REGION}/"


@pytest.mark.parametrize(
    ("outer", "inner", "lies_within"),
    [
        pytest.param("s3://logs/AWSLogs/", BUCKET, True, id="a-prefix-within-another"),
        pytest.param(BUCKET, "s3://logs/AWSLogs/", False, id="not-the-other-way-round"),
        pytest.param(BUCKET, BUCKET, False, id="the-same"),
        pytest.param("s3://logs/AWSLogs/1", "s3://logs/AWSLogs/11/", True, id="a-prefix-need-not-end-with-a-slash"),
        pytest.param("s3://logs/", "s3://logs-of-others/", False, id="another-bucket"),
        pytest.param("/var/flow", "/var/flow/2025", True, id="a-folder-within-another"),
        pytest.param("/var/flow", "/var/flow-of-others", False, id="a-folder-beside"),
        pytest.param("logs://eu-central-1/vpc", "logs://eu-central-1/vpc/flow", False, id="log-groups-hold-no-other"),
    ],
)
def test_places_within_places(outer: str, inner: str, lies_within: bool) -> None:
    assert bool(within(place(outer), [place(inner), place(outer)])) is lies_within


def test_an_object_is_the_same_by_whichever_place_it_was_found() -> None:
    key = f"AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/2025/11/22/x.log.gz"

    assert place(BUCKET).identity(key) == place("s3://logs/").identity(key)
    assert place("s3://logs/").holds(place(BUCKET).identity(key))
    group = f"logs://{REGION}/vpc"
    assert place(group).identity("2025-11-22T01") != place(group, OTHER).identity("2025-11-22T01")


def test_a_link_to_a_file_is_the_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.log").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert place(str(tmp_path / "link")).identity(str(tmp_path / "link" / "a.log")) == str(tmp_path / "real" / "a.log")
    assert place(str(tmp_path / "link")).holds(str(tmp_path / "real" / "a.log"))


@pytest.mark.parametrize(
    ("one", "other", "shares"),
    [
        pytest.param({"ResourceId": "vpc-1"}, {"ResourceId": "subnet-1"}, True, id="a-vpc-and-a-subnet"),
        pytest.param({"ResourceId": "vpc-1"}, {"ResourceId": "vpc-2"}, False, id="two-vpcs"),
        pytest.param(
            {"ResourceId": "vpc-1", "TrafficType": "ACCEPT"}, {"ResourceId": "eni-1", "TrafficType": "ALL"}, True, id="part-of-all"
        ),
        pytest.param(
            {"ResourceId": "vpc-1", "TrafficType": "ACCEPT"}, {"ResourceId": "eni-1", "TrafficType": "REJECT"}, False, id="two-actions"
        ),
        pytest.param({"ResourceId": "vpc-1"}, {"ResourceId": "subnet-1", "LogGroupName": "other"}, False, id="two-groups"),
    ],
)
def test_flow_logs_that_share_a_log_group_and_may_write_the_same_are_named(one: Any, other: Any, shares: bool) -> None:
    usual = {"LogDestinationType": "cloud-watch-logs", "LogGroupName": "vpc-flow", "TrafficType": "ALL"}
    described = [replace(flow_log(**usual | spec), name=name) for name, spec in (("fl-a", one), ("fl-b", other))]

    found = flow_log_places(estate(), described)

    assert {place.shared_by for place in found} == {("fl-a", "fl-b") if shares else ()}


@pytest.mark.parametrize(
    ("described", "refused"),
    [
        pytest.param([("vpc-1", "REJECT")], True, id="its-vpc-logs-what-is-rejected"),
        pytest.param([("subnet-1", "REJECT")], True, id="its-subnet-does"),
        pytest.param([("eni-web", "REJECT")], True, id="it-does"),
        pytest.param([("vpc-1", "REJECT"), ("subnet-1", "ACCEPT")], False, id="and-its-subnet-what-is-accepted"),
        pytest.param([("vpc-1", "REJECT"), ("vpc-1", "ALL")], False, id="and-everything-elsewhere"),
        pytest.param([("vpc-2", "REJECT")], False, id="another-vpc"),
        pytest.param([], False, id="none-is-known"),
    ],
)
def test_interfaces_of_which_rejected_traffic_alone_is_logged(described: list[tuple[str, str]], *, refused: bool) -> None:
    flow_logs = [flow_log(FlowLogId=f"fl-{at}", ResourceId=of, TrafficType=kind) for at, (of, kind) in enumerate(described)]

    assert list(refused_interfaces(flow_logs, [Host("web", "10.0.0.1").holder()])) == ["eni-web"] * refused
    assert refusing(flow_logs) == {f"fl-{at}" for at, (_, kind) in enumerate(described) if kind == "REJECT"}
