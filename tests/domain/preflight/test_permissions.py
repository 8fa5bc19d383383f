"""Permissions: IAM is asked about exactly the steps' actions, and each of its words means one thing."""

from typing import Any

import pytest

from cloudmigrate.domain.preflight.permissions import PERMISSIONS, assumed_role, is_principal, needed_actions
from cloudmigrate.domain.preflight.questions import Question
from cloudmigrate.domain.steps import Output, Reversal
from tests.domain.preflight.samples import ACCOUNT, DENIED, HERE, OTHER, ROLE, checks, facts, states, step

STOP = step("stop", "ec2.stop_source", {"instance_id": "i-1"}, region=HERE)
ACTIONS = ("ec2:DescribeInstances", "ec2:StartInstances", "ec2:StopInstances")


def simulated(**odd: dict[str, Any]) -> Any:
    """All allowed but for *odd*, by the action's last word."""

    def told(question: Question) -> list[dict[str, Any]]:
        names = question.params["ActionNames"]
        return [{"EvalActionName": one, "EvalDecision": "allowed"} | odd.get(one.partition(":")[2], {}) for one in names]

    return {"SimulatePrincipalPolicy": told}


def test_what_steps_call_wait_for_and_take_back_is_asked_about() -> None:
    assert needed_actions(facts([STOP])) == {ACCOUNT: ACTIONS}
    (question,) = PERMISSIONS.asks(facts([STOP]))
    assert question.params == {"PolicySourceArn": ROLE, "ActionNames": list(ACTIONS)}


def test_all_allowed_is_one_pass_with_the_actions_named() -> None:
    (found,) = checks(PERMISSIONS, facts([STOP]), simulated())
    assert (found.subject, found.state.value) == (ROLE, "pass")
    assert found.evidence == "3 actions allowed: ec2:DescribeInstances, ec2:StartInstances, ec2:StopInstances"


@pytest.mark.parametrize(
    ("said", "state", "bends", "told"),
    [
        pytest.param({"EvalDecision": "explicitDeny"}, "fail", False, "a policy denies it", id="denied"),
        pytest.param({"EvalDecision": "implicitDeny"}, "fail", True, "no policy allows it for all resources", id="not allowed"),
        pytest.param(
            {"EvalDecision": "implicitDeny", "MissingContextValues": ["aws:ResourceTag/env"]}, "not_assessed", False, "ResourceTag", id="if"
        ),
        pytest.param(
            {"EvalDecision": "implicitDeny", "OrganizationsDecisionDetail": {"AllowedByOrganizations": False}},
            "fail",
            False,
            "organisation",
            id="service control policy",
        ),
        pytest.param({"EvalActionName": "ec2:Other"}, "not_assessed", False, "said nothing", id="no answer"),
        pytest.param({"EvalDecision": "maybe"}, "not_assessed", False, "said nothing", id="a new word"),
    ],
)
def test_each_refusal_names_the_action(said: dict[str, Any], state: str, bends: bool, told: str) -> None:
    found = {one.subject: one for one in checks(PERMISSIONS, facts([STOP]), simulated(StartInstances=said))}
    one = found["ec2:StartInstances"]
    assert (one.state.value, one.bends) == (state, bends)
    assert told in one.evidence
    assert one.advice
    assert found[ROLE].state.value == "pass"
    assert found[ROLE].evidence.startswith("2 actions allowed")


def test_without_an_answer_nothing_is_said_to_be_allowed() -> None:
    assert states(checks(PERMISSIONS, facts([STOP]), {"SimulatePrincipalPolicy": DENIED})) == {ROLE: "not_assessed"}
    assert states(checks(PERMISSIONS, facts([STOP], principals={ACCOUNT: DENIED}), {})) == {ACCOUNT: "not_assessed"}
    assert states(checks(PERMISSIONS, facts([STOP], principals={}), {})) == {ACCOUNT: "not_assessed"}
    root = facts([STOP], principals={ACCOUNT: f"arn:aws:iam::{ACCOUNT}:root"})
    assert states(checks(PERMISSIONS, root, {})) == {ACCOUNT: "not_assessed"}


def test_each_account_is_asked_of_its_own_role() -> None:
    there = step("there", "ec2.stop_source", {"instance_id": "i-2"}, account_id=OTHER)
    role = f"arn:aws:iam::{OTHER}:role/M"
    wave = facts([STOP, there], principals={ACCOUNT: ROLE, OTHER: role})
    asked = {question.account_id: question.params["PolicySourceArn"] for question in PERMISSIONS.asks(wave)}
    assert asked == {ACCOUNT: ROLE, OTHER: role}


def test_many_actions_are_asked_in_requests_of_fifty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudmigrate.domain.preflight.permissions.AT_ONCE", 2)
    assert [question.params["ActionNames"] for question in PERMISSIONS.asks(facts([STOP]))] == [list(ACTIONS[:2]), list(ACTIONS[2:])]
    (found,) = checks(PERMISSIONS, facts([STOP]), simulated())
    assert found.evidence.startswith("3 actions allowed")


def test_permissions_that_only_an_answer_tells_are_not_assessed() -> None:
    read = step("read", "dns.read_record", {"zone_id": "Z1", "name": "a.", "type": "A"}, reversal=Reversal.NOTHING)
    lower = step("lower", "dns.lower_ttl", {"zone_id": "Z1", "name": "a.", "ttl_s": 60, "record": Output("read", "record")}, "read")
    assert states(checks(PERMISSIONS, facts([read, lower]), simulated())) == {ROLE: "pass", "lower": "not_assessed"}


def test_who_we_are_is_read_from_any_arn() -> None:
    assert assumed_role("arn:aws:sts::111111111111:assumed-role/Migration/cloudmigrate-1") == "Migration"
    assert assumed_role("arn:aws-us-gov:sts::111111111111:assumed-role/M/s") == "M"
    assert assumed_role("arn:aws:iam::111111111111:user/ana") is None
    assert is_principal("arn:aws:iam::111111111111:user/people/ana")
    assert not is_principal("arn:aws:sts::111111111111:federated-user/ana")
