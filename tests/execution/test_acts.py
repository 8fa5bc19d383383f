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
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.launches import addresses_asked
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, tags_of, timed
from cloudmigrate.domain.itineraries.building import Builder, Place

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
    "lowered_at": "2026-03-01T08:00:00+00:00",
    "record": RECORD,
    "value": "10.1.0.5",
    "text": "do it",
    "database_id": "orders",
    "database_ids": ["orders"],
    "cluster_id": "orders",
    "facts": "postgres/16.4/100",
    "closed_group_id": "sg-0123",
    "open_group_ids": ["sg-0456", "sg-0789"],
    "arn": "arn:aws:rds:eu-central-1:123456789012:snapshot:orders",
    "source_arn": "arn:aws:rds:eu-central-1:123456789012:db:orders",
    "target_arn": "arn:aws:dms:eu-west-1:123456789012:endpoint:B",
    "option_group": "orders",
    "backup_days": 7,
    "settings": {"DeletionProtection": True, "ManageMasterUserPassword": True},
    "encrypted": True,
    "subnet_group": "databases",
    "engine": "postgres",
    "limit_s": 30,
    "most": 0,
    "subnet_ids": ["subnet-0123", "subnet-0456"],
    "instance_class": "dms.t3.medium",
    "storage_gib": 50,
    "instance_arn": "arn:aws:dms:eu-west-1:123456789012:rep:A",
    "instance_name": "cloudmigrate",
    "endpoint_arn": "arn:aws:dms:eu-west-1:123456789012:endpoint:A",
    "endpoint_type": "source",
    "engine_name": "postgres",
    "ssl_mode": "require",
    "schemas": ["public"],
    "task_arn": "arn:aws:dms:eu-west-1:123456789012:task:A",
    "user_data_of": {"instance_id": "i-0123456789abcdef0", "region": "eu-central-1", "account_id": "123456789012"},
}
# Of functions, container services and their stacks.
SAMPLE |= {
    "function_name": "checkout",
    "expected": "[]",
    "layer": "arn:aws:lambda:eu-central-1:123456789012:layer:tools:1",
    "what": "its package",
    "bucket": "artifacts",
    "bucket_owner": "222222222222",
    "object_key": "cloudmigrate/plan/1/`'\"\\.zip",
    "sha256": "n2hYDK46tCcs/TBJ7Bh/Sb5WmvoFiCUrYogCj+e+oOo=",
    "source": {
        "operation": "GetFunction",
        "params": {"FunctionName": "checkout"},
        "url": "Code.Location",
        "region": "eu-central-1",
        "account_id": "123456789012",
    },
    "uuid": "0f6e1d2c-0000-4000-8000-000000000000",
    "event_source": "arn:aws:sqs:eu-west-1:222222222222:orders",
    "enabled": True,
    "settings": {"BatchSize": 7},
    "image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/web:v1",
    "digest": f"sha256:{'0' * 64}",
    "was_there": "no",
    "read_as": "123456789012",
    "stack": "cloudmigrate-checkout",
    "template": {"Resources": {}},
    "secrets": {"Value0123": 'Environment.Variables."DB`\'_PASSWORD"'},
    "secrets_of": {
        "service": "lambda",
        "operation": "GetFunctionConfiguration",
        "params": {"FunctionName": "checkout"},
        "region": "eu-central-1",
        "account_id": "123456789012",
    },
    "change_set_id": "arn:aws:cloudformation:eu-west-1:222222222222:changeSet/cloudmigrate-0/0",
    "stack_id": "arn:aws:cloudformation:eu-west-1:222222222222:stack/cloudmigrate-checkout/0",
    "cluster": "shop",
    "who": "sns.amazonaws.com for arn:aws:sns:eu-central-1:123456789012:paid",
    "statement_id": "topic",
    "permission": {
        "StatementId": "topic",
        "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com",
        "SourceArn": "arn:aws:sns:eu-west-1:222222222222:paid",
        "SourceAccount": "222222222222",
        "PrincipalOrgID": "o-a1b2c3d4e5f",
        "FunctionUrlAuthType": "AWS_IAM",
        "InvokedViaFunctionUrl": True,
    },
    "config": {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM", "Cors": {"AllowOrigins": ["*"], "MaxAge": 60}},
    "service": "web",
    "task_definition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:3",
    "desired": 3,
}
OUTPUTS = {name: f"{name}-0123" for name in ("image_id", "group_id", "instance_id", "allocation_id", "public_ip", "association_id")}
OUTPUTS["job_id"] = "job_id-0123"
OUTPUTS |= {
    name: SAMPLE[name] for name in ("snapshot_id", "arn", "database_id", "subnet_group", "instance_arn", "endpoint_arn", "task_arn")
}
# Of what is retired, and of buckets.
OTHERS: dict[str, Any] = {
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
}
SAMPLE = {**OTHERS, **SAMPLE}
SINCE = datetime(2026, 3, 1, 8, tzinfo=UTC)
OUTPUTS_OF_ALL: dict[str, Any] = {**OUTPUTS, "rule_ids": ["sgr-0123"]}
OUTPUTS_OF_ALL |= {name: SAMPLE[name] for name in ("stack_id", "change_set_id", "digest", "object_key", "uuid", "service")}
OUTPUTS_OF_ALL |= {name: SAMPLE[name] for name in ("function_name", "statement_id")}
OUTPUTS_OF_ALL |= {"repository": "team/web", "tag": "cloudmigrate-cm01", "version_id": "null"}
# Operations that do once what they are asked twice, without a token: by the text of their API reference.
NATURALLY_ONCE = {
    "StopInstances",
    "TerminateInstances",
    "ModifyImageAttribute",
    "ModifySnapshotAttribute",
    "ModifyInstanceAttribute",
    "AssociateAddress",
    "ModifyNetworkInterfaceAttribute",
    "RegisterTargets",
    "ChangeResourceRecordSets",
    "ModifyDBInstance",
    "ModifyDBCluster",
    "ModifyDBSnapshotAttribute",
    "ModifyDBClusterSnapshotAttribute",
    "RebootDBInstance",  # of what nobody is connected to
    "TestConnection",
    # What is gone is refused, by a code that the act names.
    "DeleteDBInstance",
    "DeleteDBCluster",
    "DeleteReplicationTask",
    "DeleteEndpoint",
    "DeleteReplicationInstance",
    "DeleteReplicationSubnetGroup",
    "DeleteSecurityGroup",
    "PutFunctionEventInvokeConfig",
    "UpdateEventSourceMapping",
    "UpdateService",
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
FREE_NAMES = {"DB`'_PASSWORD"}  # of a customer's own: no model has them
OF_A_POLICY = {"Statement", "Sid", "Effect", "Principal", "Service", "AWS", "Action", "Condition"}  # a text in an answer
NOT_SEEN_TWICE = {"by_hand.confirm", "by_hand.retain"}  # no call is made
SERVICES = {"ec2", "elasticloadbalancing", "route53", "iam", "rds", "dms", "cloudwatch", "kms", "secretsmanager"}
SERVICES |= {"cloudformation", "ecr", "ecs", "lambda", "s3", "logs"}
# Actions that bear another name than their operation, as the service authorization reference has them.
ACTION = re.compile(r"^[a-z0-9]+:[A-Z][A-Za-z0-9]+$")
# Of some acts, parameters that others call by the same names.
OWN: dict[str, dict[str, Any]] = {
    "rds.settle_instance": {"settings": {"DeletionProtection": True, "ManageMasterUserPassword": True}},
    **{name: {"options": {"DBInstanceClass": "db.t3.small"}} for name in ("rds.restore_instance", "rds.create_replica")},
    "lambda.set_invocations": {
        "settings": {
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
            "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:222222222222:dead"}},
        }
    },
    "rds.restore_cluster": {"options": {"Engine": "aurora-postgresql"}},
    "rds.create_member": {"options": {"Engine": "aurora-postgresql", "DBInstanceClass": "db.r6g.large"}},
    "ec2.let_forward": {"interface_id": "eni-0123456789abcdef0"},
    "rds.copy_cluster_snapshot": {"option_group": ""},
    "rds.settle_cluster": {"settings": {"DeletionProtection": True}},
    "dms.create_endpoint": {
        "settings": {"PostgreSQLSettings": {"SecretsManagerSecretId": "arn:secret", "SecretsManagerAccessRoleArn": "arn:role"}}
    },
}
# What needs no undo: it lies behind a gate of no return, changes nothing that lasts, or goes with what another step made.
NOT_UNDONE = re.compile(
    r"^ec2\.(terminate|delete)_|^rds\.(reboot|promote|start|unprotect|delete)|^dms\.(delete_|test_|stop_)|^(lambda|ecs|s3)\.delete_source|^retire\.delete"
)
ACTS = [pytest.param(act, id=act.name) for act in BY_NAME.values()]


@functools.cache
def operation(service: str, name: str) -> OperationModel:
    session = botocore.session.get_session()
    return session.get_service_model(service).operation_model(name)


def sample(act: Act) -> dict[str, Any]:
    family = OTHERS if act.name.startswith(("s3.", "retire.")) else {}
    return {**SAMPLE, **family, **OWN.get(act.name, {})}


def looks(act: Act) -> Iterator[Look]:
    if act.look:
        yield act.look(sample(act), KEY)
    if act.reads and (read := act.reads(sample(act))):
        yield read
    for awaited in awaits(act):
        yield awaited.look
    if act.rests:
        rest = act.rests(SAMPLE)
        yield from rest.contacts(SINCE, SINCE + rest.lasts)


def awaits(act: Act) -> Iterator[Await]:
    if act.awaits:
        yield act.awaits(sample(act))
    for undo in act.undoes(sample(act), OUTPUTS_OF_ALL) if act.undoes else ():
        if undo.gone:
            yield undo.gone
        if undo.before:
            yield undo.before


def writes(act: Act) -> Iterator[Call]:
    if act.does:
        yield act.does(sample(act), KEY)
    for undo in act.undoes(sample(act), OUTPUTS_OF_ALL) if act.undoes else ():
        yield undo.call


def sample_of(shape: Shape | None, depth: int = 0) -> Any:
    """An answer that has every member that the model names, lists with one entry."""
    if isinstance(shape, StructureShape):
        return {name: sample_of(member, depth + 1) for name, member in shape.members.items()} if depth < 12 else {}
    if isinstance(shape, ListShape):
        return [sample_of(shape.member, depth + 1)]
    if isinstance(shape, MapShape):
        return {name: sample_of(shape.value, depth + 1) for name in FREE_NAMES}
    return None if shape is None else {"integer": 1, "long": 1, "boolean": False}.get(shape.type_name, "x")


@pytest.mark.parametrize("act", ACTS)
def test_requests_are_what_the_service_takes(act: Act) -> None:
    for call in (*writes(act), *(look.call for look in looks(act))):
        model = operation(call.service, call.operation)
        assert ParamValidator().validate(timed(call.params, datetime(2026, 1, 1, tzinfo=UTC)), model.input_shape).generate_report() == "", (
            call.operation
        )
        assert xform_name(call.operation)


@pytest.mark.parametrize("act", ACTS)
def test_paths_lead_into_the_answer(act: Act) -> None:
    found = [(act.does(sample(act), KEY), path) for path in act.gives.values()] if act.does else []
    found += [(look.call, path) for look in looks(act) for path in look.finds.values()]
    for call, path in found:
        model = operation(call.service, call.operation)
        named = [one for one in _fields(jmespath.compile(path).parsed) if one != "@"]
        known = _members(model.output_shape)
        assert set(named) - FREE_NAMES - (OF_A_POLICY if "from_json(" in path else set()) <= known, (call.operation, path)
        if "?" not in path and "`null`" not in path:  # the values of a filter or a comparison are in no sample
            assert evaluate(path, sample_of(model.output_shape)) is not None, (call.operation, path)


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
    assert (act.undoes is None) == bool(NOT_UNDONE.search(act.name))
    assert act.gives or act.keeps
    seen = set(act.look(sample(act), KEY).finds)
    assert seen & (set(act.gives) | set(act.keeps)) or act.name.startswith("dns."), "what is found again serves the undo as what was given"
    used = _Asked(OUTPUTS_OF_ALL)
    for _ in act.undoes(sample(act), used) if act.undoes else ():
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
    call = act.does(sample(act), KEY)
    model = operation(call.service, call.operation)
    members = set(model.input_shape.members) if model.input_shape else set()
    has_token = KEY in (call.params.get("ClientToken"), call.params.get("ClientRequestToken"))
    is_once = call.operation in NATURALLY_ONCE and (not call.operation.startswith("Delete") or bool(act.already))
    assert act.is_repeatable == (has_token or is_once)
    assert act.takes_dry_run == ("DryRun" in members)


@pytest.mark.parametrize("act", ACTS)
def test_permissions_are_named(act: Act) -> None:
    actions = [one.iam_action for one in writes(act)] + [look.call.iam_action for look in looks(act)] + list(act.further_actions)
    assert all(ACTION.match(one) for one in actions)
    assert all(one.split(":")[0] in SERVICES for one in actions)
    tags = act.does is not None and "TagSpecifications" in act.does(sample(act), KEY).params
    assert not tags or "ec2:CreateTags" in act.further_actions


@pytest.mark.parametrize("are_kept", [True, False])
def test_a_launch_of_several_interfaces_is_what_the_service_takes(are_kept: bool) -> None:
    act = BY_NAME["ec2.run_instance"]
    assert act.does is not None
    further = {"place": 1, "subnet_id": "subnet-2", "group_ids": ["sg-2"], "description": "inside"}
    further["addresses"] = addresses_asked(["10.0.1.5", "10.0.1.9"], are_kept=are_kept)
    call = act.does({**sample(act), "interfaces": [further], "own_addresses": addresses_asked(["10.0.0.5"], are_kept=are_kept)}, KEY)
    shape = operation(call.service, call.operation).input_shape
    assert ParamValidator().validate(dict(call.params), shape).generate_report() == ""
    assert [one["DeviceIndex"] for one in call.params["NetworkInterfaces"]] == [0, 1]


def test_names_of_acts_say_their_service_and_waits_have_a_deadline() -> None:
    for act in BY_NAME.values():
        assert re.match(r"^[a-z0-9_]+\.[a-z_]+$", act.name)
        assert all(timedelta(0) <= one.within <= timedelta(hours=24) for one in awaits(act))


def test_a_tag_whose_value_was_a_secret_is_not_copied_and_the_first_step_says_so() -> None:
    tags = {"Name": "web", "db-password": "(masked)"}
    assert [one["Key"] for one in tags_of({"tags": tags, "marks": {}}, "k")] == ["Name", "cloudmigrate:key"]
    builder = Builder("g", "arn:web", "web", {}, tags)
    steps = [builder.add("ec2.create_image", {"instance_id": "i-1"}, Place("111111111111", "eu-west-1")) for _ in range(2)]
    assert ["tags db-password hold secrets and are not copied" in one.says for one in steps] == [True, False]


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
