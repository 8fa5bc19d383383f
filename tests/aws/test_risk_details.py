"""What specs say that bears on risk: what is public, how old, of which version; and what is not known where it was not read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmigrate.aws.catalogue import BY_TYPE, CATALOGUE, RELATION_ROLES
from cloudmigrate.aws.reading import Reading, stating_types
from cloudmigrate.aws.risk_details import BEARS_GROUP, HAS_INTERFACE, OPERATIONS_OVER_5_MIN, PARTS_OF_WHOLES, RiskDetails, risk_details
from cloudmigrate.domain.resources import Coverage, CoverageStatus
from cloudmigrate.domain.risk_factors import BY_NAME

MADE, STARTED = datetime(2020, 1, 2, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
INSTANCE, DB, BUCKET, FUNCTION = "AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::Lambda::Function"
ANYONE: dict[str, Any] = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}
OWNER: dict[str, Any] = {
    "Statement": {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Condition": {"StringEquals": {"AWS:SourceOwner": "111111111111"}}}
}
CLOSED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
TO_ALL = [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}]


def told(type_: str, spec: dict[str, Any], *, is_whole: bool = True) -> RiskDetails:
    return risk_details(type_, spec, created_at=STARTED, is_whole=is_whole)


@pytest.mark.parametrize(
    ("type_", "spec", "expected"),
    [
        pytest.param(INSTANCE, {"InstanceId": "i-1", "PublicIpAddress": "203.0.113.9"}, True, id="instance, public"),
        pytest.param(
            INSTANCE, {"InstanceId": "i-1", "NetworkInterfaces": [{"Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}]}]}, True, id="IPv6"
        ),
        pytest.param(
            INSTANCE, {"InstanceId": "i-1", "NetworkInterfaces": [{"Association": {"PublicIp": "203.0.113.9"}}]}, True, id="2nd interface"
        ),
        pytest.param(INSTANCE, {"InstanceId": "i-1", "NetworkInterfaces": [{}]}, False, id="instance, private"),
        pytest.param(INSTANCE, {}, None, id="instance, not described"),
        pytest.param(DB, {"PubliclyAccessible": True}, True, id="database, public"),
        pytest.param(DB, {"PubliclyAccessible": False}, False, id="database, private"),
        pytest.param(DB, {}, None, id="database, not said"),
        pytest.param("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internet-facing"}, True, id="balancer, facing"),
        pytest.param("AWS::ElasticLoadBalancing::LoadBalancer", {"Scheme": "internal"}, False, id="balancer, internal"),
        pytest.param("AWS::ElasticLoadBalancingV2::LoadBalancer", {}, None, id="balancer, not said"),
        pytest.param(
            "AWS::ECS::Service", {"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED"}}}, True, id="tasks"
        ),
        pytest.param("AWS::ECS::Service", {"serviceName": "web"}, False, id="tasks on their hosts' addresses"),
        pytest.param("AWS::EKS::Cluster", {"resourcesVpcConfig": {"endpointPublicAccess": False}}, False, id="private endpoint"),
        pytest.param("AWS::EKS::Cluster", {"name": "k"}, None, id="cluster, not described"),
        pytest.param(FUNCTION, {"UrlConfig": {"AuthType": "NONE"}}, True, id="function url for all"),
        pytest.param(FUNCTION, {"UrlConfig": {"AuthType": "AWS_IAM"}}, False, id="function url for some"),
        pytest.param("AWS::ApiGateway::RestApi", {"endpointConfiguration": {"types": ["REGIONAL"]}}, True, id="API"),
        pytest.param("AWS::ApiGateway::RestApi", {"endpointConfiguration": {"types": ["PRIVATE"]}}, False, id="private API"),
        pytest.param("AWS::ApiGatewayV2::Api", {"ApiId": "a"}, True, id="HTTP API"),
        pytest.param(BUCKET, {"PublicAccessBlock": CLOSED, "Policy": ANYONE}, False, id="bucket, blocked"),
        pytest.param(BUCKET, {"Policy": ANYONE}, True, id="bucket, by policy"),
        pytest.param(BUCKET, {"PublicAccessBlock": {"RestrictPublicBuckets": True}, "Policy": ANYONE}, False, id="bucket, restricted"),
        pytest.param(BUCKET, {"Grants": TO_ALL}, True, id="bucket, by grant"),
        pytest.param(BUCKET, {"Name": "b"}, False, id="bucket, nothing said"),
        pytest.param("AWS::SQS::Queue", {"Policy": ANYONE}, True, id="queue, for all"),
        pytest.param("AWS::SNS::Topic", {"Policy": OWNER}, False, id="topic, for its owner"),
        pytest.param("AWS::EFS::FileSystem", {}, False, id="file system"),
        pytest.param("AWS::New::Thing", {"x": 1}, None, id="a type not in the table"),
    ],
)
def test_what_is_public(type_: str, spec: dict[str, Any], expected: bool | None) -> None:
    assert told(type_, spec).public_address is expected


@pytest.mark.parametrize(
    ("type_", "spec"),
    [
        (FUNCTION, {"FunctionName": "f"}),
        (BUCKET, {"Name": "b"}),
        (BUCKET, {"PublicAccessBlock": {"BlockPublicAcls": True}}),
        ("AWS::SQS::Queue", {"QueueUrl": "q"}),
        ("AWS::SNS::Topic", {"TopicArn": "t"}),
        ("AWS::ECS::Service", {"serviceArn": "s"}),
    ],
)
def test_where_not_all_was_read_what_is_absent_is_not_known_to_be_none(type_: str, spec: dict[str, Any]) -> None:
    assert told(type_, spec, is_whole=False).public_address is None
    assert told(type_, spec, is_whole=True).public_address is False


def test_every_type_that_exposure_concerns_is_in_the_table() -> None:
    """A type without a row would count at its maximum for ever."""
    concerned = {row.type for row in CATALOGUE if row.moves and BY_NAME["exposure"].concerns(row.type)}
    sample = {"ApiId": "a", "InstanceId": "i", "PubliclyAccessible": False, "Scheme": "internal"}
    sample |= {"endpointConfiguration": {"types": ["EDGE"]}, "resourcesVpcConfig": {"endpointPublicAccess": True}}
    assert [type_ for type_ in concerned if told(type_, sample).public_address is None] == []


def test_what_no_security_group_guards_is_open_where_it_is_public() -> None:
    balancer = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    assert told(balancer, {"Scheme": "internet-facing", "SecurityGroups": ["sg-1"]}).is_guarded
    bare = told(balancer, {"Scheme": "internet-facing"})
    assert (bare.is_guarded, bare.open_ways) == (False, 1)
    assert told(balancer, {"Scheme": "internal"}).open_ways == 0
    assert told(balancer, {}).open_ways is None
    kept = {"endpointPublicAccess": True, "publicAccessCidrs": ["198.51.100.0/24"]}
    assert told("AWS::EKS::Cluster", {"resourcesVpcConfig": kept}).open_ways == 0
    assert told("AWS::EKS::Cluster", {"resourcesVpcConfig": kept | {"publicAccessCidrs": ["0.0.0.0/0"]}}).open_ways == 1


def test_an_instance_is_as_old_as_its_first_interface() -> None:
    """LaunchTime is that of the last start."""
    first = {"Attachment": {"DeviceIndex": 0, "AttachTime": "2020-01-02T00:00:00Z"}}
    second = {"Attachment": {"DeviceIndex": 1, "AttachTime": "2019-01-02T00:00:00Z"}}
    whole = told(INSTANCE, {"NetworkInterfaces": [second, first]})
    assert (whole.created_at, whole.may_be_older) == (MADE, False)
    bare = told(INSTANCE, {"NetworkInterfaces": [second]})
    assert (bare.created_at, bare.may_be_older) == (STARTED, True)


def test_a_function_is_at_least_as_old_as_its_last_change() -> None:
    assert (told(FUNCTION, {}).created_at, told(FUNCTION, {}).may_be_older) == (STARTED, True)
    assert not told(DB, {}).may_be_older


@pytest.mark.parametrize(
    ("type_", "spec", "expected"),
    [
        (DB, {"Engine": "mysql", "EngineVersion": "5.7.44"}, ("mysql", "5.7.44", None)),
        ("AWS::ElastiCache::CacheCluster", {"Engine": "redis", "EngineVersion": "7.1.0"}, ("redis", "7.1.0", None)),
        ("AWS::EKS::Cluster", {"version": "1.33"}, ("kubernetes", "1.33", None)),
        ("AWS::EKS::Cluster", {}, ("kubernetes", None, None)),
        (FUNCTION, {"Runtime": "python3.9"}, (None, None, "python3.9")),
        (FUNCTION, {"PackageType": "Image"}, (None, None, None)),
        (INSTANCE, {"Runtime": "x", "Engine": "y"}, (None, None, None)),
    ],
)
def test_versions(type_: str, spec: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    details = told(type_, spec)
    assert (details.engine, details.engine_version, details.runtime) == expected


def test_an_aurora_instance_holds_no_data_of_its_own() -> None:
    assert told(DB, {"Engine": "aurora-mysql"}).storage_bytes == 0
    assert told(DB, {"Engine": "mysql"}).storage_bytes is None


@pytest.mark.parametrize("type_", sorted(BY_TYPE))
@pytest.mark.parametrize(
    "spec", [{}, {"Policy": "x", "NetworkInterfaces": {"a": 1}, "resourcesVpcConfig": [], "Grants": ["x", None]}], ids=["empty", "odd"]
)
def test_no_shape_of_a_spec_is_an_error(type_: str, spec: dict[str, Any]) -> None:
    assert told(type_, spec, is_whole=False).public_address in (None, False)


def test_the_kinds_of_relations_are_the_catalogues() -> None:
    assert {BEARS_GROUP, HAS_INTERFACE, *PARTS_OF_WHOLES} <= RELATION_ROLES.keys()
    metrics = {metric.name for row in CATALOGUE if row.metric_source for metric in row.metric_source.metrics}
    assert {OPERATIONS_OVER_5_MIN, "VolumeWriteOps", "WriteIOPS", "CPUUtilization", "BucketSizeBytes", "BytesUsedForCache"} <= metrics


def test_who_may_state_a_need() -> None:
    assert "AWS::Lambda::Function" in stating_types()[DB]
    assert "AWS::ElasticLoadBalancingV2::TargetGroup" in stating_types()[INSTANCE]
    assert stating_types()["AWS::ECS::Cluster"] == ("AWS::ECS::Service",)


def test_what_was_read_whole() -> None:
    """A queue's users may be functions, topics and buckets (of which coverage tells once for all regions)."""
    queue, one, region = "AWS::SQS::Queue", "111111111111", "eu-central-1"

    def looked(type_: str, status: CoverageStatus = CoverageStatus.OK) -> Coverage:
        where = "global" if BY_TYPE[type_].is_global else region
        return Coverage(one, where, BY_TYPE[type_].service, type_, status)

    stating = stating_types()[queue]
    assert BUCKET in stating
    whole = Reading([looked(type_) for type_ in (*stating, queue)])
    assert whole.is_whole(one, region, queue)
    assert whole.unread(one, region, queue) is None
    assert whole.unread(one, "us-west-2", queue) is not None, "nothing was looked at there"
    partly = Reading([looked(type_, CoverageStatus.PARTIAL if type_ == FUNCTION else CoverageStatus.EMPTY) for type_ in stating])
    assert partly.unread(one, region, queue) == FUNCTION
    assert not partly.is_whole(one, region, FUNCTION)
