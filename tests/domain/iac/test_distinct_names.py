"""Two sources that would be called alike in the target. Which one keeps the name, and what the other is called, is worked out by hand."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from cloudmigrate.domain.iac.assemble import blueprint
from cloudmigrate.domain.iac.distinct_names import NAMED
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.shapes.catalogue import SHAPE_OF
from cloudmigrate.domain.iac.values import Document, Ref, plain
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac.drawn import ACCOUNT, THERE, drawn, source
from tests.domain.iac.sample_estate import ELSEWHERE, blueprint_of, copies

OTHER = "222222222222"
EAST = "us-east-1"
LONG = "a-load-balancer-named-twice-here"  # 32 characters


def database(region: str, **more: Any) -> Resource:
    uid = f"arn:aws:rds:{region}:{ACCOUNT}:db:orders"
    spec = {"DBInstanceIdentifier": "orders", "Engine": "postgres", "EngineVersion": "16.3", "DBInstanceClass": "db.t4g.micro", **more}
    return source("AWS::RDS::DBInstance", uid, spec, region=region, name="orders")


def queue(region: str, name: str = "orders", **more: Any) -> Resource:
    uid = f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"
    return source("AWS::SQS::Queue", uid, {"QueueArn": uid, **more}, region=region, name=name)


def balancer(region: str, name: str) -> Resource:
    uid = f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:loadbalancer/app/{name}/50dc6c495c0c9188"
    return source(
        "AWS::ElasticLoadBalancingV2::LoadBalancer", uid, {"LoadBalancerName": name, "Type": "application"}, region=region, name=name
    )


def group(vpc: str, number: str) -> Resource:
    uid = f"arn:aws:ec2:eu-central-1:{ACCOUNT}:security-group/sg-0{number}"
    spec = {"GroupId": f"sg-0{number}", "GroupName": "web", "Description": "web", "VpcId": vpc}
    return source("AWS::EC2::SecurityGroup", uid, spec, name="web")


def role(account: str, name: str = "app", **more: Any) -> Resource:
    spec = {"RoleName": name, "Path": "/", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}, **more}
    return source("AWS::IAM::Role", f"arn:aws:iam::{account}:role/{name}", spec, account_id=account, region="global", name=name)


@pytest.mark.parametrize(
    ("first", "later", "policy", "names"),
    [
        pytest.param(database("eu-central-1"), database(EAST), THERE, ("orders", "orders-us-east-1"), id="databases-of-two-regions"),
        pytest.param(
            queue("eu-central-1", "orders.fifo", FifoQueue="true"),
            queue(EAST, "orders.fifo", FifoQueue="true"),
            THERE,
            ("orders.fifo", "orders-us-east-1.fifo"),
            id="a-fifo-queue-keeps-its-end",
        ),
        pytest.param(
            balancer("eu-central-1", LONG),
            balancer(EAST, LONG),
            THERE,
            (LONG, "a-load-balancer-named-us-east-1"),
            id="a-long-name-is-cut-to-32-and-no-two-hyphens-follow-one-another",
        ),
        pytest.param(
            role(ACCOUNT), role(OTHER, "App"), TargetPolicy(account="333333333333"), ("app", f"App-{OTHER}"), id="roles-whatever-their-case"
        ),
        pytest.param(
            group("vpc-0a", "a"),
            group("vpc-0b", "b"),
            TargetPolicy(region="eu-west-1", vpcs={"vpc-0a": "vpc-0c", "vpc-0b": "vpc-0c"}),
            ("web", "web-vpc-0b"),
            id="groups-of-two-networks-in-one",
        ),
        pytest.param(
            group("vpc-0a", "a"),
            group("vpc-0b", "b"),
            TargetPolicy(region="eu-west-1", vpcs={"vpc-0a": "vpc-0c", "vpc-0b": "vpc-0d"}),
            ("web", "web"),
            id="groups-of-two-networks-in-two",
        ),
        pytest.param(database("eu-west-1"), database(EAST), THERE, (None, "orders-us-east-1"), id="what-stays-has-the-name-already"),
    ],
)
def test_the_later_one_gets_a_name_that_says_so(first: Resource, later: Resource, policy: TargetPolicy, names: tuple[str, str]) -> None:
    found = drawn([later, first], policy=policy)
    assert tuple(_name(found.one(one.uid)) for one in (first, later)) == names
    property_ = NAMED[first.type].property
    if names[0] != names[1]:
        assert found.origins(later.uid)[property_][0] == "transformed"
        assert f"{first.uid} is called" in found.origins(later.uid)[property_][1]
    assert found.complaints() == []


def _name(one: TargetResource) -> Any:
    node = one.properties.get(NAMED[one.type].property)
    return None if node is None else plain(node)


def test_a_third_of_the_same_region_says_its_account() -> None:
    third = source("AWS::SQS::Queue", f"arn:aws:sqs:{EAST}:{OTHER}:orders", {"QueueArn": f"arn:aws:sqs:{EAST}:{OTHER}:orders"}, region=EAST)
    third = replace(third, account_id=OTHER)
    found = drawn([queue("eu-central-1"), queue(EAST), third], policy=ELSEWHERE)
    names = [_name(found.one(one)) for one in found.keys("AWS::SQS::Queue")]
    assert names == ["orders", "orders-us-east-1", f"orders-{OTHER}"]


def test_long_names_that_are_alike_once_they_are_cut_end_in_six_digits() -> None:
    two = [f"{LONG[:30]}{number}" for number in (1, 2)]
    found = drawn([balancer(region, name) for region in ("eu-central-1", EAST) for name in two])
    third, fourth = (balancer(EAST, name).uid for name in two)
    assert _name(found.one(third)) == "a-load-balancer-named-us-east-1"
    assert _name(found.one(fourth)) == "a-load-balancer-named-twi-ba42b7"


def test_the_rule_says_who_has_the_name_and_what_was_put_to_it() -> None:
    found = drawn([database("eu-central-1"), database(EAST)])
    assert found.origins(database(EAST).uid)["DBInstanceIdentifier"] == (
        "transformed",
        f"{database('eu-central-1').uid} is called orders there: the name with its region",
    )


@pytest.mark.parametrize("type_", ["AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"])
def test_what_programs_call_by_name_is_left_out(type_: str) -> None:
    first, later = (_called_by_name(type_, region) for region in ("eu-central-1", EAST))
    found = drawn([first, later])
    assert later.uid not in found.links.resources
    assert found.reason(later.uid).startswith(f"{first.uid} is called orders there, and programs call it by that name alone: move it into")


def _called_by_name(type_: str, region: str) -> Resource:
    service = type_.split("::")[1].lower()
    spec: dict[str, Any] = {
        "AWS::Lambda::Function": {"FunctionName": "orders", "Runtime": "python3.12", "Handler": "a.b"},
        "AWS::DynamoDB::Table": {
            "TableName": "orders",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        },
        "AWS::SecretsManager::Secret": {"Name": "orders", "ARN": ""},
    }[type_]
    return source(type_, f"arn:aws:{service}:{region}:{ACCOUNT}:orders", spec, region=region, name="orders")


def test_two_buckets_that_the_estate_file_calls_alike_are_told() -> None:
    first, later = (source("AWS::S3::Bucket", f"arn:aws:s3:::{name}", {"Name": name}, name=name) for name in ("shop-a", "shop-b"))
    policy = TargetPolicy(region="eu-west-1", buckets={"shop-a": "shop-b-eu"}, bucket_suffix="-eu")
    found = drawn([first, later], policy=policy)
    assert found.reason(later.uid) == (
        "arn:aws:s3:::shop-a is called shop-b-eu there, and clients know a bucket by its name: give it another one in targets.buckets "
        "of the estate file"
    )


def test_policies_that_name_it_follow() -> None:
    caches = [_cache(region) for region in ("eu-central-1", EAST)]
    statement = {"Effect": "Allow", "Action": "elasticache:Connect", "Resource": [one.uid for one in caches]}
    user = role(ACCOUNT, RolePolicyList=[{"PolicyName": "connect", "PolicyDocument": {"Statement": [statement]}}])
    found = drawn([*caches, user], policy=ELSEWHERE)
    policies = plain(found.one(user.uid).properties["Policies"])
    assert isinstance(policies, tuple)
    document = policies[0]["PolicyDocument"]  # type: ignore[index, call-overload]
    assert isinstance(document, Document)
    assert document.content["Statement"][0]["Resource"] == (  # type: ignore[index, call-overload]
        "arn:aws:elasticache:eu-west-1:333333333333:replicationgroup:orders",
        "arn:aws:elasticache:eu-west-1:333333333333:replicationgroup:orders-us-east-1",
    )


def _cache(region: str) -> Resource:
    spec = {"ReplicationGroupId": "orders", "Engine": "redis", "CacheNodeType": "cache.t4g.micro", "NodeGroups": [{}], "MemberClusters": []}
    uid = f"arn:aws:elasticache:{region}:{ACCOUNT}:replicationgroup:orders"
    return source("AWS::ElastiCache::ReplicationGroup", uid, spec, region=region, name="orders")


def test_who_refers_to_what_is_made_later_gets_the_name_that_it_will_have() -> None:
    dead = queue(EAST)
    sender = queue("eu-central-1", "mail", RedrivePolicy={"deadLetterTargetArn": dead.uid, "maxReceiveCount": 3})
    made = _in_waves((queue("eu-central-1"), 1), (sender, 1), (dead, 2))
    redrive = plain(made[sender.uid].properties["RedrivePolicy"])
    assert redrive == {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:111111111111:orders-us-east-1", "maxReceiveCount": 3}


def test_who_refers_to_it_in_the_same_wave_refers_to_the_resource() -> None:
    dead = queue(EAST)
    sender = queue("eu-central-1", "mail", RedrivePolicy={"deadLetterTargetArn": dead.uid, "maxReceiveCount": 3})
    made = _in_waves((queue("eu-central-1"), 1), (sender, 1), (dead, 1))
    redrive = plain(made[sender.uid].properties["RedrivePolicy"])
    assert isinstance(redrive, dict)
    assert redrive["deadLetterTargetArn"] == Ref(dead.uid, "Arn")


def test_an_earlier_wave_and_what_was_migrated_keep_their_names() -> None:
    first, later = database("eu-central-1"), database(EAST)
    made = _in_waves((first, 2), (later, 1))
    assert (_name(made[later.uid]), _name(made[first.uid])) == ("orders", "orders-eu-central-1")
    made = _in_waves((first, 1), (later, 2), existing={later.uid: "orders"})
    assert (_name(made[later.uid]), _name(made[first.uid])) == ("orders", "orders-eu-central-1")


def _in_waves(*waves: tuple[Resource, int], existing: dict[str, str] | None = None) -> dict[str, TargetResource]:
    groups = [{"id": f"group-{wave}", "wave": wave, "members": [one.uid for one, of in waves if of == wave]} for wave in (1, 2)]
    plan = {"plan_id": "plan-1", "content_hash": "0" * 64, "groups": groups}
    made = blueprint(plan, [one for one, _ in waves], THERE, Decided(existing=existing or {}))
    return {one.key: one for unit in made.units for one in unit.resources}


def test_no_two_of_one_place_are_called_alike_and_no_name_is_too_long() -> None:
    made = [one for unit in blueprint_of(copies(2), ELSEWHERE).units for one in unit.resources if one.type in NAMED]
    named = [
        (one.type, one.properties.get("VpcId"), one.properties.get("Cluster"), _name(one)) for one in made if isinstance(_name(one), str)
    ]
    assert [repr(one) for one, times in Counter(map(repr, named)).items() if times > 1] == []
    assert [name for type_, *_, name in named if len(name) > NAMED[type_].longest] == []


@pytest.mark.parametrize("type_", sorted(NAMED))
def test_every_named_type_has_that_property(type_: str) -> None:
    assert NAMED[type_].property in SHAPE_OF[type_].members
