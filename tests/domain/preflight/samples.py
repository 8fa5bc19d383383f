"""A wave of one server by hand: its steps, what its snapshot knows, and answers by operation."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.execution_policy import ExecutionPolicy
from cloudmigrate.domain.explaining import duration, explain
from cloudmigrate.domain.preflight.questions import Kind, Question, Unseen, WaveFacts
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Output, Reversal, Step
from cloudmigrate.domain.target_policy import TargetPolicy
from cloudmigrate.domain.wave_policy import WavePolicy

ACCOUNT, OTHER, HERE, THERE = "111111111111", "222222222222", "eu-central-1", "eu-west-1"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HASH = "a" * 64
WEB = f"arn:aws:ec2:{HERE}:{ACCOUNT}:instance/i-1"
ROOT = f"arn:aws:ec2:{HERE}:{ACCOUNT}:volume/vol-1"
DATA = f"arn:aws:ec2:{HERE}:{ACCOUNT}:volume/vol-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops/Migration"
MARKS = {"plan": "plan-1", "wave": 1}
DENIED = Unseen(ACCOUNT, THERE, "ec2:Describe", "AccessDenied: no (AccessDenied)", "grant it")


def resource(uid: str, type_: str, spec: Mapping[str, Any], *, state: str = "running", **told: Any) -> Resource:
    account, region = told.pop("account_id", ACCOUNT), told.pop("region", HERE)
    return Resource(uid, "aws", account, region, type_, uid.rpartition("/")[2], state, told.pop("tags", {}), spec, stateful=False)


def server(**spec: Any) -> Resource:
    """A t3.large with a root volume of 20 GiB and a data volume of 100 GiB."""
    disks = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": "vol-1"}}, {"DeviceName": "/dev/sdb", "Ebs": {"VolumeId": "vol-2"}}]
    usual = {
        "InstanceId": "i-1",
        "InstanceType": "t3.large",
        "ImageId": "ami-0",
        "Architecture": "x86_64",
        "VirtualizationType": "hvm",
        "EnaSupport": True,
        "SecurityGroups": [{"GroupId": "sg-1"}],
        "BlockDeviceMappings": disks,
    }
    return resource(WEB, "AWS::EC2::Instance", usual | spec)


def volumes(**spec: Any) -> list[Resource]:
    root = {"VolumeId": "vol-1", "VolumeType": "gp3", "Size": 20, **spec}
    data = {"VolumeId": "vol-2", "VolumeType": "gp2", "Size": 100, **spec}
    return [resource(ROOT, "AWS::EC2::Volume", root), resource(DATA, "AWS::EC2::Volume", data)]


def step(name: str, act: str, params: Mapping[str, Any], *needs: str, region: str = THERE, account_id: str = ACCOUNT, **more: Any) -> Step:
    marked = {"marks": {**MARKS, "step": name}, **params}
    reversal = more.pop("reversal", Reversal.UNDO)
    return Step(name, act, "web", more.pop("uid", WEB), account_id, region, marked, needs, reversal, more.pop("gate", None))


def steps(*, account_id: str = ACCOUNT, key: str | None = None, launch: Mapping[str, Any] | None = None) -> list[Step]:
    """An image made, copied, and launched behind a cloned group, with an address and a name."""
    copy = {"image_id": Output("image", "image_id"), "source_region": HERE, **({"kms_key_id": key} if key else {})}
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    disks = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeType": "gp3"}}, {"DeviceName": "/dev/sdb", "Ebs": {"VolumeType": "gp3"}}]
    asked = {
        "image_id": Output("copy", "image_id"),
        "instance_type": "t3.large",
        "subnet_id": "subnet-1",
        "group_ids": [Output("group", "group_id"), "sg-9"],
        "options": {"BlockDeviceMappings": disks},
        **(launch or {}),
    }
    there = {"account_id": account_id}
    return [
        step("group", "ec2.create_security_group", {"name": "web", "description": "web", "vpc_id": "vpc-1"}, **there),
        step("rules", "ec2.authorize_ingress", {"group_id": Output("group", "group_id"), "permissions": [rule]}, "group", **there),
        step("address", "ec2.allocate_address", {}, **there),
        step("image", "ec2.create_image", {"instance_id": "i-1", "no_reboot": True}, region=HERE),
        step("copy", "ec2.copy_image", copy, "image", **there),
        step("launch", "ec2.run_instance", asked, "group", "copy", **there),
    ]


def estate(
    *, execution: Mapping[str, Any] | None = None, planning: Mapping[str, Any] | None = None, targets: Mapping[str, Any] | None = None
) -> Estate:
    accounts = [Account(id=ACCOUNT, regions=(HERE, THERE)), Account(id=OTHER, regions=(THERE,), role_arn=f"arn:aws:iam::{OTHER}:role/M")]
    made = Estate(estate="acme", accounts=tuple(accounts))
    more: dict[str, Any] = {"execution": ExecutionPolicy.model_validate(execution or {})}
    more |= {"planning": WavePolicy.model_validate(planning or {}), "targets": TargetPolicy.model_validate(targets or {})}
    return made.model_copy(update=more)


def facts(given: Iterable[Step] | None = None, held: Iterable[Resource] | None = None, **more: Any) -> WaveFacts:
    """The wave's facts; *more*: of the estate, and principals."""
    known = more.pop("known", None)
    principals = more.pop("principals", {ACCOUNT: ROLE})
    explained = explain(list(steps() if given is None else given), plan_hash=HASH, wave=1, known=known)
    resources = {one.uid: one for one in ([server(), *volumes()] if held is None else held)}
    made = more.pop("estate", None) or estate(**more)
    return WaveFacts(made, "plan-1", 1, explained, resources, NOW, duration(explained), principals)


Told = Mapping[str, Any | Callable[[Question], Any]]


def checks(kind: Kind, wave: WaveFacts, told: Told) -> list[Check]:
    """The verdicts over answers by operation; an answer may be a function of its question."""
    answers = {}
    for question in kind.asks(wave):
        said = told[question.operation]
        answers[question] = said(question) if callable(said) else said
    return list(kind.judges(wave, answers))


def by_subject(found: Iterable[Check]) -> dict[str, Check]:
    """subject -> its check, of which there must be one."""
    every = list(found)
    assert len({one.subject for one in every}) == len(every), [one.subject for one in every]
    return {one.subject: one for one in every}


def states(found: Iterable[Check]) -> dict[str, str]:
    return {subject: one.state.value for subject, one in by_subject(found).items()}
