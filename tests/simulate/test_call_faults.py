"""The proxy that breaks one call: what a client sees of it, and what the emulator did."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from cloudmigrate.aws.failures import DENIED, THROTTLED
from cloudmigrate.simulate.emulator import Emulator
from tests.call_faults import Break, CallFaults, Fault, MarkedCall, call_faults, mark_calls, unlike

REGION = "eu-west-1"
ONCE = Config(read_timeout=30, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
# One service of each protocol.
LISTS = {
    "ec2": ("describe_vpcs", "DescribeVpcs", "ec2"),
    "iam": ("list_roles", "ListRoles", "query"),
    "s3": ("list_buckets", "ListBuckets", "rest-xml"),
    "route53": ("list_hosted_zones", "ListHostedZones", "rest-xml"),
    "dynamodb": ("list_tables", "ListTables", "json"),
    "lambda": ("list_functions", "ListFunctions", "rest-json"),
}


@pytest.fixture
def faults(clean_emulator: Emulator) -> Iterator[CallFaults]:
    with call_faults(clean_emulator.url) as running:
        yield running


def client_of(faults: CallFaults, service: str = "ec2", config: Config = ONCE) -> Any:
    client = boto3.client(service, endpoint_url=faults.url, region_name=REGION, config=config)
    mark_calls(client, lambda: "test")
    return client


def call_of(operation: str, service: str = "ec2", protocol: str = "ec2") -> MarkedCall:
    return MarkedCall("test", service, operation, protocol, REGION)


@pytest.mark.parametrize("service", LISTS)
def test_errors_are_those_of_the_service(faults: CallFaults, service: str) -> None:
    method, operation, protocol = LISTS[service]
    client = client_of(faults, service)
    getattr(client, method)()
    call = faults.passed[-1].call
    assert (call.operation, call.service, call.protocol) == (operation, service, protocol)
    told = {}
    for fault in (Fault.THROTTLED, Fault.DENIED, Fault.ERROR_BEFORE, Fault.ERROR_AFTER):
        faults.rules(Break(call, 1, fault))
        with pytest.raises(ClientError) as caught:
            getattr(client, method)()
        told[fault] = (caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"])
    assert told[Fault.THROTTLED][0] in THROTTLED
    assert told[Fault.DENIED][0] in DENIED
    assert told[Fault.ERROR_BEFORE] == told[Fault.ERROR_AFTER] == ("InternalFailure", 500)


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        (Fault.TIMEOUT, ReadTimeoutError, True),
        (Fault.RESET_BEFORE, ConnectionClosedError, False),
        (Fault.RESET_AFTER, ConnectionClosedError, True),
        (Fault.TRUNCATED, ResponseParserError, True),
        (Fault.ERROR_AFTER, ClientError, True),
        (Fault.ERROR_BEFORE, ClientError, False),
    ],
)
def test_a_broken_call_was_done_or_not(faults: CallFaults, fault: Fault, error: type[Exception], is_done: bool) -> None:
    client_of(faults).describe_addresses()  # the emulator's first answer takes its time
    ec2 = client_of(faults, config=ONCE.merge(Config(read_timeout=2)))
    faults.rules(broken := Break(call_of("AllocateAddress"), 2, fault))
    ec2.allocate_address(Domain="vpc")
    with pytest.raises((BotoCoreError, ClientError, ResponseParserError)) as caught:
        ec2.allocate_address(Domain="vpc")
    assert isinstance(caught.value, error)
    assert faults.struck == {broken}
    assert len(ec2.describe_addresses()["Addresses"]) == 1 + is_done


def test_a_denial_stays_until_the_rules_change(faults: CallFaults) -> None:
    ec2 = client_of(faults)
    faults.rules(Break(call_of("DescribeVpcs"), 1, Fault.DENIED))
    assert [is_answered(ec2.describe_vpcs) for _ in range(3)] == [False] * 3
    faults.rules()
    assert is_answered(ec2.describe_vpcs)


def is_answered(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError:
        return False
    return True


def test_what_was_made_shows_late_by_its_id_and_by_its_key(faults: CallFaults) -> None:
    ec2 = client_of(faults)
    vpc_id = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    key = "cm" + "0f" * 17
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "cloudmigrate:key", "Value": key}]}]
    faults.rules(Break(call_of("CreateSecurityGroup"), 1, Fault.LATE, late_by=2))
    made = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc_id, TagSpecifications=tags)["GroupId"]
    assert [(one.call.operation, one.makes) for one in faults.passed] == [("CreateSecurityGroup", True)]
    by_key = [{"Name": "tag:cloudmigrate:key", "Values": [key]}]
    assert len(ec2.describe_vpcs()["Vpcs"]) == 1  # what does not name it is not changed, nor counted
    with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
        ec2.describe_security_groups(GroupIds=[made])
    assert ec2.describe_security_groups(Filters=by_key)["SecurityGroups"] == []
    assert [one["GroupId"] for one in ec2.describe_security_groups(Filters=by_key)["SecurityGroups"]] == [made]


def test_a_name_unlike_another_has_its_form() -> None:
    assert unlike("i-09af") == "i-54ba"
    assert unlike("cm" + "0a" * 17) == "cm" + "5b" * 17
    assert unlike("arn:aws:rds:eu-west-1:123456789012:db:shop") == "arn:aws:rds:eu-west-1:123456789012:db:tipq"
