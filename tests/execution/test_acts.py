"""Every act of the catalogue says what botocore's models say: requests, paths into answers, tokens, dry runs, permissions."""

import functools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import jmespath
import pytest
from botocore import xform_name
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, tags_of

KEY = "cm0123456789abcdef0123456789abcdef01"
RECORD = {"Name": "shop.example.com.", "Type": "A", "TTL": 3600, "ResourceRecords": [{"Value": "10.0.0.1"}]}
REPLICATED = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Destination": {"Bucket": "arn:aws:s3:::shop-images-eu-west-1"}}
# What any act may be given: real steps give each only some of it.
SAMPLE: dict[str, Any] = {
    "marks": {"plan": "plan-1", "wave": 1, "step": "web/01"},
    "tags": {"Name": 'web"; $(reboot) `x`', "aws:autoscaling:groupName": "not ours"},
    "instance_id": "i-0123456789abcdef0",
    "image_id": "ami-0123456789abcdef0",
    "snapshot_id": "snap-0123456789abcdef0",
    "source_region": "eu-central-1",
    "kms_key_id": "alias/target",
    "no_reboot": True,
    "devices": ["/dev/sda1", "/dev/`'\"\\"],
    "with_account": "222222222222",
    "name": "shop.example.com.",
    "type": "A",
    "description": "web",
    "vpc_id": "vpc-0123",
    "subnet_id": "subnet-0123",
    "instance_type": "t3.micro",
    "group_id": "sg-0123",
    "group_ids": ["sg-0123"],
    "permissions": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    "options": {"KeyName": "ops", "IamInstanceProfile": {"Name": "web"}, "PrivateIpAddress": "10.0.0.5"},
    "allocation_id": "eipalloc-0123",
    "key_name": "ops",
    "profile": "web",
    "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef",
    "zone_id": "Z0123",
    "ttl_s": 60,
    "record": RECORD,
    "value": "10.1.0.5",
    "text": "do it",
    "resource_id": "i-0123456789abcdef0",
    "volume_id": "vol-0123456789abcdef0",
    "since": "2026-03-01T08:00:00+00:00",
    "days": 14,
    "private_ips": ["10.0.0.5"],
    "log_groups": ["/vpc/flow"],
    "watched": "flow logs in /vpc/flow",
    "db_instance_id": "orders",
    "arn": "arn:aws:rds:eu-central-1:123456789012:db:orders",
    "bucket": "shop-images",
    "to_bucket": "shop-images-eu-west-1",
    "bucket_arn": "arn:aws:s3:::shop-images",
    "to_region": "eu-west-1",
    "account_id": "123456789012",
    "role": "replicator",
    "role_arn": "arn:aws:iam::123456789012:role/replicator",
    "former": "never kept",
    "replication": {"Role": "arn:aws:iam::123456789012:role/replicator", "Rules": [{"ID": "own", "Priority": 3, **REPLICATED}]},
    "rule": {"ID": "cloudmigrate-x", **REPLICATED},
    "job_id": "0b9c2d1e-0000",
    "public_access": {"BlockPublicAcls": True},
    "ownership": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "encryption": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]},
    "cors": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    "lifecycle": {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}}]},
    "policy": '{"Statement": []}',
    "user_data_of": {"instance_id": "i-0123456789abcdef0", "region": "eu-central-1", "account_id": "123456789012"},
}
SINCE = datetime(2026, 3, 1, 8, tzinfo=UTC)
GIVEN = ("image_id", "group_id", "instance_id", "allocation_id", "public_ip", "association_id", "snapshot_id", "job_id")
OUTPUTS = {name: f"{name}-0123" for name in GIVEN}
OUTPUTS_OF_ALL: dict[str, Any] = {**OUTPUTS, "rule_ids": ["sgr-0123"]}
# Operations that do once what they are asked twice, without a token: by the text of their API reference.
NATURALLY_ONCE = {
    "StopInstances",
    "TerminateInstances",
    "ModifyImageAttribute",
    "ModifySnapshotAttribute",
    "ModifyInstanceAttribute",
    "AssociateAddress",
    "RegisterTargets",
    "ChangeResourceRecordSets",
    "CreateTags",
    "AddTagsToResource",
    "PutBucketCors",
    "PutBucketEncryption",
    "PutBucketLifecycleConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketReplication",
    "PutBucketVersioning",
    "PutPublicAccessBlock",
}
WITHOUT_RETURN = {"ec2.terminate_source", "retire.delete_volume", "retire.delete_database", "s3.delete_source"}
NOT_SEEN_TWICE = {"by_hand.confirm", "by_hand.retain"}  # no call is made
SERVICES = {"ec2", "elasticloadbalancing", "route53", "iam", "rds", "logs", "cloudwatch", "s3"}
# Actions that bear another name than their operation, as the service authorization reference has them.
ACTION = re.compile(r"^[a-z0-9]+:[A-Z][A-Za-z0-9]+$")
ACTS = [pytest.param(act, id=act.name) for act in BY_NAME.values()]


@functools.cache
def operation(service: str, name: str) -> OperationModel:
    session = botocore.session.get_session()
    return session.get_service_model(service).operation_model(name)


def looks(act: Act) -> Iterator[Look]:
    if act.look:
        yield act.look(SAMPLE, KEY)
    if act.reads and (read := act.reads(SAMPLE)):
        yield read
    for awaited in awaits(act):
        yield awaited.look
    if act.rests:
        rest = act.rests(SAMPLE)
        yield from rest.contacts(SINCE, SINCE + rest.lasts)


def awaits(act: Act) -> Iterator[Await]:
    if act.awaits:
        yield act.awaits(SAMPLE)
    for undo in act.undoes(SAMPLE, OUTPUTS_OF_ALL) if act.undoes else ():
        if undo.gone:
            yield undo.gone
        if undo.before:
            yield undo.before


def writes(act: Act) -> Iterator[Call]:
    if act.does:
        yield act.does(SAMPLE, KEY)
    for undo in act.undoes(SAMPLE, OUTPUTS_OF_ALL) if act.undoes else ():
        yield undo.call


def sample_of(shape: Shape | None, depth: int = 0) -> Any:
    """An answer that has every member that the model names, lists with one entry."""
    if isinstance(shape, StructureShape):
        return {name: sample_of(member, depth + 1) for name, member in shape.members.items()} if depth < 12 else {}
    if isinstance(shape, ListShape):
        return [sample_of(shape.member, depth + 1)]
    return None if shape is None else {"integer": 1, "long": 1, "boolean": False}.get(shape.type_name, "x")


@pytest.mark.parametrize("act", ACTS)
def test_requests_are_what_the_service_takes(act: Act) -> None:
    for call in (*writes(act), *(look.call for look in looks(act))):
        model = operation(call.service, call.operation)
        assert ParamValidator().validate(call.params, model.input_shape).generate_report() == "", call.operation
        assert xform_name(call.operation)


@pytest.mark.parametrize("act", ACTS)
def test_paths_lead_into_the_answer(act: Act) -> None:
    found = [(act.does(SAMPLE, KEY), path) for path in act.gives.values()] if act.does else []
    found += [(look.call, path) for look in looks(act) for path in look.finds.values()]
    for call, path in found:
        model = operation(call.service, call.operation)
        named = [one for one in _fields(jmespath.compile(path).parsed) if one != "@"]
        known = _members(model.output_shape)
        assert set(named) <= known, (call.operation, path)
        if "?" not in path:  # a filter's values are in no sample
            assert jmespath.search(path, sample_of(model.output_shape)) is not None, (call.operation, path)


def _fields(node: dict[str, Any]) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _fields(child)


def _members(shape: Shape | None, seen: frozenset[str] = frozenset()) -> set[str]:
    if isinstance(shape, ListShape):
        return _members(shape.member, seen)
    if not isinstance(shape, StructureShape) or shape.name in seen:
        return set()
    found = set(shape.members)
    for member in shape.members.values():
        found |= _members(member, seen | {shape.name})
    return found


@pytest.mark.parametrize("act", ACTS)
def test_what_writes_can_be_found_again_and_undone(act: Act) -> None:
    if act.does is None:
        assert act.undoes is None
        return
    assert act.look is not None, "what a dead process did must be seen"
    assert (act.undoes is None) == (act.name in WITHOUT_RETURN)
    assert act.gives or act.keeps
    seen = set(act.look(SAMPLE, KEY).finds)
    assert seen & (set(act.gives) | set(act.keeps)) or act.name.startswith("dns."), "what is found again serves the undo as what was given"
    used = _Asked(OUTPUTS_OF_ALL)
    for _ in act.undoes(SAMPLE, used) if act.undoes else ():
        pass
    assert used.names <= seen, "the undo must do with what a look finds"
    assert used.names <= set(act.gives) | set(act.keeps)


class _Asked(dict[str, Any]):
    """A mapping that keeps what it was asked for."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)


@pytest.mark.parametrize("act", ACTS)
def test_repeatable_and_dry_run_are_what_the_input_has(act: Act) -> None:
    if act.does is None:
        assert not act.is_repeatable
        assert not act.takes_dry_run
        return
    call = act.does(SAMPLE, KEY)
    model = operation(call.service, call.operation)
    members = set(model.input_shape.members) if model.input_shape else set()
    has_token = KEY in (call.params.get("ClientToken"), call.params.get("ClientRequestToken"))
    assert act.is_repeatable == (has_token or call.operation in NATURALLY_ONCE)
    assert act.takes_dry_run == ("DryRun" in members)


@pytest.mark.parametrize("act", ACTS)
def test_permissions_are_named(act: Act) -> None:
    actions = [one.iam_action for one in writes(act)] + [look.call.iam_action for look in looks(act)] + list(act.further_actions)
    assert all(ACTION.match(one) for one in actions)
    assert all(one.split(":")[0] in SERVICES for one in actions)
    tags = act.does is not None and "TagSpecifications" in act.does(SAMPLE, KEY).params
    assert not tags or "ec2:CreateTags" in act.further_actions


def test_names_of_acts_say_their_service_and_waits_have_a_deadline() -> None:
    for act in BY_NAME.values():
        assert re.match(r"^[a-z0-9_]+\.[a-z_]+$", act.name)
        assert all(timedelta(0) <= one.within <= timedelta(hours=24) for one in awaits(act))


def test_tags_that_ec2_would_refuse_are_left_out_and_ours_never() -> None:
    many = {f"k{number:03}": "v" for number in range(80)} | {
        "AWS:x": "1",
        "cloudmigrate:key": "forged",
        "long" * 40: "1",
        "": "1",
        "z": "w" * 300,
    }
    found = {one["Key"]: one["Value"] for one in tags_of({"tags": many, "marks": {"plan": "p"}}, KEY)}
    assert len(found) == 50
    assert (found["cloudmigrate:key"], found["cloudmigrate:plan"]) == (KEY, "p")
    assert not any(name.lower().startswith("aws:") or len(name) > 128 for name in found)
