"""Functions moved on the emulator: what goes along, what stays nowhere, and what a broken package or a changed source leaves."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudmigrate.aws.acting import AwsWorld, CallMade
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
from tests.execution.small_functions import NAME, SECRET, SmallFunctions, package

LIMITS = Limits(at_once=1)
ACTS = [  # worked out by hand: what a function with one layer and one queue needs, in this order
    "lambda.check_source",
    "lambda.check_name",
    "lambda.copy_package",
    "lambda.read_layer",
    "lambda.copy_package",
    "cloudformation.create_change_set",
    "cloudformation.await_change_set",
    "cloudformation.execute_change_set",
    "cloudformation.await_stack",
    "lambda.check_target",
    "lambda.disable_mapping",
    "lambda.await_disabled",
    "lambda.create_mapping",
    "lambda.await_enabled",
]


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
    matrix = Matrix(estate, ledger, estate.steps())
    ids = {one.act: one.step_id for one in matrix.steps}
    sample = [
        Case(ids["cloudformation.create_change_set"], Point.AFTER_CALL, "roll back"),
        Case(ids["lambda.create_mapping"], Point.AFTER_CALL, "resume"),
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


def test_the_source_is_deleted_only_behind_the_gate_of_clean_up(estate: SmallFunctions) -> None:
    estate.policy = estate.policy.model_copy(update={"clean_up": True})
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
