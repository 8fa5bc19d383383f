"""Calls as commands of the AWS CLI."""

import json
import shlex

from cloudmigrate.aws.commands import command_of
from cloudmigrate.domain.acts.record import Call


def test_a_call_is_a_line_that_a_shell_takes() -> None:
    call = Call("ec2", "TerminateInstances", {"InstanceIds": ["i-1"]})
    assert command_of(call, "eu-west-1") == """aws ec2 terminate-instances --region eu-west-1 --cli-input-json '{"InstanceIds": ["i-1"]}'"""


def test_quotes_bytes_and_other_letters_reach_the_service_as_they_are() -> None:
    hostile = "x'; reboot; `id` $(id) é"
    call = Call("lambda", "UpdateFunctionCode", {"FunctionName": hostile, "ZipFile": b"\x00zip"}, region="us-east-1")
    words = shlex.split(command_of(call, "eu-west-1"))
    assert words[:5] == ["aws", "lambda", "update-function-code", "--region", "us-east-1"]
    assert json.loads(words[6]) == {"FunctionName": hostile, "ZipFile": "AHppcA=="}


def test_s3_is_told_by_its_api_and_global_services_without_a_region() -> None:
    assert command_of(Call("s3", "DeleteBucket", {"Bucket": "b"}), "eu-west-1").startswith("aws s3api delete-bucket --region eu-west-1 ")
    assert command_of(Call("route53", "GetChange", {"Id": "C1"}, region="global"), "eu-west-1") == (
        """aws route53 get-change --cli-input-json '{"Id": "C1"}'"""
    )
