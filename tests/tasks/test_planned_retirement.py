"""A retirement that was decided before the plan: from the decision to the steps of its wave."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.plan import Plan
from cloudmigrate.domain.steps import Gate
from cloudmigrate.domain.wave_needs import unmet_needs
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.errors import UsageError
from cloudmigrate.workspace import Workspace
from tasks.migrating import plan_named, wave_steps
from tasks.planning import publish_plan
from tests.planned_estate import dependency, estate_in, logged, resource, server, take_snapshot

OLD, WEB = server("old"), "arn:aws:apigateway:eu-central-1::/restapis/web"
DISK, SPARE = (f"arn:aws:ec2:eu-central-1:111111111111:volume/vol-{one}" for one in ("1", "2"))
ADDRESS = "arn:aws:ec2:eu-central-1:111111111111:elastic-ip/eipalloc-1"
SPEC = {
    "InstanceId": "i-old",
    "VpcId": "vpc-1",
    "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": "vol-1", "DeleteOnTermination": True}}],
}
AT = datetime(2026, 11, 27, tzinfo=UTC)


def decided(workspace: Workspace, uid: str, strategy: str | None, expires_on: date | None = None) -> None:
    workspace.ledger.decide("acme", [Decision(DecisionKind.STRATEGY, uid, strategy, "not used", "ann", AT, expires_on=expires_on)])


def planned(folder: Path, policy: WavePolicy) -> tuple[Workspace, Plan, dict[str, Any]]:
    """The API called old, which ann retires with its disk; the loose volume is retired by its own."""
    workspace = Workspace.open(estate_in(folder, policy))
    snapshot_id = take_snapshot(
        workspace,
        [
            resource(OLD, spec=SPEC),
            resource(DISK, "AWS::EC2::Volume", spec={"VolumeId": "vol-1", "Attachments": [{"InstanceId": "i-old"}]}, state="in-use"),
            resource(SPARE, "AWS::EC2::Volume", spec={"VolumeId": "vol-2"}, state="available"),
            resource(ADDRESS, "AWS::EC2::EIP"),
            resource(WEB, "AWS::ApiGateway::RestApi"),
        ],
        [(OLD, DISK, "volume")],
        dependencies=[dependency(WEB, OLD)],
        flow_log_coverage=[logged(OLD)],
        plumbing=[{"uid": ADDRESS, "into_uid": OLD, "reason": "Elastic IP address"}],
    )
    decided(workspace, OLD, "retire")
    decided(workspace, SPARE, "retire")
    plan = publish_plan.fn(workspace.estate, workspace.estate.planning, snapshot_id=snapshot_id, run_id="made")
    return workspace, plan, plan.to_document()


def group_of(document: dict[str, Any], uid: str) -> dict[str, Any]:
    return next(one for one in document["groups"] if uid in one["members"])


def test_the_waves_steps_retire_it_when_its_client_is_away(tmp_path: Path) -> None:
    workspace, plan, document = planned(tmp_path, WavePolicy())
    old, web = group_of(document, OLD), group_of(document, WEB)
    assert [one["uid"] for one in document["unplanned"]] == [ADDRESS], "an address is part of the network"
    assert (old["members"], old["needs"]) == ([OLD, DISK], [web["id"]])
    assert {uid: one["wave"] for one in document["groups"] for uid in one["members"]} == dict.fromkeys((OLD, DISK, SPARE, WEB), 1)
    steps = wave_steps(workspace, plan_named(workspace, plan.plan_id), 1)
    acts = [(one.act, one.gate) for one in steps if one.uid == OLD]
    assert acts == [
        ("ec2.check_source", Gate.EXECUTION),
        ("ec2.stop_source", Gate.CUTOVER),
        ("ec2.await_stopped", None),
        ("ec2.create_image", None),
        ("retire.await_last_image", None),
        ("retire.mark", None),
        ("retire.rest_server", None),
        ("ec2.terminate_source", Gate.NO_RETURN),
        ("retire.await_terminated", None),
    ]
    [moved] = [one for one in steps if one.uid == WEB]
    first = next(one for one in steps if one.uid == OLD)
    assert first.needs == (moved.step_id,), "not touched before its client is away"
    assert not [one for one in steps if one.uid == DISK], "goes with its server"
    assert [one.act for one in steps if one.uid == SPARE][-1] == "retire.delete_volume"
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        assert {row["uid"] for row in views.rows("waves") if row["retires"]} == {OLD, DISK, SPARE}
        assert {(row["move_group"], row["peer_kind"], row["peer"]) for row in views.rows("needed_rules")} == {(web["id"], "resource", OLD)}


def test_in_a_later_wave_it_waits_for_that_of_its_client(tmp_path: Path) -> None:
    _, _, document = planned(tmp_path, WavePolicy(separate_layers=True))
    old, web = group_of(document, OLD), group_of(document, WEB)
    assert (web["wave"], old["wave"]) == (1, 2)
    assert unmet_needs(document["groups"], 2, []) == [(old["id"], web["id"], 1)]
    assert unmet_needs(document["groups"], 2, [web["id"]]) == []


@pytest.mark.parametrize(
    ("strategy", "expires_on", "why"),
    [
        pytest.param(None, None, "no decision says so now", id="taken back"),
        pytest.param("rehost", None, "people decided to rehost it since", id="decided otherwise"),
        pytest.param("retire", date(2026, 11, 1), "no decision says so now", id="expired"),
    ],
)
def test_what_nobody_wants_retired_any_more_is_neither_retired_nor_moved(
    tmp_path: Path, strategy: str | None, expires_on: date | None, why: str
) -> None:
    workspace, plan, _ = planned(tmp_path, WavePolicy())
    decided(workspace, OLD, strategy, expires_on)
    with pytest.raises(UsageError, match=rf"{OLD} is retired in the plan, and {why}\. Next: plan anew"):
        wave_steps(workspace, plan_named(workspace, plan.plan_id), 1)


def test_a_volume_that_is_to_stay_is_not_retired_with_its_server(tmp_path: Path) -> None:
    workspace, plan, _ = planned(tmp_path, WavePolicy())
    decided(workspace, DISK, "retain")
    with pytest.raises(UsageError, match=rf"{DISK} is retired in the plan, and people decided to retain it since"):
        wave_steps(workspace, plan_named(workspace, plan.plan_id), 1)
