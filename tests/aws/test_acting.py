"""What an answer means for a step: what only shows late is not gone, what was not answered is not refused, what a person can do is said."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cloudmigrate.aws.acting import LONGEST_PAUSE_S, AwsWorld
from cloudmigrate.aws.calling import CallMade
from cloudmigrate.domain.steps import Step
from cloudmigrate.errors.sources import AccountAccessError
from cloudmigrate.errors.steps import StepError, StepGivenUpError, StepNotDueError, StepRefusedError, StepUnclearError
from cloudmigrate.errors.stores import LedgerError

SERVER = "i-0123456789abcdef0"
NO_INSTANCE = "InvalidInstanceID.NotFound"
RUNS = {"Reservations": [{"Instances": [{"InstanceId": SERVER, "PrivateIpAddress": "10.0.0.5", "State": {"Name": "running"}}]}]}
GONE = {"Reservations": [{"Instances": [{"InstanceId": SERVER, "PrivateIpAddress": "10.0.0.5", "State": {"Name": "terminated"}}]}]}


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Op")


def no_answer() -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url="http://127.0.0.1")


class Answering:
    """Sessions whose one client answers each operation with what is next on its list; the last is said again."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def client(self, account_id: str, service: str, region: str) -> "Answering":
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def answer(**_: Any) -> Any:
            self.asked.append(operation)
            said = self.answers[operation]
            next_one = said.pop(0) if len(said) > 1 else said[0]
            if isinstance(next_one, Exception):
                raise next_one
            return next_one

        return answer


def step(act: str) -> Step:
    return Step(f"web/{act}", act, "web", "arn:web", "123456789012", "eu-west-1", {"instance_id": SERVER})


def world(sessions: Answering) -> AwsWorld:
    return AwsWorld(sessions, pause_factor=0)  # type: ignore[arg-type]


def test_what_was_created_just_now_is_undone_though_it_does_not_show_at_first() -> None:
    aws = Answering(terminate_instances=[refusal(NO_INSTANCE), refusal(NO_INSTANCE), {}], describe_instances=[RUNS, GONE])
    world(aws).undo(step("ec2.run_instance"), {}, {"instance_id": SERVER})
    assert aws.asked == ["terminate_instances"] * 3 + ["describe_instances"] * 2


def test_what_never_shows_is_gone_after_a_while() -> None:
    aws = Answering(terminate_instances=[refusal(NO_INSTANCE)])
    world(aws).undo(step("ec2.run_instance"), {}, {"instance_id": SERVER})
    assert aws.asked == ["terminate_instances"] * world(aws).absent_tries


def test_a_volume_that_its_instance_still_has_is_left_to_it_and_one_that_it_left_is_deleted() -> None:
    keep, params = step("ec2.keep_volumes"), {"instance_id": SERVER, "devices": ["/dev/sdb"]}
    there = Answering(modify_instance_attribute=[{}], delete_volume=[refusal("VolumeInUse")])
    world(there).undo(keep, params, {"instance_id": SERVER, "volume_0": "vol-1"})
    assert there.asked == ["modify_instance_attribute", "delete_volume"]
    gone = Answering(modify_instance_attribute=[refusal("IncorrectInstanceState")], delete_volume=[{}])
    world(gone).undo(keep, params, {"instance_id": SERVER, "volume_0": "vol-1"})
    assert gone.asked == ["modify_instance_attribute"] * world(gone).absent_tries + ["delete_volume"]


def test_an_instance_that_does_not_show_yet_is_waited_for() -> None:
    aws = Answering(describe_instances=[refusal(NO_INSTANCE), RUNS])
    assert world(aws).act(step("ec2.await_running"), {"instance_id": SERVER}, "key") == {"private_ip": "10.0.0.5"}


def test_a_source_that_is_gone_was_not_started_again() -> None:
    aws = Answering(start_instances=[{}], describe_instances=[GONE])
    with pytest.raises(StepRefusedError, match="it is terminated and will not become running"):
        world(aws).undo(step("ec2.stop_source"), {"instance_id": SERVER}, {"instance_id": SERVER})


@pytest.mark.parametrize("fault", [refusal("RequestLimitExceeded", 503), refusal("InternalError", 500), no_answer()])
def test_a_check_that_was_not_answered_is_not_a_check_that_failed(fault: Exception) -> None:
    with pytest.raises(StepUnclearError):
        world(Answering(describe_instances=[fault])).act(step("ec2.check_source"), {"instance_id": SERVER}, "key")


@pytest.mark.parametrize(
    ("cause", "told"),
    [(refusal("Throttling"), StepUnclearError), (no_answer(), StepUnclearError), (refusal("AccessDenied", 403), StepRefusedError)],
)
def test_an_account_that_cannot_be_entered_for_a_moment_refuses_nothing(cause: Exception, told: type[StepError]) -> None:
    class Shut(Answering):
        def client(self, account_id: str, service: str, region: str) -> "Answering":
            raise AccountAccessError(account_id, "x", "the role cannot be assumed", "look", None) from cause

    with pytest.raises(told) as caught:
        world(Shut()).act(step("ec2.stop_source"), {"instance_id": SERVER}, "key")
    assert not getattr(caught.value, "was_sent", False)


def test_a_denial_says_whose_permission_is_missing() -> None:
    aws = Answering(terminate_instances=[refusal("UnauthorizedOperation", 403)])
    with pytest.raises(StepRefusedError, match="Next: ec2:TerminateInstances is missing; grant it to the role that migrates"):
        world(aws).undo(step("ec2.run_instance"), {}, {"instance_id": SERVER})


def test_a_change_without_an_answer_is_heard_of_and_unclear() -> None:
    heard: list[CallMade] = []
    with pytest.raises(StepUnclearError):
        replace(world(Answering(stop_instances=[no_answer()])), heard=heard.append).act(
            step("ec2.stop_source"), {"instance_id": SERVER}, "key"
        )
    assert [(one.call.operation, one.error, one.request_id) for one in heard] == [("StopInstances", "ReadTimeoutError", "")]


def test_a_stack_that_does_not_show_yet_is_not_believed_to_be_deleted() -> None:
    """CloudFormation answers DeleteStack without an error for a stack that it does not see."""
    shown = [refusal("ValidationError"), stack("REVIEW_IN_PROGRESS"), stack("DELETE_IN_PROGRESS"), stack("DELETE_COMPLETE")]
    aws = Answering(describe_stacks=shown, delete_stack=[{}])
    world(aws).undo(step("cloudformation.create_change_set"), {}, {"stack_id": "arn:stack"})
    assert aws.asked == ["describe_stacks"] * 2 + ["delete_stack"] + ["describe_stacks"] * 2


def stack(status: str) -> dict[str, Any]:
    return {"Stacks": [{"StackStatus": status}]}


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        pytest.param([{"ParameterKey": "P1", "ParameterValue": "****"}], "its reason is not told here", id="given-in-secret"),
        pytest.param([{"ParameterKey": "P1", "ParameterValue": "2"}], "P1 hunter2 is too long", id="given-openly"),
        pytest.param(None, "P1 hunter2 is too long", id="given-nothing"),
    ],
)
def test_a_stacks_reason_is_told_by_a_later_process_only_where_it_can_repeat_no_secret(parameters: object, told: str) -> None:
    failed = {"StackStatus": "ROLLBACK_COMPLETE", "StackStatusReason": "P1 hunter2 is too long"}
    if parameters is not None:
        failed["Parameters"] = parameters  # type: ignore[assignment]
    with pytest.raises(StepRefusedError, match=f"it is ROLLBACK_COMPLETE.*{told}.*Next: the stack's events name"):
        world(Answering(describe_stacks=[{"Stacks": [failed]}])).act(step("cloudformation.await_stack"), {"stack_id": "s"}, "cm1")


def test_an_image_that_does_not_show_yet_is_not_believed_to_be_deleted() -> None:
    """ECR answers BatchDeleteImage without an error for a tag that it does not see."""
    aws = Answering(describe_images=[refusal("ImageNotFoundException"), {}], batch_delete_image=[{}])
    copied = {"image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1", "was_there": "yes"}
    world(aws).undo(step("ecr.copy_image"), copied, {"tag": "cloudmigrate-k"})
    assert aws.asked == ["describe_images"] * 2 + ["batch_delete_image"] * 2


def test_a_repository_made_for_an_image_goes_with_it_and_stays_where_others_push_to_it() -> None:
    asked = {"image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1", "was_there": "no"}
    for answer in ({}, refusal("RepositoryNotEmptyException"), refusal("RepositoryNotFoundException")):
        aws = Answering(describe_images=[{}], batch_delete_image=[{}], delete_repository=[answer])
        world(aws).undo(step("ecr.copy_image"), asked, {"tag": "cloudmigrate-k"})
        assert aws.asked[-2:] == ["batch_delete_image", "delete_repository"]


def test_what_runs_already_is_not_started_again_and_is_still_seen_to_run() -> None:
    states = [{"DBInstances": [{"DBInstanceStatus": one}]} for one in ("stopping", "available", "available")]
    aws = Answering(describe_db_instances=states, start_db_instance=[refusal("InvalidDBInstanceState")], delete_db_snapshot=[{}])
    world(aws).undo(step("retire.stop_database"), {"db_instance_id": "old", "snapshot_id": "last"}, {"db_instance_id": "old"})
    assert aws.asked == ["describe_db_instances"] * 2 + ["start_db_instance", "describe_db_instances", "delete_db_snapshot"]


LOWERED = datetime(2026, 3, 1, 8, tzinfo=UTC)
NAME = {"zone_id": "Z1", "name": "shop.example.com.", "ttl_s": 60}


@pytest.mark.parametrize(
    ("ttl_s", "since_s", "slept"),
    [
        pytest.param(60, 0, [], id="as low before: nothing to wait for"),
        pytest.param(300, 0, [360.0], id="the old one and a minute in which the change spreads"),
        pytest.param(300, 100, [260.0], id="what is left of it"),
        pytest.param(300, 360, [], id="over"),
        pytest.param(3600, 0, [3660.0], id="an hour"),
        pytest.param(86400, 82560, [3900.0], id="the last 65 minutes of a day"),
    ],
)
def test_the_old_time_to_live_is_waited_for(ttl_s: int, since_s: int, slept: list[float]) -> None:
    pauses: list[float] = []
    there = AwsWorld(Answering(), sleep=pauses.append, now=lambda: LOWERED + timedelta(seconds=since_s))  # type: ignore[arg-type]
    there.act(step("dns.await_forgotten"), {**NAME, "record": {"TTL": ttl_s}, "lowered_at": LOWERED.isoformat()}, "key")
    assert sum(pauses) == sum(slept)
    assert max(pauses, default=0) <= LONGEST_PAUSE_S, "whoever waits sees soon that nobody wants it any more"


def test_a_wait_ends_soon_where_its_group_goes_back() -> None:
    aws = Answering(describe_clusters=[{"clusters": []}])
    there = world(aws)
    there.give_up({"other"})
    there.give_up({step("ecs.await_cluster").group})
    with pytest.raises(StepGivenUpError, match="another step of its move group failed"):
        there.act(step("ecs.await_cluster"), {"cluster": "shop"}, "key")
    assert aws.asked == ["describe_clusters"]


def test_a_time_to_live_of_a_day_holds_no_process() -> None:
    there = AwsWorld(Answering(), now=lambda: LOWERED + timedelta(hours=1))  # type: ignore[arg-type]
    with pytest.raises(StepNotDueError, match=r"may keep shop\.example\.com\. as it was for 86460 s") as told:
        there.act(step("dns.await_forgotten"), {**NAME, "record": {"TTL": 86400}, "lowered_at": LOWERED.isoformat()}, "key")
    assert told.value.due_at == datetime(2026, 3, 2, 8, 1, tzinfo=UTC)


def test_when_the_time_to_live_was_lowered_is_kept_also_where_it_was_found_lowered() -> None:
    record = {"Name": "shop.example.com.", "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    found = {"ResourceRecordSets": [record | {"TTL": 60}]}
    there = replace(world(Answering(change_resource_record_sets=[{}], list_resource_record_sets=[found])), now=lambda: LOWERED)
    asked = {**NAME, "record": record}
    assert there.act(step("dns.lower_ttl"), asked, "key") == {"name": "shop.example.com.", "lowered_at": LOWERED.isoformat()}
    assert there.look(step("dns.lower_ttl"), asked, "key") == {"name": "shop.example.com.", "lowered_at": LOWERED.isoformat()}


def test_a_change_set_that_does_not_show_yet_is_waited_for() -> None:
    made = {"Status": "CREATE_COMPLETE", "Changes": []}
    aws = Answering(describe_change_set=[refusal("ChangeSetNotFound", 404), made])
    given = world(aws).act(step("cloudformation.await_change_set"), {"change_set_id": "arn:change-set"}, "key")
    assert (given, aws.asked) == ({"changes": []}, ["describe_change_set"] * 2)


GONE_DATABASE = refusal("DBInstanceNotFound", 404)
NAMED = {"database_id": "orders", "facts": "available/postgres", "encrypted": True, "subnet_group": "inner"}


@pytest.mark.parametrize("act", ["rds.check_instance", "rds.verify_instance", "rds.check_target"])
def test_a_database_that_is_gone_passes_no_check(act: str) -> None:
    aws = Answering(describe_db_instances=[GONE_DATABASE])
    with pytest.raises(StepRefusedError, match=r"it is (not available|not postgres|None and will not)"):
        world(aws).act(step(act), {**NAMED, "engine": "postgres"}, "key")


def test_a_database_that_is_gone_is_not_closed() -> None:
    aws = Answering(describe_db_instances=[GONE_DATABASE])
    times = iter([0.0, 60.0, 4000.0])
    waiting = replace(world(aws), clock=lambda: next(times))
    with pytest.raises(StepRefusedError, match="it is not available/sg-1 within 1:00:00; last seen: None"):
        waiting.act(step("rds.await_instance_closed"), {"database_id": "orders", "closed_group_id": "sg-1"}, "key")
    assert aws.asked == ["describe_db_instances"] * 2


@pytest.mark.parametrize("act", ["lambda.await_enabled", "lambda.check_target"])
def test_a_function_and_what_feeds_it_may_show_late(act: str) -> None:
    absent, there = refusal("ResourceNotFoundException", 404), {"State": "Active" if act == "lambda.check_target" else "Enabled"}
    wanted = "[null,null,null,null,null,null,[]]"
    aws = Answering(get_event_source_mapping=[absent, there], get_function_configuration=[absent, there])
    assert world(aws).act(step(act), {"uuid": "u", "function_name": "f", "expected": wanted}, "key") == {}


def test_half_an_error_refuses_nothing() -> None:
    """botocore takes the status of HTTP for the code of a document that breaks off."""
    half = ClientError({"Error": {"Code": "400", "Message": '{"__type": "ResourceNotFoundFau'}}, "DescribeConnections")
    aws = Answering(describe_connections=[half])
    with pytest.raises(StepUnclearError, match="DescribeConnections was answered HTTP 400 and a document that cannot be read"):
        world(aws).look(step("dms.test_connection"), {"endpoint_arn": "arn:e", "instance_arn": "arn:i"}, "key")


def test_a_head_has_no_document_and_is_believed() -> None:
    aws = Answering(head_object=[ClientError({"Error": {"Code": "400", "Message": "Bad Request"}}, "HeadObject")])
    params = {"bucket": "b", "bucket_owner": "123456789012", "object_key": "k", "sha256": "s"}
    with pytest.raises(StepRefusedError, match="HeadObject was answered 400: Bad Request"):
        world(aws).look(step("lambda.copy_package"), params, "key")


def test_an_error_of_who_listens_does_not_drag_along_the_words_of_the_cloud() -> None:
    def full(_: CallMade) -> None:
        raise LedgerError("audit", "ledger.db", "the disk is full", "free space")

    refused = replace(world(Answering(stop_instances=[refusal("OperationNotPermitted")])), heard=full)
    with pytest.raises(LedgerError) as told:
        refused.act(step("ec2.stop_source"), {"instance_id": SERVER}, "cm1")
    assert told.value.__context__ is None, "a traceback tells it too, and may repeat a secret"


def test_a_refusal_that_repeats_the_start_script_keeps_it_to_itself() -> None:
    script = b"#!/bin/sh\nexport GREETING=tiger-lily\n"
    encoded = base64.b64encode(script).decode()
    told = f"Invalid value '{encoded}' of subnet-1: line 'export GREETING=tiger-lily' is too long"
    refused = ClientError({"Error": {"Code": "InvalidParameterValue", "Message": told}}, "RunInstances")
    aws = Answering(describe_instance_attribute=[{"UserData": {"Value": encoded}}], run_instances=[refused])
    launch = {
        "image_id": "ami-1",
        "instance_type": "t3.micro",
        "subnet_id": "subnet-1",
        "group_ids": [],
        "user_data_of": {"instance_id": SERVER, "region": "eu-central-1", "account_id": "123456789012"},
    }
    with pytest.raises(StepRefusedError) as raised:
        world(aws).act(step("ec2.run_instance"), launch, "cm1")
    assert "of subnet-1: line" in str(raised.value), "what everybody may know stays"
    assert not [one for one in ("tiger-lily", encoded) if one in str(raised.value)]
