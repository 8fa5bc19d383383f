"""EC2 to another region, on the emulator over HTTP: whatever kills the process, one target and no orphan, or none at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.aws.sessions import AwsSessions, CallPolicy
from cloudmigrate.domain.estate import Account
from cloudmigrate.domain.steps import Output, Reversal, Step
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import GroupEnd, Limits, roll_back, run_wave
from cloudmigrate.simulate.emulator import Emulator
from tests.execution.model import PLAN_HASH, Fates, Killed, ModelJournal, until_alive

SOURCE, TARGET = "eu-central-1", "eu-west-1"
ACCOUNT = "123456789012"
LIMITS = Limits(at_once=1)


@dataclass
class DyingWorld:
    """A world whose process dies before or after a call to AWS, as the fates say."""

    world: AwsWorld
    fates: Fates

    def look(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        return self.world.look(step, params, key)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        self._die(f"act {step.step_id}", "before")
        given = self.world.act(step, params, key)
        self._die(f"act {step.step_id}", "after")
        return given

    def undo(self, step: Step, params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        self._die(f"undo {step.step_id}", "before")
        self.world.undo(step, params, outputs)
        self._die(f"undo {step.step_id}", "after")

    def is_repeatable(self, step: Step) -> bool:
        return self.world.is_repeatable(step)

    def _die(self, call: str, when: str) -> None:
        if self.fates.next(f"{call} {when}", "die") == "die":
            raise Killed


@pytest.fixture
def world(clean_emulator: Emulator) -> AwsWorld:
    account = Account(id=ACCOUNT, regions=(SOURCE, TARGET))
    sessions = AwsSessions([account], correlation_id="test", loopback_only=True, policy=CallPolicy(attempts=1))
    return AwsWorld(sessions, pause_factor=0)


@pytest.fixture
def steps(world: AwsWorld) -> list[Step]:
    """A server, and the steps that take it to another region."""
    source = world.sessions.client(ACCOUNT, "ec2", SOURCE)
    target = world.sessions.client(ACCOUNT, "ec2", TARGET)
    (server,) = source.run_instances(ImageId="ami-0a1b2c3d4e5f60001", InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"]
    subnet = target.describe_subnets()["Subnets"][0]
    marks = {"plan": "plan-1", "wave": 1}
    tags = {"Name": 'web"; $(reboot)', "aws:cloudformation:stack-name": "not ours to set"}
    number = iter(range(1, 20))

    def step(act: str, params: dict[str, Any], *needs: Step, region: str = TARGET, reversal: Reversal = Reversal.UNDO) -> Step:
        name = f"web/{next(number):02}-{act.partition('.')[2]}"
        common = {"marks": marks, "tags": tags, **params}
        return Step(name, act, "web", server["InstanceId"], ACCOUNT, region, common, tuple(one.step_id for one in needs), reversal)

    def of(one: Step, name: str) -> Output:
        return Output(one.step_id, name)

    nothing = Reversal.NOTHING
    instance = {"instance_id": server["InstanceId"]}
    stop = step("ec2.stop_source", instance, region=SOURCE)
    stopped = step("ec2.await_stopped", instance, stop, region=SOURCE, reversal=nothing)
    image = step("ec2.create_image", {**instance, "no_reboot": True}, stopped, region=SOURCE)
    ready = step("ec2.await_image", {"image_id": of(image, "image_id")}, image, region=SOURCE, reversal=nothing)
    copy = step("ec2.copy_image", {"image_id": of(image, "image_id"), "source_region": SOURCE}, image, ready)
    copied = step("ec2.await_image", {"image_id": of(copy, "image_id")}, copy, reversal=nothing)
    group = step("ec2.create_security_group", {"name": "web", "description": "web", "vpc_id": subnet["VpcId"]})
    launch = step(
        "ec2.run_instance",
        {
            "image_id": of(copy, "image_id"),
            "instance_type": "t3.micro",
            "subnet_id": subnet["SubnetId"],
            "group_ids": [of(group, "group_id")],
        },
        copy,
        copied,
        group,
    )
    running = step("ec2.await_running", {"instance_id": of(launch, "instance_id")}, launch, reversal=nothing)
    return [stop, stopped, image, ready, copy, copied, group, launch, running]


def state_of(world: AwsWorld) -> dict[str, Any]:
    """What there is in both regions that could be an orphan, and whether the source runs."""
    found: dict[str, Any] = {}
    for region in (SOURCE, TARGET):
        ec2 = world.sessions.client(ACCOUNT, "ec2", region)
        instances = [one for r in ec2.describe_instances()["Reservations"] for one in r["Instances"]]
        found[region] = {
            "instances": sorted(one["State"]["Name"] for one in instances if one["State"]["Name"] != "terminated"),
            "images": len(ec2.describe_images(Owners=["self"])["Images"]),
            "groups": sorted(one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]),
        }
    return found


BEFORE = {
    SOURCE: {"instances": ["running"], "images": 0, "groups": ["default"]},
    TARGET: {"instances": [], "images": 0, "groups": ["default"]},
}
AFTER = {
    SOURCE: {"instances": ["stopped"], "images": 1, "groups": ["default"]},
    TARGET: {"instances": ["running"], "images": 1, "groups": ["default", "web"]},
}


def carrier(world: AwsWorld, journal: ModelJournal, fates: Fates) -> Carrier:
    return Carrier(PLAN_HASH, 1, DyingWorld(world, fates), journal, Patience(tries=3, looks=2), sleep=lambda _: None)


def test_a_server_moves_with_its_tags_and_goes_back(world: AwsWorld, steps: list[Step]) -> None:
    journal, fates = ModelJournal(), Fates()
    end = run_wave(steps, carrier(world, journal, fates), is_open=lambda _: True, limits=LIMITS)
    assert end.failures == {}
    assert state_of(world) == AFTER
    target = world.sessions.client(ACCOUNT, "ec2", TARGET)
    (launched,) = target.describe_instances()["Reservations"][0]["Instances"]
    tags = {one["Key"]: one["Value"] for one in launched["Tags"]}
    assert tags.pop("cloudmigrate:key").startswith("cm")
    assert tags == {"Name": 'web"; $(reboot)', "cloudmigrate:plan": "plan-1", "cloudmigrate:wave": "1"}
    back = roll_back(steps, carrier(world, journal, fates))
    assert back.groups == {"web": GroupEnd.ROLLED_BACK}
    assert state_of(world) == BEFORE


def test_killed_at_every_point_it_goes_on_and_back(world: AwsWorld, steps: list[Step]) -> None:
    journal, fates = ModelJournal(Fates()), Fates()
    run_wave(steps, carrier(world, journal, fates), is_open=lambda _: True, limits=LIMITS)
    points = len(fates.calls)
    roll_back(steps, carrier(world, journal, fates))
    assert state_of(world) == BEFORE
    for point in range(0, points, 3):  # a sample: the whole matrix runs in its own target
        fates.words = ["ok"] * point + ["die"]
        with pytest.raises(Killed):
            run_wave(steps, carrier(world, journal, fates), is_open=lambda _: True, limits=LIMITS)
        until_alive(lambda: run_wave(steps, carrier(world, journal, fates), is_open=lambda _: True, limits=LIMITS))
        assert state_of(world) == AFTER, point
        until_alive(lambda: roll_back(steps, carrier(world, journal, fates)))
        assert state_of(world) == BEFORE, point
