"""Every row of the catalogue against botocore's own model of the services."""

import re
from typing import Any

import pytest

from cloudmigrate.aws import redact
from cloudmigrate.aws.catalogue import BY_TYPE, CATALOGUE, RELATION_ROLES
from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.resource_type import Call, Metric, RelationRule, ResourceType
from tests.aws.model_samples import answer, client, detail, full_item, items, operation_model

ROWS = [pytest.param(row, id=row.type) for row in CATALOGUE]
CALLS = [pytest.param(row, call, id=f"{row.type}-{call.operation}-{call.into}") for row in CATALOGUE for call in row.calls]
RULES = [pytest.param(row, rule, id=f"{row.type}-{rule.kind}-{number}") for row in CATALOGUE for number, rule in enumerate(row.relations)]
METRICS = [
    pytest.param(row, metric, id=f"{row.type}-{metric.name}-{metric.namespace}")
    for row in CATALOGUE
    if row.metric_source
    for metric in row.metric_source.metrics
]
ROLES = {"compute", "data", "integration", "network", "identity", "artifact"}
UNITS = {"percent", "bytes", "count", "seconds", "milliseconds", "bytes_per_second", "count_per_second"}
STATS = {"Average", "Maximum", "Minimum", "Sum", "SampleCount"}
LOOKUPS = {"arn", "id", "name", "dns", "endpoint", "ip", "hash", "image", "member"}
PYTHON_KINDS = {"string": str, "list": list, "boolean": bool, "structure": dict, "integer": int}
# What an item must be like for the conditions inside some expressions to hold.
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "AWS::ElasticLoadBalancingV2::TargetGroup": [{"TargetType": kind} for kind in ("instance", "ip", "lambda", "alb")],
    "AWS::Route53::RecordSet": [{"Type": "A"}, {"Type": "CNAME"}, {"AliasTarget": {"DNSName": "s3-website-eu-west-1.amazonaws.com."}}],
    "AWS::ElasticLoadBalancingV2::LoadBalancer": [{"Type": "application"}],
    "AWS::KMS::Key": [{"KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS"}],
    # The attributes of queues and topics are a map: the model does not name them.
    "AWS::SQS::Queue": [
        {"CreatedTimestamp": "1700000000", "KmsMasterKeyId": "alias/q", "RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:x:1:q"}}
    ],
    "AWS::SNS::Topic": [{"KmsMasterKeyId": "alias/t"}],
    "AWS::S3::Bucket": [{"BucketRegion": None}],
}


def variants(row: ResourceType) -> list[dict[str, Any]]:
    """Full items of the row: as the model gives them, and with each variant."""
    plain = full_item(row)
    return [plain, *({**plain, **changes} for changes in VARIANTS.get(row.type, []))]


def specs(row: ResourceType) -> list[dict[str, Any]]:
    assert row.redact is not None
    return [row.redact(one) for one in variants(row)]


def holds_somewhere(row: ResourceType, expression: str) -> bool:
    return any(evaluate(expression, one) not in (None, False, [], "") for one in specs(row))


def test_types_are_unique_and_complete() -> None:
    """Types are the key of everything, and what an assessment must see is all here."""
    assert len(BY_TYPE) == len(CATALOGUE)
    expected = [
        "EC2::Instance",
        "EC2::Volume",
        "EC2::Snapshot",
        "EC2::Image",
        "EC2::NetworkInterface",
        "EC2::SecurityGroup",
        "EC2::VPC",
        "EC2::Subnet",
        "EC2::RouteTable",
        "EC2::NatGateway",
        "EC2::InternetGateway",
        "EC2::EgressOnlyInternetGateway",
        "EC2::VPCEndpoint",
        "EC2::VPCPeeringConnection",
        "EC2::TransitGateway",
        "EC2::TransitGatewayAttachment",
        "EC2::FlowLog",
        "EC2::NetworkAcl",
        "EC2::PrefixList",
        "EC2::EIP",
        "EC2::LaunchTemplate",
        "EC2::KeyPair",
        "AutoScaling::AutoScalingGroup",
        "RDS::DBInstance",
        "RDS::DBCluster",
        "RDS::DBSubnetGroup",
        "RDS::DBParameterGroup",
        "S3::Bucket",
        "Lambda::Function",
        "Lambda::EventSourceMapping",
        "ECS::Cluster",
        "ECS::Service",
        "ECS::TaskDefinition",
        "ElastiCache::CacheCluster",
        "ElastiCache::ReplicationGroup",
        "ElasticLoadBalancingV2::LoadBalancer",
        "ElasticLoadBalancingV2::TargetGroup",
        "ElasticLoadBalancing::LoadBalancer",
        "ApiGateway::RestApi",
        "ApiGateway::VpcLink",
        "ApiGatewayV2::Api",
        "ApiGatewayV2::VpcLink",
        "DynamoDB::Table",
        "SQS::Queue",
        "SNS::Topic",
        "EFS::FileSystem",
        "EFS::AccessPoint",
        "Route53::HostedZone",
        "Route53::RecordSet",
        "KMS::Key",
        "IAM::Role",
        "IAM::InstanceProfile",
        "SecretsManager::Secret",
        "EKS::Cluster",
        "EKS::Nodegroup",
        "CloudFormation::Stack",
        "ECR::Repository",
        "CertificateManager::Certificate",
    ]
    assert {f"AWS::{name}" for name in expected} <= BY_TYPE.keys()


@pytest.mark.parametrize("row", ROWS)
def test_listing_exists_and_paging_is_marked(row: ResourceType) -> None:
    """A row is single-page exactly when botocore has no paginator; its parameters are the operation's."""
    assert client(row.service).can_paginate(row.operation) is not row.single_page
    check_request(row.service, row.operation, dict(row.params))
    if row.parent:
        assert client(row.service).can_paginate(row.parent.operation) is not row.parent.single_page
        check_request(row.service, row.parent.operation, dict(row.parent.constant))
        [parent, *_] = evaluate(row.parent.path, answer(row.service, row.parent.operation))
        check_request(row.service, row.operation, {member: evaluate(path, parent) for member, path in row.parent.params.items()})


def check_request(service: str, operation: str, request: dict[str, Any]) -> None:
    shape = operation_model(service, operation).input_shape
    for member, value in request.items():
        kind = shape.members[member].type_name
        assert isinstance(value, PYTHON_KINDS[kind]), f"{operation}: {member} is a {kind}"


@pytest.mark.parametrize("row", ROWS)
def test_required_members_are_given(row: ResourceType) -> None:
    """The listing can be made with what the row states."""
    required = set(operation_model(row.service, row.operation).input_shape.required_members)
    given = set(row.params) | set(row.parent.params if row.parent else ())
    assert required <= given


@pytest.mark.parametrize("row", ROWS)
def test_items_bear_what_the_row_reads(row: ResourceType) -> None:
    """Path, id, ARN, name, state, tags and the rest name members of the answers."""
    assert items(row)
    read = [row.id, row.name, row.state, row.created, row.tags, row.own_region, row.private_ips, row.storage, row.aliases]
    read += [row.owner, row.arn[1:] if row.arn.startswith("=") else None]
    read += [name for name in row.dns_names if not name.startswith("{id}")]
    for expression in filter(None, read):
        assert any(evaluate(expression, one) is not None for one in (*variants(row), *specs(row))), expression
    if isinstance(row.stateful, str):
        assert isinstance(evaluate(row.stateful, full_item(row)), bool)
    if row.keep:
        assert any(evaluate(row.keep, one) is True for one in variants(row))
    if not row.arn.startswith("="):
        built = row.arn.format(partition="aws", region="eu-central-1", account="111111111111", id="x")
        assert re.fullmatch(r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+", built)


@pytest.mark.parametrize("row", ROWS)
def test_row_words_are_known(row: ResourceType) -> None:
    """Roles are of the closed list, only what is data is stateful, and a global listing has an ARN without region."""
    assert row.role in ROLES
    assert not row.stateful or row.role == "data"
    assert row.redact is not None
    assert all(state == state.lower() for state in row.gone_states), "states are compared in lower case"
    assert not row.gone_states or row.state
    assert row.moves is (row.role in {"compute", "data", "integration"})
    if row.is_global and not row.arn.startswith("="):
        assert "{region}" not in row.arn


@pytest.mark.parametrize(("row", "call"), CALLS)
def test_call_exists_and_its_parameters_are_in_the_item(row: ResourceType, call: Call) -> None:
    """Request members exist and are of the right kind, required ones are given, and the answer has the path."""
    service = call.service or row.service
    shape = operation_model(service, call.operation).input_shape
    assert set(shape.required_members) <= set(call.params) | set(call.constant)
    check_request(service, call.operation, dict(call.constant))
    item = items(row)[0]
    for earlier in row.calls[: row.calls.index(call)]:
        item = detail(row, earlier, item)
    request = {member: sample_parameter(call, path, item) for member, path in call.params.items()}
    check_request(service, call.operation, request)
    assert detail(row, call, item)
    if call.when:
        assert any(evaluate(call.when, one) not in (None, False, "", []) for one in variants(row)), call.when
    if call.region_path:
        assert evaluate(call.region_path, item)


def sample_parameter(call: Call, path: str, item: dict[str, Any]) -> Any:
    if call.each:
        return evaluate(path, {**item, "Each": evaluate(call.each, item)[0]})
    value = evaluate(path, item)
    return [value] if call.batch > 1 and path == call.batch_on else value


@pytest.mark.parametrize(("row", "call"), [one for one in CALLS if one.values[1].batch > 1])
def test_batched_answers_can_be_joined_back(row: ResourceType, call: Call) -> None:
    """The item bears batch_on, each answer bears batch_key, and some parameter takes the list."""
    assert call.batch_on in call.params.values()
    assert evaluate(str(call.batch_on), items(row)[0])
    [first, *_] = evaluate(call.path, answer(call.service or row.service, call.operation))
    assert first[call.batch_key]


@pytest.mark.parametrize(("row", "call"), [one for one in CALLS if one.values[0].service not in {"ec2", "s3"}])
def test_error_codes_are_the_operations_own(row: ResourceType, call: Call) -> None:
    """Codes that excuse a missing answer are modelled errors of that operation (EC2 and S3 model none)."""
    model = operation_model(call.service or row.service, call.operation)
    known = {shape.name for shape in model.error_shapes} | {shape.error_code for shape in model.error_shapes}
    for code in call.absent_codes:
        assert code in known, f"{code} is not among {sorted(known)}"
    # The model of RDS's ListTagsForResource leaves the errors of most kinds of resources out.
    if call.gone_codes and (row.service, call.operation) != ("rds", "list_tags_for_resource"):
        assert known & set(call.gone_codes), f"none of {call.gone_codes} is among {sorted(known)}"


@pytest.mark.parametrize(("row", "rule"), RULES)
def test_relation_names_members_and_known_types(row: ResourceType, rule: RelationRule) -> None:
    """Every path gives a value on a full spec, and every target is a type of the catalogue."""
    assert rule.by in LOOKUPS
    targets = (rule.target,) if isinstance(rule.target, str) else rule.target
    assert set(targets) <= BY_TYPE.keys()
    assert targets or rule.by == "member"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.kind)
    assert holds_somewhere(row, rule.path), rule.path
    if rule.source:
        assert holds_somewhere(row, rule.source)
    if rule.via:
        assert holds_somewhere(BY_TYPE[rule.via[0]], rule.via[1])


def test_each_relation_kind_has_one_role() -> None:
    """A kind means the same to planning wherever it appears."""
    for row in CATALOGUE:
        for rule in row.relations:
            assert RELATION_ROLES[rule.kind] is rule.role, (row.type, rule.kind)


@pytest.mark.parametrize(("row", "metric"), METRICS)
def test_metric_can_be_asked_for(row: ResourceType, metric: Metric) -> None:
    """Statistics and units are CloudWatch's, dimensions come out of the spec, percentages say whether they fill a capacity."""
    assert row.metric_source is not None
    assert set(metric.stats) <= STATS
    assert metric.unit in UNITS
    assert metric.period_s is None or metric.period_s % 60 == 0
    for path in row.metric_source.dimensions.values():
        assert any(isinstance(evaluate(path, one), str) for one in specs(row)), path
    assert metric.capacity_pct is (metric.unit == "percent")
    if metric.when:
        assert all(isinstance(evaluate(metric.when, one), bool) for one in specs(row))


def test_metrics_of_one_resource_do_not_collide() -> None:
    """No resource would be asked for the same metric and statistic twice."""
    for row in CATALOGUE:
        asked = [
            (metric.name, stat, metric.when) for metric in (row.metric_source.metrics if row.metric_source else ()) for stat in metric.stats
        ]
        assert len(asked) == len(set(asked)), row.type


def test_calls_that_give_secrets_have_a_redaction_of_their_own() -> None:
    """What is marked secret never meets only the general scrubbing."""
    marked = [row for row in CATALOGUE if any(call.secret for call in row.calls)]
    assert len(marked) == 4
    assert all(row.redact is not redact.scrub for row in marked)


def test_no_call_reads_a_secret_value() -> None:
    """Secrets Manager is listed only, functions' code and keys' material are never asked for."""
    operations = {call.operation for row in CATALOGUE for call in row.calls} | {row.operation for row in CATALOGUE}
    forbidden = {"get_secret_value", "batch_get_secret_value", "get_function", "get_password_data", "get_api_keys", "get_parameter"}
    assert not operations & forbidden


@pytest.mark.parametrize(
    ("type_", "shape"),
    [
        ("AWS::CloudFormation::Stack", "StackStatus"),
        ("AWS::DynamoDB::Table", "TableStatus"),
        ("AWS::EC2::NatGateway", "NatGatewayState"),
        ("AWS::EC2::PrefixList", "PrefixListState"),
        ("AWS::EC2::TransitGateway", "TransitGatewayState"),
        ("AWS::EC2::TransitGatewayAttachment", "TransitGatewayAttachmentState"),
        ("AWS::EC2::VPC", "VpcState"),
        ("AWS::EC2::VPCEndpoint", "State"),
        ("AWS::EC2::VPCPeeringConnection", "VpcPeeringConnectionStateReasonCode"),
        ("AWS::EC2::Volume", "VolumeState"),
        ("AWS::EFS::FileSystem", "LifeCycleState"),
        ("AWS::EKS::Cluster", "ClusterStatus"),
        ("AWS::EKS::Nodegroup", "NodegroupStatus"),
        ("AWS::KMS::Key", "KeyState"),
        ("AWS::Lambda::Function", "State"),
    ],
)
def test_what_is_being_deleted_is_gone(type_: str, shape: str) -> None:
    """Every state of botocore's own list that speaks of deletion, unless the deletion failed: then the thing is still there."""
    row = BY_TYPE[type_]
    states = {state.lower() for state in client(row.service).meta.service_model.shape_for(shape).enum}
    going = {state for state in states if re.search(r"delet(e|ing|ion)", state) and not re.search(r"fail|rollback", state)}
    assert going
    assert going <= row.gone_states
