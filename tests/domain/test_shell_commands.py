"""Commands for a person: those of the AWS CLI, with every value quoted, in the order of the undo."""

import json
import shlex

from cloudmigrate.domain.acts.record import Call
from cloudmigrate.domain.journal import Entry, StepState, standings
from cloudmigrate.domain.shell_commands import aws_command, undo_commands
from cloudmigrate.domain.steps import Output, Step

HOSTILE = "web'; $(reboot) `x`\n\"é\x00\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 300


def test_a_command_says_what_the_call_would() -> None:
    told = aws_command(Call("ec2", "TerminateInstances", {"InstanceIds": ["i-1"]}), "eu-west-1")
    assert told == """aws ec2 terminate-instances --region eu-west-1 --cli-input-json '{"InstanceIds": ["i-1"]}'"""
    assert aws_command(Call("rds", "DeleteDBInstance"), "eu-west-1").split()[:3] == ["aws", "rds", "delete-db-instance"]
    assert aws_command(Call("s3", "DeleteBucket", region="us-east-1"), "eu-west-1").split()[1:5] == [
        *("s3api", "delete-bucket", "--region", "us-east-1")
    ]


def test_a_global_service_has_no_region_and_bytes_are_as_the_cli_takes_them() -> None:
    told = aws_command(Call("route53", "GetChange", {"Id": "C1"}, region="global"), "eu-west-1")
    assert told == """aws route53 get-change --cli-input-json '{"Id": "C1"}'"""
    assert '"AHppcA=="' in aws_command(Call("lambda", "UpdateFunctionCode", {"ZipFile": b"\x00zip"}), "eu-west-1")


def test_hostile_values_stay_values() -> None:
    words = shlex.split(aws_command(Call("ec2", "DeleteSecurityGroup", {"GroupName": HOSTILE}), "eu-west-1"))
    assert len(words) == 7
    assert aws_command(Call("ec2", "DeleteSecurityGroup", {"GroupName": HOSTILE}), "eu-west-1").isprintable(), "pasted as it is shown"
    assert json.loads(words[-1]) == {"GroupName": HOSTILE}


def test_a_step_that_could_not_be_undone_is_told_with_what_it_gave() -> None:
    launch = Step(
        "launch", "ec2.run_instance", "g", "arn:web", "1" * 12, "eu-west-1", {"image_id": Output("image", "image_id")}, ("image",)
    )
    lines = [
        Entry("image", StepState.INTENT),
        Entry("image", StepState.DONE, {"image_id": "ami-1"}),
        Entry("launch", StepState.INTENT),
        Entry("launch", StepState.DONE, {"instance_id": "i-77"}),
        Entry("launch", StepState.UNDOING),
        Entry("launch", StepState.UNDO_FAILED, error="denied"),
    ]
    [command] = undo_commands(launch, standings(lines))
    assert "terminate-instances --region eu-west-1" in command
    assert '"i-77"' in command
    assert undo_commands(launch, standings(lines[:3])) == [], "what it made is not known"
