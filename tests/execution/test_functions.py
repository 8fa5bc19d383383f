"""Functions moved on the emulator: what goes along, what stays nowhere, and what a broken package or a changed source leaves."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.aws.calling import CallMade
from cloudmigrate.domain.explaining import explain
from cloudmigrate.domain.itineraries.compile import TargetError
from cloudmigrate.domain.steps import Gate, Reversal, step_document
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import GroupEnd, Limits, roll_back, run_wave
from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_images import PENDING_PATH
from tests.execution import small_functions
from tests.execution.kill_matrix import Case, Matrix, Point, ledger_in
from tests.execution.model import PLAN_HASH, ModelJournal
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET
from tests.execution.small_functions import API, NAME, PARTNER, SECRET, TOPIC, TOPIC_THERE, SmallFunctions, package

LIMITS = Limits(at_once=1)
ACTS = [  # worked out by hand: what a function with one layer, one queue, callers and a url needs, in this order
    "lambda.check_source",
    "lambda.check_permissions",
    "lambda.check_invocations",
    "lambda.check_url",
    "lambda.check_name",
    "lambda.copy_package",
    "lambda.read_layer",
    "lambda.copy_package",
    "cloudformation.create_change_set",
    "cloudformation.await_change_set",
    "cloudformation.execute_change_set",
    "cloudformation.await_stack",
    "lambda.check_target",
    "lambda.add_permission",
    "lambda.add_permission",
    "lambda.set_invocations",
    "lambda.create_url",
    "lambda.disable_mapping",
    "lambda.await_disabled",
    "lambda.create_mapping",
    "lambda.await_enabled",
    "by_hand.confirm",
]


CALLERS_THERE = {  # by hand: the topic's target is mapped, the API's is not, a partner's account stays, and the queue is the target's
    "statements": [
        {
            "Sid": "topic",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Condition": {"ArnLike": {"AWS:SourceArn": TOPIC_THERE}, "StringEquals": {"AWS:SourceAccount": ACCOUNT}},
        },
        {
            "Sid": "partner",
            "Effect": "Allow",
            "Principal": {"AWS": PARTNER},
            "Action": "lambda:InvokeFunctionUrl",
            "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}},
        },
    ],
    "invocations": {
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 300,
        "DestinationConfig": {"OnFailure": {"Destination": f"arn:aws:sqs:{TARGET}:{ACCOUNT}:orders"}},
    },
    "url": {"AuthType": "AWS_IAM", "InvokeMode": "BUFFERED", "Cors": {"AllowOrigins": ["https://shop.example.com"]}},
}


@pytest.fixture
def estate(clean_emulator: Emulator) -> Iterator[SmallFunctions]:
    made = small_functions.make()
    post(clean_emulator.url + PENDING_PATH, b"2")
    yield made
    post(clean_emulator.url + PENDING_PATH, b"0")


def carrier(estate: SmallFunctions, journal: ModelJournal, heard: list[CallMade] | None = None) -> Carrier:
    world = AwsWorld(estate.sessions, pause_factor=0, heard=[].append if heard is None else heard.append)
    return Carrier(PLAN_HASH, 1, world, journal, Patience(tries=3, looks=2), sleep=lambda _: None)


def test_a_function_goes_with_layer_secrets_and_queue_and_secrets_stand_in_no_record(estate: SmallFunctions) -> None:
    before, steps, journal = estate.state(), estate.steps(), ModelJournal()
    assert [one.act for one in steps] == ACTS
    assert [one.act for one in steps if one.gate is Gate.CUTOVER] == ["lambda.disable_mapping"]
    heard: list[CallMade] = []
    end = run_wave(steps, carrier(estate, journal, heard), is_open=lambda _: True, limits=LIMITS)
    assert end.failures == {}
    assert [one.call.operation for one in heard] == [
        "PutObject",
        "PutObject",
        "CreateChangeSet",
        "ExecuteChangeSet",
        "AddPermission",
        "AddPermission",
        "PutFunctionEventInvokeConfig",
        "CreateFunctionUrlConfig",
        "UpdateEventSourceMapping",
        "CreateEventSourceMapping",
    ]
    after = estate.state()
    assert after[TARGET]["functions"] == before[SOURCE]["functions"]
    assert SECRET in json.loads(after[TARGET]["functions"][0])[7]["Variables"]["DB_PASSWORD"]
    assert (after[SOURCE]["mappings"], after[TARGET]["mappings"]) == (
        [("orders", NAME, "Disabled", 7)],
        [("orders", NAME, "Enabled", 7)],
    )
    assert (after[TARGET]["stacks"], len(after["objects"])) == (["CREATE_COMPLETE"], 2)
    assert after[TARGET]["callers"] == [CALLERS_THERE]
    functions = estate.sessions.client(ACCOUNT, "lambda", TARGET)
    tags = functions.list_tags(Resource=f"arn:aws:lambda:{TARGET}:{ACCOUNT}:function:{NAME}")["Tags"]
    assert (tags["team"], tags["cloudmigrate:plan"]) == ("shop", "plan-1")
    (listed,) = [one.outputs["changes"] for one in journal.entries if one.step_id.endswith("await_change_set") and one.outputs]
    assert sorted(one.rpartition(" ")[0] for one in listed) == ["Add AWS::Lambda::Function", "Add AWS::Lambda::LayerVersion"]
    records = (
        repr(journal.entries)
        + repr(heard)
        + repr([step_document(one) for one in steps])
        + repr(explain(steps, plan_hash=PLAN_HASH, wave=1))
    )
    assert not any(secret in records for secret in (SECRET, "hunter2", "X-Amz-Signature"))
    stack = estate.sessions.client(ACCOUNT, "cloudformation", TARGET).describe_stacks()["Stacks"][0]
    assert {one["ParameterValue"] for one in stack["Parameters"]} == {"****"}
    roll_back(steps, carrier(estate, journal))
    assert estate.state() == before


def test_code_that_changed_since_the_plan_stops_it_before_anything_is_made(estate: SmallFunctions) -> None:
    steps, journal = estate.steps(), ModelJournal()
    estate.sessions.client(ACCOUNT, "lambda", SOURCE).update_function_code(FunctionName=NAME, ZipFile=package("other code"))
    before = estate.state()
    end = run_wave(steps, carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    assert "its code or settings changed since the plan" in next(iter(end.failures.values()))
    assert estate.state() == before


def test_what_no_call_carries_over_is_a_persons_last_step_and_so_is_the_urls_new_address(estate: SmallFunctions) -> None:
    *_, last = steps = estate.steps()
    (url,) = [one.step_id for one in steps if one.act == "lambda.create_url"]
    text = last.params["text"]
    assert f"api (apigateway.amazonaws.com for {API}): nobody says what {API} is in the target" in text
    assert f"lead to the target what calls the source: sns.amazonaws.com for {TOPIC}, apigateway.amazonaws.com for {API};" in text
    held = estate.sessions.client(ACCOUNT, "lambda", SOURCE).get_function_url_config(FunctionName=NAME)["FunctionUrl"]
    assert f"{held} goes on leading to the source, the target's is the function_url that {url} gives" in text
    journal = ModelJournal()
    end = run_wave(steps, carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    assert end.waiting_for == (Gate.BY_HAND,)
    there = estate.sessions.client(ACCOUNT, "lambda", TARGET).get_function_url_config(FunctionName=NAME)["FunctionUrl"]
    assert journal.standings()[url].outputs["function_url"] == there != held


def test_the_dry_run_tells_each_call_and_preflight_asks_for_its_permission(estate: SmallFunctions) -> None:
    told = {one.step.act: one for one in explain(estate.steps(), plan_hash=PLAN_HASH, wave=1)}
    asked = {
        "lambda.check_permissions": ["lambda:GetPolicy"],
        "lambda.add_permission": ["lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"],
        "lambda.set_invocations": [
            "lambda:DeleteFunctionEventInvokeConfig",
            "lambda:GetFunctionEventInvokeConfig",
            "lambda:PutFunctionEventInvokeConfig",
        ],
        "lambda.create_url": ["lambda:CreateFunctionUrlConfig", "lambda:DeleteFunctionUrlConfig", "lambda:GetFunctionUrlConfig"],
    }
    assert {act: list(told[act].iam_actions) for act in asked} == asked
    says = [one.says for one in estate.steps() if one.act == "lambda.add_permission"]
    assert says == [f"let sns.amazonaws.com for {TOPIC_THERE} call {NAME}", f"let {PARTNER} call {NAME}"]
    (call,) = told["lambda.create_url"].calls
    assert (call.region, call.writes, call.call and call.call.params) == (
        TARGET,
        True,
        {"FunctionName": NAME, "AuthType": "AWS_IAM", "InvokeMode": "BUFFERED", "Cors": {"AllowOrigins": ["https://shop.example.com"]}},
    )


@pytest.mark.parametrize(
    ("member", "act"),
    [("Policy", "check_permissions"), ("EventInvokeConfig", "check_invocations"), ("UrlConfig", "check_url")],
)
def test_what_the_scan_could_not_see_of_its_callers_stops_it_before_anything_is_made(estate: SmallFunctions, member: str, act: str) -> None:
    estate.resources = [replace(one, spec={name: value for name, value in one.spec.items() if name != member}) for one in estate.resources]
    before = estate.state()
    end = run_wave(estate.steps(), carrier(estate, ModelJournal()), is_open=lambda _: True, limits=LIMITS)
    (failed,) = end.failures
    assert failed.endswith(act)
    assert "it was changed since the plan, or could not be seen then" in end.failures[failed]
    assert estate.state() == before


def test_only_a_statement_that_lets_in_the_same_counts_as_added(estate: SmallFunctions) -> None:
    world = AwsWorld(estate.sessions, pause_factor=0)
    (step,) = [one for one in estate.steps() if one.act == "lambda.add_permission" and one.params["statement_id"] == "topic"]
    here = replace(step, region=SOURCE)
    held = {**step.params["permission"], "SourceArn": TOPIC}

    def seen(**other: str) -> object:
        return world.look(here, {**step.params, "permission": {**held, **other}}, "key")

    assert seen() == {"statement_id": "topic"}
    others = {"SourceArn": TOPIC_THERE, "SourceAccount": "999999999999", "Principal": "s3.amazonaws.com", "Action": "lambda:*"}
    assert [seen(**{name: value}) for name, value in others.items()] == [None] * len(others)
    wider = {name: held[name] for name in ("StatementId", "Action", "Principal")}
    assert world.look(here, {**step.params, "permission": wider}, "key") is None


def test_a_statement_that_somebody_else_adds_under_the_same_id_is_not_taken_for_ours(estate: SmallFunctions) -> None:
    before, journal = estate.state(), ModelJournal()
    functions = estate.sessions.client(ACCOUNT, "lambda", TARGET)

    def meanwhile(made: CallMade) -> None:
        if made.call.operation == "AddPermission" and made.call.params["StatementId"] == "topic":
            functions.add_permission(FunctionName=NAME, StatementId="partner", Action="lambda:InvokeFunction", Principal="888888888888")

    world = AwsWorld(estate.sessions, pause_factor=0, heard=meanwhile)
    other = Carrier(PLAN_HASH, 1, world, journal, Patience(tries=3, looks=2), sleep=lambda _: None)
    end = run_wave(estate.steps(), other, is_open=lambda _: True, limits=LIMITS)
    (failed,) = end.failures
    assert "The statement id (partner) provided already exists" in end.failures[failed]
    assert end.groups == {"checkout-group": GroupEnd.ROLLED_BACK}
    assert estate.state() == before


def test_a_name_that_is_taken_and_a_stack_that_fails_leave_nothing(estate: SmallFunctions) -> None:
    before, journal = estate.state(), ModelJournal()
    estate.policy = estate.policy.model_copy(update={"roles": {_role(estate): f"arn:aws:iam::{ACCOUNT}:role/nobody"}})
    end = run_wave(estate.steps(), carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    assert end.groups == {"checkout-group": GroupEnd.ROLLED_BACK}
    (told,) = end.failures.values()
    assert "ROLLBACK_COMPLETE" in told
    assert "cannot be assumed by Lambda" in told
    assert estate.state() == before


def _role(estate: SmallFunctions) -> str:
    return str(next(one.spec["Role"] for one in estate.resources if one.name == NAME))


def test_killed_anywhere_it_is_whole_or_as_before(clean_emulator: Emulator, tmp_path: Path) -> None:
    estate, ledger = small_functions.make(), ledger_in(tmp_path)
    matrix = Matrix(estate, ledger, estate.steps(), closed=frozenset({Gate.BY_HAND}))
    ids = {one.act: one.step_id for one in matrix.steps}
    sample = [
        Case(ids["cloudformation.create_change_set"], Point.AFTER_CALL, "roll back"),
        Case(ids["lambda.create_mapping"], Point.AFTER_CALL, "resume"),
        *(Case(ids[f"lambda.{act}"], Point.AFTER_CALL, "resume") for act in ("add_permission", "set_invocations", "create_url")),
        *(Case(ids[f"lambda.{act}"], Point.AFTER_UNDO_CALL, "roll back") for act in ("add_permission", "set_invocations", "create_url")),
        Case(ids["lambda.disable_mapping"], Point.AFTER_UNDO_CALL, "roll back"),
    ]
    assert {one.name: wrong for one in sample if (wrong := matrix.fails(one))} == {}
    ledger.close()


def test_what_the_estate_file_does_not_say_is_told_at_once(estate: SmallFunctions) -> None:
    bare = {"subnets": {}, "security_groups": {}, "artifact_bucket": None, "event_sources": {}}
    estate.policy = estate.policy.model_copy(update=bare)
    with pytest.raises(TargetError) as told:
        estate.steps()
    for field in ("targets.artifact_bucket", "targets.subnets", "targets.security_groups", "targets.event_sources"):
        assert field in str(told.value)


@pytest.mark.usefixtures("clean_emulator")
def test_the_source_is_deleted_only_behind_the_gate_of_clean_up() -> None:
    estate = small_functions.make(is_called=False, clean_up=True)
    steps, journal = estate.steps(), ModelJournal()
    assert [(one.act, one.gate, one.reversal) for one in steps[-2:]] == [
        ("lambda.delete_source_mapping", Gate.CLEAN_UP, Reversal.NO_RETURN),
        ("lambda.delete_source", Gate.CLEAN_UP, Reversal.NO_RETURN),
    ]
    run_wave(steps, carrier(estate, journal), is_open=lambda gate: gate is not Gate.CLEAN_UP, limits=LIMITS)
    assert len(estate.state()[SOURCE]["functions"]) == 1
    end = run_wave(steps, carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    assert end.is_whole
    assert (estate.state()[SOURCE]["functions"], estate.state()[SOURCE]["mappings"]) == ([], [])
