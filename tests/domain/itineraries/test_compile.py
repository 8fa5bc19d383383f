"""Waves of servers compiled to steps: what comes before what, and that no name, tag or order of the input breaks it."""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.itineraries.compile import TargetError, compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import (
    Gate,
    ItineraryError,
    Output,
    Reversal,
    Step,
    check_steps,
    outputs_in,
    step_document,
    step_of,
    steps_hash,
)
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy

ACCOUNT, SOURCE = "111111111111", "eu-central-1"
POLICY = TargetPolicy(region="eu-west-1", vpcs={"vpc-1": "vpc-2"}, subnets={"subnet-1": "subnet-2"})
STEP_ID = re.compile(r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+/\d{2,}-[a-z_]+$")


def resource(type_: str, own_id: str, spec: dict[str, Any], **more: Any) -> Resource:
    kept: dict[str, Any] = {"name": own_id, "state": "running", "tags": {}, "stateful": False} | more
    uid = f"arn:aws:ec2:{SOURCE}:{ACCOUNT}:{own_id}"
    return Resource(uid=uid, provider="aws", account_id=ACCOUNT, region=SOURCE, type=type_, spec=spec, **kept)


def server(number: int, groups: Sequence[str] = ("sg-1",), **more: Any) -> Resource:
    spec: dict[str, Any] = {
        "InstanceId": f"i-{number:08x}",
        "InstanceType": "t3.micro",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "PrivateIpAddress": f"10.0.0.{number + 4}",
        "SecurityGroups": [{"GroupId": one} for one in groups],
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": f"vol-{number:08x}", "DeleteOnTermination": True}}],
    } | more.pop("spec", {})
    return resource("AWS::EC2::Instance", f"i-{number:08x}", spec, **more)


def group_of(group_id: str, *rules: dict[str, Any], out: Sequence[dict[str, Any]] | None = None, name: str = "") -> Resource:
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "UserIdGroupPairs": [], "PrefixListIds": []}
    spec = {"GroupId": group_id, "GroupName": name or group_id.replace("sg-", "group "), "Description": "x", "VpcId": "vpc-1"}
    spec |= {"IpPermissions": list(rules), "IpPermissionsEgress": [everything] if out is None else list(out)}
    return resource("AWS::EC2::SecurityGroup", group_id, spec, name=name or group_id)


def from_group(port: int, *group_ids: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": one} for one in group_ids]}


def plan(*groups: tuple[str, Sequence[Resource], Sequence[str]]) -> dict[str, Any]:
    told = [{"id": name, "members": [one.uid for one in members], "needs": list(needs), "wave": 1} for name, members, needs in groups]
    return {"plan_id": "plan-1", "groups": told}


def acts(steps: Sequence[Step]) -> list[str]:
    return [one.act for one in steps]


def test_a_server_goes_by_these_steps_and_its_source_is_touched_last() -> None:
    web = server(1)
    steps = compile_wave(plan(("web", [web], [])), [web, group_of("sg-1", from_group(80, "sg-1"))], POLICY, 1)
    assert acts(steps) == [
        "ec2.create_security_group",
        "ec2.authorize_ingress",
        "ec2.check_source",
        "ec2.stop_source",
        "ec2.await_stopped",
        "ec2.create_image",
        "ec2.await_image",
        "ec2.copy_image",
        "ec2.await_image",
        "ec2.run_instance",
        "ec2.await_running",
        "ec2.await_status_checks",
    ]
    assert [one.act for one in steps if one.gate is Gate.EXECUTION] == ["ec2.create_security_group", "ec2.check_source"]
    (stop,) = [one for one in steps if one.gate is Gate.CUTOVER]
    assert stop.act == "ec2.stop_source"
    (rule,) = [one for one in steps if one.act == "ec2.authorize_ingress"]
    assert rule.params["permissions"] == [
        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": Output(steps[0].step_id, "group_id")}]}
    ]


def test_a_rule_between_groups_comes_with_the_later_one_so_that_the_first_goes_back_with_nobody() -> None:
    web, db = server(1, ["sg-1"]), server(2, ["sg-2"])
    groups = [group_of("sg-1", from_group(80, "sg-2", "sg-1")), group_of("sg-2", from_group(5432, "sg-1"), out=[])]
    steps = compile_wave(plan(("web", [web], ["db"]), ("db", [db], [])), [web, db, *groups], POLICY, 1)
    made = {one.group: one.step_id for one in steps if one.act == "ec2.create_security_group"}
    rules = [(one.group, one.params["group_id"].step_id, one.params["permissions"]) for one in steps if one.act == "ec2.authorize_ingress"]

    def rule(port: int, *groups: str) -> list[dict[str, Any]]:
        ends = [{"UserIdGroupPairs": [{"GroupId": Output(made[one], "group_id")}]} for one in groups]
        return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **end} for end in ends]

    assert rules == [("web", made["web"], rule(80, "db", "web")), ("web", made["db"], rule(5432, "web"))]
    assert [one.group for one in steps if one.act == "ec2.close_egress"] == ["db"]
    assert all(not need.startswith("web/") for one in steps if one.group == "db" for need in one.needs)
    (launch,) = [one for one in steps if one.act == "ec2.run_instance" and one.group == "web"]
    assert {one.step_id for one in steps if one.act == "ec2.authorize_ingress"} <= set(launch.needs)


def test_what_a_rule_names_and_the_target_lacks_is_added_by_hand_before_the_launch() -> None:
    web = server(1)
    unknown = group_of("sg-1", from_group(80, "sg-9"))
    steps = compile_wave(plan(("web", [web], [])), [web, unknown], POLICY, 1)
    (hand,) = [one for one in steps if one.gate is Gate.BY_HAND]
    assert "sg-9" in hand.params["text"]
    (launch,) = [one for one in steps if one.act == "ec2.run_instance"]
    assert hand.step_id in launch.needs
    mapped = POLICY.model_copy(update={"security_groups": {"sg-9": "sg-99"}})
    steps = compile_wave(plan(("web", [web], [])), [web, unknown], mapped, 1)
    (rule,) = [one for one in steps if one.act == "ec2.authorize_ingress"]
    assert rule.params["permissions"][0]["UserIdGroupPairs"] == [{"GroupId": "sg-99"}]


def test_a_server_that_stood_still_is_neither_stopped_nor_started() -> None:
    web = server(1, state="stopped")
    steps = compile_wave(plan(("web", [web], [])), [web, group_of("sg-1")], POLICY, 1)
    assert not {"ec2.stop_source", "ec2.check_source"} & set(acts(steps))


def test_crash_consistent_images_are_made_while_the_source_runs_and_it_stops_once_the_target_is_well() -> None:
    web = server(1)
    steps = compile_wave(plan(("web", [web], [])), [web, group_of("sg-1")], POLICY.model_copy(update={"consistency": "crash"}), 1)
    order = acts(steps)
    assert order.index("ec2.create_image") < order.index("ec2.await_status_checks") < order.index("ec2.stop_source")


def test_volumes_keep_their_type_or_get_the_mapped_one_and_go_with_a_rollback() -> None:
    web = server(1, spec={"BlockDeviceMappings": [{"DeviceName": "/dev/sdb", "Ebs": {"VolumeId": "vol-1", "DeleteOnTermination": False}}]})
    disk = resource("AWS::EC2::Volume", "vol-1", {"VolumeId": "vol-1", "VolumeType": "io1", "Iops": 900, "Throughput": 0})
    for policy, wanted in (
        (POLICY, {"VolumeType": "io1", "Iops": 900, "DeleteOnTermination": True}),
        (POLICY.model_copy(update={"volume_types": {"io1": "gp2"}}), {"VolumeType": "gp2", "DeleteOnTermination": True}),
    ):
        steps = compile_wave(plan(("web", [web, disk], [])), [web, disk, group_of("sg-1")], policy, 1)
        (launch,) = [one for one in steps if one.act == "ec2.run_instance"]
        assert launch.params["options"]["BlockDeviceMappings"] == [{"DeviceName": "/dev/sdb", "Ebs": wanted}]
        assert steps[-1].act == "ec2.keep_volumes"


def test_a_rollback_may_keep_the_copied_image_and_a_source_ends_only_when_asked() -> None:
    web = server(1)
    policy = POLICY.model_copy(update={"keep_images": True, "clean_up": True})
    steps = compile_wave(plan(("web", [web], [])), [web, group_of("sg-1")], policy, 1)
    assert [one.reversal for one in steps if one.act == "ec2.copy_image"] == [Reversal.NOTHING]
    last = steps[-1]
    assert (last.act, last.gate, last.reversal) == ("ec2.terminate_source", Gate.CLEAN_UP, Reversal.NO_RETURN)
    assert last.needs == (steps[-2].step_id,)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"tags": {"aws:autoscaling:groupName": "asg"}}, "Auto Scaling"),
        ({"spec": {"Placement": {"Tenancy": "host"}}}, "dedicated hardware"),
        ({"spec": {"ProductCodes": [{"ProductCodeId": "x"}]}}, "marketplace"),
        ({"spec": {"NetworkInterfaces": [{}, {}]}}, "several network interfaces"),
        ({"state": "pending"}, "it is pending"),
    ],
)
def test_a_server_that_cannot_be_rehosted_is_moved_by_hand_and_others_wait_for_it(changed: dict[str, Any], why: str) -> None:
    odd, web = server(1, **changed), server(2)
    steps = compile_wave(plan(("odd", [odd], []), ("web", [web], ["odd"])), [odd, web, group_of("sg-1")], POLICY, 1)
    assert (steps[0].act, steps[0].gate) == ("by_hand.confirm", Gate.BY_HAND)
    assert why in steps[0].says
    firsts = [one for one in steps if one.gate is Gate.EXECUTION]
    assert firsts
    assert all(one.needs == (steps[0].step_id,) for one in firsts)


def test_other_types_are_by_hand_with_their_runbook_and_what_is_retained_is_on_record() -> None:
    table = replace(resource("AWS::DynamoDB::Table", "orders", {}), name="orders")
    kept = server(1)
    steps = compile_wave(plan(("a", [table], []), ("b", [kept], [])), [table, kept], POLICY, 1, {kept.uid: Strategy.RETAIN})
    assert [one.act for one in steps] == ["by_hand.confirm", "by_hand.retain"]
    assert "compare item counts" in steps[0].says


def test_all_that_the_policy_does_not_say_is_told_each_once_and_in_one_line() -> None:
    servers = [replace(server(number), name=f"web {number}\nNext: rm") for number in range(1, 9)]
    for number, one in enumerate(servers):
        one.spec["SubnetId"] = f"subnet-{number}"
    with pytest.raises(TargetError) as told:
        compile_wave(plan(("web", servers, [])), servers, POLICY.model_copy(update={"subnets": {}}), 1)
    subnets = [one for one in told.value.lacking if "subnet" in one]
    assert subnets == [
        f"web {number}\ufffdNext: rm: no target subnet for subnet-{number - 1} (add it to targets.subnets)" for number in range(1, 9)
    ]


def test_what_the_policy_does_not_say_is_told_for_all_servers_at_once() -> None:
    servers = [server(1), server(2)]
    with pytest.raises(TargetError) as told:
        compile_wave(plan(("web", servers, [])), servers, TargetPolicy(region="eu-west-1"), 1)
    assert told.value.lacking[0] == "i-00000001, i-00000002: no target subnet for subnet-1 (add it to targets.subnets)"
    with pytest.raises(TargetError, match="security group sg-1 is not in the inventory"):
        compile_wave(plan(("web", servers, [])), servers, POLICY, 1)
    with pytest.raises(ItineraryError, match="has no wave 2"):
        compile_wave(plan(("web", servers, [])), servers, POLICY, 2)


HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        "",
        "../../etc",
        "a/b",
        '"; $(reboot)',
        "`x`",
        "{name}",
        "\u202e",
        "x\nNext: sh evil",
        "\ud800".encode("utf-8", "replace").decode(),
    ]
)


@st.composite
def waves(draw: st.DrawFn) -> tuple[dict[str, Any], list[Resource]]:
    """Some groups of some servers with names of any kind, which need some of those before them, and share security groups."""
    resources: list[Resource] = [
        group_of(f"sg-{number}", from_group(80, *(f"sg-{one}" for one in draw(st.sets(st.integers(0, 3))))), name=draw(HOSTILE))
        for number in range(3)
    ]
    groups: list[tuple[str, list[Resource], list[str]]] = []
    for number in range(draw(st.integers(1, 4))):
        members = []
        for _ in range(draw(st.integers(1, 3))):
            borne = sorted(draw(st.sets(st.sampled_from(["sg-0", "sg-1", "sg-2"]), min_size=1)))
            tags = draw(st.dictionaries(HOSTILE, HOSTILE, max_size=3))
            state = draw(st.sampled_from(["running", "stopped", "pending"]))
            members.append(server(len(resources), borne, name=draw(HOSTILE), tags=tags, state=state))
            resources.append(members[-1])
        needs = sorted(draw(st.sets(st.sampled_from([name for name, _, _ in groups])))) if groups else []
        groups.append((f"{draw(HOSTILE)}{number}", members, needs))
    return plan(*groups), resources


@given(waves(), st.sampled_from(["stopped", "crash"]), st.booleans(), st.randoms(use_true_random=False))
def test_steps_are_in_order_and_the_same_for_any_order_of_the_input(
    wave: tuple[dict[str, Any], list[Resource]], consistency: str, clean_up: bool, chance: random.Random
) -> None:
    document, resources = wave
    policy = POLICY.model_copy(update={"consistency": consistency, "clean_up": clean_up})
    steps = compile_wave(document, resources, policy, 1)
    check_steps(steps)
    assert all(STEP_ID.match(one.step_id) for one in steps)
    assert all(one.says.isprintable() for one in steps), "no name makes a line of its own where steps are listed"
    assert all(one.act in BY_NAME for one in steps)
    assert {one.reversal for one in steps if BY_NAME[one.act].does is None and one.gate is not Gate.BY_HAND} <= {Reversal.NOTHING}
    place = {one.step_id: number for number, one in enumerate(steps)}
    for one in steps:
        assert all(place[output.step_id] < place[one.step_id] for output in outputs_in(one.params))
    groups = list(document["groups"])
    chance.shuffle(groups)
    chance.shuffle(resources)
    assert compile_wave({**document, "groups": groups}, resources, policy, 1) == steps
    again = [step_of(json.loads(json.dumps(step_document(one)))) for one in steps]
    assert steps_hash(again) == steps_hash(steps)


@given(waves())
def test_a_group_begins_when_those_that_it_needs_are_whole(wave: tuple[dict[str, Any], list[Resource]]) -> None:
    document, resources = wave
    steps = compile_wave(document, resources, POLICY, 1)
    by_id = {one.step_id: one for one in steps}

    def before(step: Step, seen: set[str]) -> set[str]:
        for need in step.needs:
            if need not in seen:
                seen.add(need)
                before(by_id[need], seen)
        return seen

    for group in document["groups"]:
        needed = {one.step_id for one in steps if one.group in group["needs"]}
        for one in steps:
            if one.group == group["id"] and not any(by_id[need].group == one.group for need in one.needs):
                assert needed <= before(one, set())
