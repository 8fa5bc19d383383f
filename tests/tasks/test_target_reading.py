"""Names of targets out of the lake and the ledger: the wave's steps and the generated code have the same, before a wave and after it."""

from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.iac.values import plain
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.steps import Step, step_document, steps_hash
from cloudmigrate.domain.target_policy import TargetPolicy
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.workspace import Workspace, utc_now
from tasks.iac import read_blueprint
from tasks.migrating import plan_named, wave_steps
from tasks.plan_reading import read_document
from tasks.planning import publish_plan
from tasks.runbook_reading import wave_facts
from tests.planned_estate import ACCOUNT, estate_in, resource, take_snapshot

DATABASE = "AWS::RDS::DBInstance"
SAID = {"region": "eu-west-1", "vpcs": {"vpc-1": "vpc-2"}, "kms_key": "alias/target", "databases": {"subnet_groups": {"private": "inner"}}}
CENTRAL, EAST = (f"arn:aws:rds:{region}:{ACCOUNT}:db:orders" for region in ("eu-central-1", "us-east-1"))


def row(uid: str) -> dict[str, Any]:
    spec = {
        "DBInstanceIdentifier": "orders",
        "DBInstanceClass": "db.t3.medium",
        "Engine": "postgres",
        "EngineVersion": "16.4",
        "AllocatedStorage": 100,
        "DBSubnetGroup": {"DBSubnetGroupName": "private", "VpcId": "vpc-1"},
    }
    return resource(uid, DATABASE, name="orders", region=uid.split(":")[3], spec=spec, state="available", stateful=True)


@pytest.fixture
def planned(tmp_path: Path) -> tuple[Workspace, PlanRow]:
    """A plan of two waves, each with a database of the same name."""
    estate = estate_in(tmp_path, WavePolicy(max_resources_per_wave=1)).model_copy(update={"targets": TargetPolicy.model_validate(SAID)})
    workspace = Workspace.open(estate)
    snapshot_id = take_snapshot(workspace, [row(CENTRAL), row(EAST)])
    publish_plan.fn(workspace.estate, workspace.estate.planning, snapshot_id=snapshot_id, run_id="made")
    return workspace, plan_named(workspace, None)


def in_steps(workspace: Workspace, plan: PlanRow) -> dict[str, str]:
    """uid -> the name that its wave restores it under."""
    waves = sorted({one["wave"] for one in read_document(workspace, plan)["groups"]})
    restored = (one for wave in waves for one in wave_steps(workspace, plan, wave) if one.act == "rds.restore_instance")
    return {one.uid: one.params["database_id"] for one in restored}


def in_code(workspace: Workspace, plan: PlanRow) -> dict[str, Any]:
    """uid -> its name in the generated code."""
    made = [one for unit in read_blueprint(workspace, plan).units for one in unit.resources if one.type == DATABASE]
    return {one.key: plain(one.properties["DBInstanceIdentifier"]) for one in made}


def test_each_wave_knows_what_the_others_call_their_targets(planned: tuple[Workspace, PlanRow]) -> None:
    waves = {uid: one["wave"] for one in read_document(*planned)["groups"] for uid in one["members"]}
    first, later = sorted(waves, key=lambda uid: waves[uid])
    assert waves[first] < waves[later]
    assert in_steps(*planned) == in_code(*planned) == {first: "orders", later: f"orders-{later.split(':')[3]}"}
    told = [one for facts in wave_facts(*planned) for one in facts.steps if one.act == "rds.restore_instance"]
    assert {one.uid: one.params["database_id"] for one in told} == in_steps(*planned), "runbooks tell the same"


def test_a_later_wave_that_went_first_keeps_the_name_that_it_has(planned: tuple[Workspace, PlanRow]) -> None:
    workspace, plan = planned
    before, document = in_steps(workspace, plan), read_document(workspace, plan)
    (group,) = [one for one in document["groups"] if before[one["members"][0]] != "orders"]
    done(workspace, plan, group["wave"], group["members"][0], before[group["members"][0]])
    assert in_steps(workspace, plan) == in_code(workspace, plan) == before


def done(workspace: Workspace, plan: PlanRow, wave: int, uid: str, name: str) -> None:
    """A wave that restored a database under that name."""
    step = Step("g/1", "rds.restore_instance", "g", uid, ACCOUNT, "eu-west-1")
    documents, now = [step_document(step)], utc_now()
    workspace.ledger.start_wave(
        WaveStart("acme", plan.plan_id, plan.content_hash, wave, steps_hash([step]), documents, "c" * 64, "olga", now)
    )
    hold = workspace.ledger.take_wave(plan.plan_id, wave, estate="acme", holder="olga@here/1")
    for entry in (Entry("g/1", StepState.INTENT), Entry("g/1", StepState.DONE, {"database_id": name})):
        workspace.ledger.record_step(hold, entry)
