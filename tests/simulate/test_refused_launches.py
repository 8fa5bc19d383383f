"""A launch that finds no capacity, as often as was asked for, and none after."""

import boto3
import pytest
from botocore.exceptions import ClientError

from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_launches import CAPACITY_PATH


def test_so_many_launches_find_no_capacity(clean_emulator: Emulator) -> None:
    ec2 = boto3.client("ec2", region_name="eu-west-1")
    asked = {"ImageId": "ami-0a1b2c3d4e5f60001", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    post(clean_emulator.url + CAPACITY_PATH, b"1")
    with pytest.raises(ClientError, match=r"InsufficientInstanceCapacity.*t3\.micro"):
        ec2.run_instances(**asked)
    assert ec2.run_instances(**asked)["Instances"][0]["State"]["Name"] in ("pending", "running")
