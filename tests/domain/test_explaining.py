"""A dry run's words: the calls that would be made, their order and times, and how they would be taken back; nothing is called."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.explaining import Explained, Later, due_at, duration, explain, rolled_back
from cloudmigrate.domain.journal import Standing, StepState, idempotency_key
from cloudmigrate.domain.steps import Output, Reversal, Step

HASH = "f" * 64


def step(name: str, act: str, params: dict[str, Any], *needs: str, reversal: Reversal = Reversal.UNDO, region: str = "eu-west-1") -> Step:
    return Step(name, act, "web", "arn:web", "111111111111", region, params, needs, reversal)


STEPS = (
    step("stop", "ec2.stop_source", {"instance_id": "i-1"}, region="eu-central-1"),
    step("image", "ec2.create_image", {"instance_id": "i-1", "no_reboot": True}, "stop", region="eu-central-1"),
    step("copy", "ec2.copy_image", {"image_id": Output("image", "image_id"), "source_region": "eu-central-1"}, "image"),
    step("ready", "ec2.await_image", {"image_id": Output("copy", "image_id"), "devices": []}, "copy", reversal=Reversal.NOTHING),
)


@pytest.fixture
def explained() -> dict[str, Explained]:
    return {one.step.step_id: one for one in explain(STEPS, plan_hash=HASH, wave=2)}


def test_each_call_is_told_as_it_would_be_made(explained: dict[str, Explained]) -> None:
    (call,) = explained["image"].calls
    assert call.call is not None
    key = idempotency_key(HASH, 2, "image", 1)
    assert (call.account_id, call.region, call.writes, call.takes_dry_run) == ("111111111111", "eu-central-1", True, True)
    assert (call.call.service, call.call.operation) == ("ec2", "CreateImage")
    assert {name: call.call.params[name] for name in ("InstanceId", "Name", "NoReboot")} == {
        "InstanceId": "i-1",
        "Name": f"cloudmigrate-{key}",
        "NoReboot": True,
    }


def test_what_is_not_there_yet_is_told_by_who_gives_it(explained: dict[str, Explained]) -> None:
    (call,) = explained["copy"].calls
    assert call.call is not None
    assert call.call.params["SourceImageId"] == "<image_id of image>"
    assert call.depends_on == ("image",)
    assert not call.takes_dry_run  # no API can be asked about an image that is none yet
    (wait,) = explained["ready"].calls
    assert not wait.writes


def test_what_a_look_has_found_already_is_used() -> None:
    one = {found.step.step_id: found for found in explain(STEPS, plan_hash=HASH, wave=2, known={"image": {"image_id": "ami-1"}})}
    (call,) = one["copy"].calls
    assert call.call is not None
    assert call.call.params["SourceImageId"] == "ami-1"
    assert call.takes_dry_run


def test_the_way_back_is_told_newest_first(explained: dict[str, Explained]) -> None:
    back = rolled_back(explained.values())
    assert [one.step.step_id for one in back] == ["copy", "image", "stop"]
    told = [(call.call.operation if call.call else None) for one in back for call in one.undo]
    assert told == ["DeregisterImage", "DeregisterImage", "StartInstances"]
    assert back[0].undo[0].call is not None
    assert back[0].undo[0].call.params["ImageId"] == "<image_id of copy>"


def test_times_follow_needs_and_not_the_list(explained: dict[str, Explained]) -> None:
    likely = [BY_NAME[one.act].likely for one in STEPS]
    assert explained["ready"].starts_after == sum(likely[:3], timedelta(0))
    assert duration(explained.values()) == sum(likely, timedelta(0))
    beside = step("beside", "ec2.stop_source", {"instance_id": "i-2"})
    assert explain([*STEPS, beside], plan_hash=HASH, wave=2)[-1].starts_after == timedelta(0)


def test_permissions_are_those_of_every_call_that_a_step_can_make(explained: dict[str, Explained]) -> None:
    assert explained["stop"].iam_actions == ("ec2:DescribeInstances", "ec2:StartInstances", "ec2:StopInstances"), "undone, it is started"
    assert explained["ready"].iam_actions == ("ec2:DescribeImages",)
    made = {"ec2:CreateImage", "ec2:CreateSnapshot", "ec2:CreateTags", "ec2:DescribeImages"}
    assert set(explained["image"].iam_actions) == made | {"ec2:DeregisterImage", "ec2:DeleteSnapshot"}
    assert all(one.unforeseen == () for one in explained.values())


def test_a_permission_is_needed_in_the_account_of_its_call() -> None:
    source = {"instance_id": "i-1", "region": "eu-central-1", "account_id": "222222222222"}
    launch = {"image_id": "ami-1", "instance_type": "t3.small", "subnet_id": "subnet-1", "group_ids": ["sg-1"], "user_data_of": source}
    (one,) = explain([step("launch", "ec2.run_instance", launch)], plan_hash=HASH, wave=2)
    assert ("222222222222", "ec2:DescribeInstanceAttribute") in one.permissions
    assert {account for account, action in one.permissions if action != "ec2:DescribeInstanceAttribute"} == {"111111111111"}
    assert {"ec2:RunInstances", "ec2:TerminateInstances", "iam:PassRole"} <= set(one.iam_actions)


def test_what_only_an_answer_tells_is_said_to_be_unforeseen() -> None:
    read = step("read", "dns.read_record", {"zone_id": "Z1", "name": "a.", "type": "A"}, reversal=Reversal.NOTHING)
    lower = step("lower", "dns.lower_ttl", {"zone_id": "Z1", "name": "a.", "ttl_s": 60, "record": Output("read", "record")}, "read")
    assert explain([read, lower], plan_hash=HASH, wave=2)[-1].unforeseen == ("its call", "its look", "its undo")
    record = {"Name": "a.", "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    known = explain([read, lower], plan_hash=HASH, wave=2, known={"read": {"record": record}})[-1]
    assert (known.unforeseen, known.iam_actions) == ((), ("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"))


def test_the_old_time_to_live_is_part_of_how_long_it_takes_and_of_when_it_goes_on() -> None:
    named = {"zone_id": "Z1", "name": "a.", "ttl_s": 60, "record": Output("read", "record")}
    read = step("read", "dns.read_record", {"zone_id": "Z1", "name": "a.", "type": "A"}, reversal=Reversal.NOTHING)
    lower = step("lower", "dns.lower_ttl", named, "read")
    wait = step("wait", "dns.await_forgotten", {**named, "lowered_at": Output("lower", "lowered_at")}, "read", "lower")
    record = {"Name": "a.", "Type": "A", "TTL": 86400, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    one = explain([read, lower, wait], plan_hash=HASH, wave=2, known={"read": {"record": record}})[-1]
    assert (one.likely, one.calls) == (timedelta(seconds=86460), ())
    given = {
        "read": Standing(StepState.DONE, {"record": record}),
        "lower": Standing(StepState.DONE, {"lowered_at": "2026-03-01T08:00:00Z"}),
    }
    assert due_at(wait, {**given, "wait": Standing(StepState.INTENT)}) == datetime(2026, 3, 2, 8, 1, tzinfo=UTC)
    assert due_at(wait, given) is None
    assert due_at(lower, {**given, "lower": Standing(StepState.INTENT)}) is None


def test_a_request_that_needs_an_answer_to_be_built_is_told_as_such() -> None:
    lower = step("lower", "dns.lower_ttl", {"zone_id": "Z1", "name": "a.", "ttl_s": 60, "record": Output("read", "record")}, "read")
    read = step("read", "dns.read_record", {"zone_id": "Z1", "name": "a.", "type": "A"}, reversal=Reversal.NOTHING)
    (call,) = explain([read, lower], plan_hash=HASH, wave=2)[-1].calls
    assert call.call is None
    assert call.depends_on == ("read",)
    record = {"Name": "a.", "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    (call,) = explain([read, lower], plan_hash=HASH, wave=2, known={"read": {"record": record}})[-1].calls
    assert call.call is not None
    assert call.call.params["ChangeBatch"]["Changes"][0]["ResourceRecordSet"] == {**record, "TTL": 60}


def test_what_is_within_a_later_value_is_later_too() -> None:
    record = Later("<record of read>")
    assert record["Name"] == "<Name in record of read>"
    assert record[0] == "<"
