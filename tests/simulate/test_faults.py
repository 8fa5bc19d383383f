"""The fault proxy breaks what a rule names, as often as it says, and keeps a log."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cloudmigrate.simulate.emulator import Emulator
from tests.faults import FaultProxy, fault_proxy


@pytest.fixture(scope="module")
def proxy(emulator: Emulator) -> Iterator[FaultProxy]:
    with fault_proxy(emulator.url) as running:
        yield running


def test_a_rule_fires_as_often_as_it_says(proxy: FaultProxy) -> None:
    proxy.rules({"service": "ec2", "operation": "DescribeVpcs", "times": 1, "error": {"code": "RequestLimitExceeded"}})
    once = Config(retries={"total_max_attempts": 1})
    ec2 = boto3.client("ec2", endpoint_url=proxy.url, config=once)
    with pytest.raises(ClientError, match="RequestLimitExceeded"):
        ec2.describe_vpcs()
    assert len(ec2.describe_vpcs()["Vpcs"]) == 1
    assert len(proxy.fired()) == 1


def test_without_rules_calls_pass(proxy: FaultProxy) -> None:
    proxy.rules()
    assert len(boto3.client("ec2", endpoint_url=proxy.url).describe_vpcs()["Vpcs"]) == 1
