"""What an answer means for a step: what only shows late is not gone, what was not answered is not refused, what a person can do is said."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cloudmigrate.aws.acting import AwsWorld, CallMade
from cloudmigrate.domain.steps import Step
from cloudmigrate.errors import AccountAccessError, StepError, StepRefusedError, StepUnclearError

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
