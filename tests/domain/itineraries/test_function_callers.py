"""Who calls a function: what is asked for at the target, worked out by hand, and what is left to a person, each with its reason."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.itineraries.building import Builder, Place
from cloudmigrate.domain.itineraries.function import function_steps, lacks
from cloudmigrate.domain.itineraries.function_callers import invocations, permissions, url
from cloudmigrate.domain.itineraries.record import Move
from cloudmigrate.domain.steps import Gate, Step
from tests.domain.itineraries.test_templates import ACCOUNT, FUNCTION, OTHER, QUEUE, QUEUE_THERE, ROLE, THERE, move

TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:paid"
TOPIC_THERE = f"arn:aws:sns:eu-west-1:{OTHER}:paid"
API = f"arn:aws:execute-api:eu-central-1:{ACCOUNT}:a1b2c3/*/GET/orders"
DISTRIBUTION = f"arn:aws:cloudfront::{OTHER}:distribution/E1"
RULE_THERE = f"arn:aws:events:eu-west-1:{OTHER}:rule/nightly"
PARTNER = "arn:aws:iam::999999999999:root"
MAPPED: dict[str, Any] = {
    "event_sources": {QUEUE: QUEUE_THERE, TOPIC: TOPIC_THERE, QUEUE.replace("dead", "uploads"): "arn:aws:s3:::uploads-west"},
    "buckets": {"uploads": "uploads-west"},
    "log_groups": {"/app": "/app-west"},
}


def statement(principal: Any, arn: str = "", *, sid: str = "one", **more: Any) -> dict[str, Any]:
    """As GetPolicy answers."""
    condition = {"Condition": {"ArnLike": {"AWS:SourceArn": arn}}} if arn else {}
    own = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": FUNCTION["FunctionArn"]}
    return own | condition | more


def moved(*statements: dict[str, Any], **spec: Any) -> Move:
    return move(FUNCTION | {"Policy": {"Version": "2012-10-17", "Statement": list(statements)}} | spec, **MAPPED)


def steps(one: Move) -> list[Step]:
    builder = Builder("group", one.source.uid, one.source.name, {"plan": "p", "wave": 1})
    function_steps(builder, one)
    return builder.steps


SNS, S3, LOGS = {"Service": "sns.amazonaws.com"}, {"Service": "s3.amazonaws.com"}, {"Service": "logs.eu-central-1.amazonaws.com"}
OF_S3 = {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}, "StringEquals": {"AWS:SourceAccount": ACCOUNT}}
OF_TOPIC = {"ArnLike": {"aws:SourceArn": TOPIC}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
NO_SIGNATURE = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
BY_URL = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        pytest.param(statement(SNS, TOPIC), {"Principal": "sns.amazonaws.com", "SourceArn": TOPIC_THERE}, id="a topic that is mapped"),
        pytest.param(
            statement(SNS, Condition=OF_TOPIC),
            {"Principal": "sns.amazonaws.com", "SourceArn": TOPIC_THERE, "SourceAccount": OTHER},
            id="its account goes with it",
        ),
        pytest.param(
            statement(SNS, Condition=OF_TOPIC | {"ArnLike": {"aws:SourceArn": QUEUE.replace("dead", "uploads")}}),
            {"Principal": "sns.amazonaws.com", "SourceArn": "arn:aws:s3:::uploads-west", "SourceAccount": OTHER},
            id="a target that names no account is of the target's",
        ),
        pytest.param(
            statement(S3, Condition=OF_S3),
            {"Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::uploads-west", "SourceAccount": OTHER},
            id="a bucket that is mapped",
        ),
        pytest.param(
            statement(LOGS, f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/app:*"),
            {"Principal": "logs.eu-west-1.amazonaws.com", "SourceArn": f"arn:aws:logs:eu-west-1:{OTHER}:log-group:/app-west:*"},
            id="a log group that is mapped, and a service that is named by its region",
        ),
        pytest.param(
            statement({"Service": "events.amazonaws.com"}, RULE_THERE),
            {"Principal": "events.amazonaws.com", "SourceArn": RULE_THERE},
            id="a rule that is in the target already",
        ),
        pytest.param(
            statement({"Service": "cloudfront.amazonaws.com"}, DISTRIBUTION),
            {"Principal": "cloudfront.amazonaws.com", "SourceArn": DISTRIBUTION},
            id="a distribution of the target's account is of no region",
        ),
        pytest.param(statement({"AWS": PARTNER}), {"Principal": PARTNER}, id="somebody else's account stays"),
        pytest.param(statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), {"Principal": f"arn:aws:iam::{OTHER}:root"}, id="our account"),
        pytest.param(statement({"AWS": ROLE}), {"Principal": THERE}, id="a role that is mapped"),
        pytest.param(
            statement("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5f"}}),
            {"Principal": "*", "PrincipalOrgID": "o-a1b2c3d4e5f"},
            id="an organisation",
        ),
        pytest.param(
            statement("*", Action="lambda:InvokeFunctionUrl", Condition=NO_SIGNATURE),
            {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"},
            id="whoever knows the url",
        ),
        pytest.param(statement("*", Condition=BY_URL), {"Principal": "*", "InvokedViaFunctionUrl": True}, id="whoever comes by the url"),
    ],
)
def test_a_statement_whose_names_are_known_in_the_target_is_asked_for_there(held: dict[str, Any], asked: dict[str, Any]) -> None:
    (found,) = permissions(moved(held))
    assert (found.request, found.left) == ({"StatementId": "one", "Action": "lambda:InvokeFunction"} | asked, "")


@pytest.mark.parametrize(
    ("held", "why"),
    [
        pytest.param(statement({"Service": "apigateway.amazonaws.com"}, API), f"nobody says what {API} is in the target", id="an API"),
        pytest.param(statement(SNS, "arn:aws:sns:us-east-1:999999999999:x"), "add it to targets.event_sources", id="another's topic"),
        pytest.param(statement(S3, "arn:aws:s3:::others"), "nobody says what arn:aws:s3:::others is", id="a bucket of nobody"),
        pytest.param(statement({"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}), "add it to targets.roles", id="a role that is not mapped"),
        pytest.param(statement({"AWS": "AROAEXAMPLE"}), "who it names is gone", id="a role that was deleted"),
        pytest.param(statement({"AWS": [PARTNER, ROLE]}), "several principals", id="several principals"),
        pytest.param(statement({"CanonicalUser": "x"}), "one of another kind", id="another kind of principal"),
        pytest.param(statement("*"), "everybody without a condition", id="everybody"),
        pytest.param(statement(SNS, Effect="Deny"), "it denies", id="a denial"),
        pytest.param(statement(SNS, Action=["lambda:InvokeFunction"]), "several actions", id="a list of actions"),
        pytest.param(statement(SNS, NotPrincipal="*"), "it has NotPrincipal", id="a member that no call makes"),
        pytest.param(statement(SNS, Resource=f"{FUNCTION['FunctionArn']}:live"), "a version or an alias", id="an alias"),
        pytest.param(statement(SNS, sid="a.b"), "its id is none", id="an id that no call takes"),
        pytest.param(
            statement("*", Condition={"StringEquals": {"aws:Referer": {"sha256": "0"}}}), "StringEquals aws:Referer is none", id="a secret"
        ),
        pytest.param(
            statement(S3, Condition=OF_S3 | {"StringEquals": {"AWS:SourceAccount": "999999999999"}}),
            "of which account, in the place of 999999999999, arn:aws:s3:::uploads-west is",
            id="a bucket that changes and an account that does not",
        ),
    ],
)
def test_a_statement_that_cannot_be_asked_for_is_a_persons_with_its_reason(held: dict[str, Any], why: str) -> None:
    (found,) = permissions(moved(held))
    assert (found.request, why in found.left) == ({}, True), found.left
    made = steps(moved(held))
    assert not [one for one in made if one.act == "lambda.add_permission"]
    assert made[-1].gate is Gate.BY_HAND
    assert found.left in made[-1].params["text"]


def test_within_one_account_roles_stay_and_so_does_the_source_account() -> None:
    region_only = replace(moved(statement({"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"})), target=Place(ACCOUNT, "eu-west-1"))
    assert permissions(region_only)[0].request["Principal"] == f"arn:aws:iam::{ACCOUNT}:role/x"


def test_the_default_bus_is_in_every_region_and_what_fails_goes_to_the_targets_queue() -> None:
    bus = f"arn:aws:events:eu-central-1:{ACCOUNT}:event-bus/default"
    held = {
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": None,
        "DestinationConfig": {"OnSuccess": {"Destination": bus}, "OnFailure": {"Destination": QUEUE}},
    }
    settings, why = invocations(moved(EventInvokeConfig=held))
    assert (settings, why) == (
        {
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {
                "OnSuccess": {"Destination": f"arn:aws:events:eu-west-1:{OTHER}:event-bus/default"},
                "OnFailure": {"Destination": QUEUE_THERE},
            },
        },
        "",
    )


def test_settings_of_which_a_destination_is_unknown_are_a_persons_and_stop_no_compilation() -> None:
    held = {"MaximumRetryAttempts": 1, "DestinationConfig": {"OnFailure": {"Destination": f"{TOPIC}-else"}}}
    one = moved(statement({"Service": "apigateway.amazonaws.com"}, API), EventInvokeConfig=held)
    assert list(lacks(one)) == []
    made = steps(one)
    assert not [step for step in made if step.act in ("lambda.set_invocations", "lambda.add_permission")]
    assert f"its settings of asynchronous calls are set by you: nobody says what {TOPIC}-else is" in made[-1].params["text"]
    assert f"lead to the target what calls the source: apigateway.amazonaws.com for {API}" in made[-1].params["text"]


def test_settings_that_say_nothing_are_not_set() -> None:
    assert invocations(moved(EventInvokeConfig={"MaximumRetryAttempts": None, "DestinationConfig": {"OnSuccess": {}}})) == ({}, "")


def test_a_url_is_made_with_its_settings_and_its_new_address_is_a_persons_to_tell_the_world() -> None:
    old = "https://abc.lambda-url.eu-central-1.on.aws/"
    held = {"FunctionUrl": old, "AuthType": "NONE", "InvokeMode": "BUFFERED", "Cors": {"AllowOrigins": ["*"], "AllowHeaders": []}}
    one = moved(statement("*", Condition=NO_SIGNATURE), UrlConfig=held)
    assert url(one) == {"AuthType": "NONE", "InvokeMode": "BUFFERED", "Cors": {"AllowOrigins": ["*"]}}
    *_, made, last = steps(one)
    assert (made.act, last.act, last.gate) == ("lambda.create_url", "by_hand.confirm", Gate.BY_HAND)
    assert "its address is a new one" in made.says
    told = last.params["text"]
    assert f"{old} goes on leading to the source, the target's is the function_url that {made.step_id} gives" in told
    assert "whoever knows it may call it" in told
    assert "DNS records, distributions, clients, web hooks and allow lists" in told
    assert "lead to the target what calls" not in told, "who comes by the url is led by its address"
    assert made.step_id in last.needs


def test_a_function_that_nobody_calls_has_no_step_by_hand_but_that_is_looked_at() -> None:
    made = steps(move(FUNCTION))
    assert [(one.act, one.params["expected"]) for one in made[1:4]] == [
        ("lambda.check_permissions", "[]"),
        ("lambda.check_invocations", "[null,null,null,null]"),
        ("lambda.check_url", "[null,null,null]"),
    ]
    assert made[-1].act == "lambda.check_target"


WORDS = st.text(max_size=20)


@given(st.dictionaries(WORDS, st.one_of(WORDS, st.dictionaries(WORDS, st.dictionaries(WORDS, WORDS, max_size=2), max_size=2)), max_size=4))
def test_whatever_a_statement_says_it_is_asked_for_or_left_with_a_reason(more: dict[str, Any]) -> None:
    for found in permissions(moved(statement(SNS, TOPIC) | more, statement(SNS, TOPIC, Condition=more))):
        assert bool(found.request) != bool(found.left)
