"""What configuration states, from specs in the shape that AWS answers in (after the catalogue's calls and redactions)."""

import itertools
import random
import time
from typing import Any

import pytest

from cloudmigrate.aws import redact
from cloudmigrate.aws.arns import image_repository, resource_arn
from cloudmigrate.aws.catalogue import BY_TYPE, RELATION_ROLES
from cloudmigrate.aws.relations import relations_of
from cloudmigrate.domain.resources import Relation, RelationRole, Resource

ACCOUNT = "111111111111"
OTHER = "222222222222"
REGION = "eu-central-1"
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
ELB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
RDS = f"arn:aws:rds:{REGION}:{ACCOUNT}"
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}"
SQS = f"arn:aws:sqs:{REGION}:{ACCOUNT}"


def thing(type_: str, uid: str, ips: tuple[str, ...] = (), **spec: Any) -> Resource:
    """A resource of the account and region that its uid names; global where it names none."""
    row = BY_TYPE[type_]
    place = uid.split(":")
    return Resource(
        uid=uid,
        provider="aws",
        account_id=place[4] or ACCOUNT,
        region=place[3] or ("global" if row.is_global and not row.own_region else REGION),
        type=type_,
        name=uid,
        state="active",
        tags={},
        spec=spec,
        stateful=False,
        private_ips=ips,
    )


def ec2(kind: str, type_name: str, id_member: str, own_id: str, *, ips: tuple[str, ...] = (), home: str = EC2, **spec: Any) -> Resource:
    return thing(f"AWS::EC2::{type_name}", f"{home}:{kind}/{own_id}", ips, **{id_member: own_id}, **spec)


def instance(own_id: str, ip: str = "10.0.0.5", **spec: Any) -> Resource:
    return ec2("instance", "Instance", "InstanceId", own_id, ips=(ip,), **{"PrivateIpAddress": ip, **spec})


def edges(*resources: Resource) -> set[tuple[str, str, str]]:
    """Relations as (source, kind, target), with the common beginnings of the uids cut off."""

    def short(uid: str) -> str:
        for prefix in (EC2, ELB, RDS, LAMBDA, SQS):
            uid = uid.removeprefix(f"{prefix}:")
        return uid

    return {(short(one.source_uid), one.kind, short(one.target_uid)) for one in relations_of(resources)}


SUBNET = ec2("subnet", "Subnet", "SubnetId", "subnet-0aaaaaaaaaaaaaaa1", VpcId="vpc-0aaaaaaaaaaaaaaa1")
VPC = ec2("vpc", "VPC", "VpcId", "vpc-0aaaaaaaaaaaaaaa1")
GROUP = ec2("security-group", "SecurityGroup", "GroupId", "sg-0aaaaaaaaaaaaaaa1", VpcId="vpc-0aaaaaaaaaaaaaaa1")
VOLUME = ec2("volume", "Volume", "VolumeId", "vol-0aaaaaaaaaaaaaaa1")
ROLE = thing("AWS::IAM::Role", f"arn:aws:iam::{ACCOUNT}:role/web", RoleName="web", Arn=f"arn:aws:iam::{ACCOUNT}:role/web")
PROFILE = thing(
    "AWS::IAM::InstanceProfile",
    f"arn:aws:iam::{ACCOUNT}:instance-profile/web",
    InstanceProfileName="web",
    Roles=[{"RoleName": "web", "Arn": f"arn:aws:iam::{ACCOUNT}:role/web"}],
)
DATABASE = thing(
    "AWS::RDS::DBInstance",
    f"{RDS}:db:orders",
    DBInstanceIdentifier="orders",
    Endpoint={"Address": "orders.abc123.eu-central-1.rds.amazonaws.com", "Port": 5432},
)
QUEUE = thing(
    "AWS::SQS::Queue",
    f"{SQS}:jobs",
    QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs",
    RedrivePolicy={"deadLetterTargetArn": f"{SQS}:dead", "maxReceiveCount": 3},
)
DEAD = thing("AWS::SQS::Queue", f"{SQS}:dead", QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/dead")
TABLE = thing("AWS::DynamoDB::Table", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts", TableName="carts")
BUCKET = thing("AWS::S3::Bucket", "arn:aws:s3:::media", Name="media", BucketRegion=REGION)
ALB = f"{ELB}:loadbalancer/app/front/50dc6c495c0c9188"
TARGET_GROUP = f"{ELB}:targetgroup/web/73e2d6bc24d8a067"
WEB = instance("i-0aaaaaaaaaaaaaaa1", "10.0.0.5", VpcId="vpc-0aaaaaaaaaaaaaaa1")


def test_instance_names_its_parts_and_settings() -> None:
    """Volumes and interfaces are parts; subnet, groups, profile and the profile's role are settings; the public image is dropped."""
    server = instance(
        "i-0aaaaaaaaaaaaaaa2",
        VpcId="vpc-0aaaaaaaaaaaaaaa1",
        SubnetId="subnet-0aaaaaaaaaaaaaaa1",
        ImageId="ami-0abcdef1234567890",
        KeyName="ops",
        SecurityGroups=[{"GroupId": "sg-0aaaaaaaaaaaaaaa1", "GroupName": "web"}],
        IamInstanceProfile={"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/web", "Id": "AIPA"},
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-0aaaaaaaaaaaaaaa1", "Status": "attached"}}],
        NetworkInterfaces=[{"NetworkInterfaceId": "eni-0aaaaaaaaaaaaaaa1"}],
    )
    key = thing("AWS::EC2::KeyPair", f"{EC2}:key-pair/ops", KeyName="ops", KeyPairId="key-1")
    found = {
        (kind, target) for source, kind, target in edges(server, SUBNET, VPC, GROUP, VOLUME, ROLE, PROFILE, key) if "instance/" in source
    }
    assert found == {
        ("vpc", "vpc/vpc-0aaaaaaaaaaaaaaa1"),
        ("subnet", "subnet/subnet-0aaaaaaaaaaaaaaa1"),
        ("security-group", "security-group/sg-0aaaaaaaaaaaaaaa1"),
        ("volume", "volume/vol-0aaaaaaaaaaaaaaa1"),
        ("network-interface", "network-interface/eni-0aaaaaaaaaaaaaaa1"),  # not discovered: the id makes the ARN
        ("instance-profile", f"arn:aws:iam::{ACCOUNT}:instance-profile/web"),
        ("role", f"arn:aws:iam::{ACCOUNT}:role/web"),
        ("key-pair", "key-pair/ops"),
    }


def test_roles_of_the_kinds_that_planning_turns_on() -> None:
    """Parts move as one, needs order the waves, settings do neither."""
    parts = {"volume", "network-interface", "db-cluster", "replication-group", "group-member", "mapping-of"}
    needs = {"listener-target", "target", "environment", "user-data", "task-definition", "cluster", "event-source", "integration"}
    needs |= {"notification", "subscription", "dead-letter", "dns-target", "replica-source", "vpc-link", "vpc-link-target", "file-system"}
    settings = {"vpc", "subnet", "security-group", "role", "kms-key", "registered-in", "db-subnet-group", "stack-member", "certificate"}
    for kinds, role in ((parts, RelationRole.PART), (needs, RelationRole.NEEDS), (settings, RelationRole.SETTING)):
        assert {kind for kind in kinds if RELATION_ROLES[kind] is not role} == set()


def load_balancer(**spec: Any) -> Resource:
    return thing(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        ALB,
        LoadBalancerArn=ALB,
        LoadBalancerName="front",
        DNSName="front-1.eu-central-1.elb.amazonaws.com",
        **spec,
    )


def target_group(kind: str, *ids: str, **spec: Any) -> Resource:
    return thing(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        TARGET_GROUP,
        TargetGroupArn=TARGET_GROUP,
        TargetGroupName="web",
        TargetType=kind,
        Targets=[{"Target": {"Id": one, "Port": 80}, "State": "healthy"} for one in ids],
        **spec,
    )


@pytest.mark.parametrize(
    "listeners",
    [
        pytest.param({"Listeners": [{"DefaultActions": [{"Type": "forward", "TargetGroupArn": TARGET_GROUP}]}]}, id="default-action"),
        pytest.param(
            {
                "Listeners": [
                    {"DefaultActions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": TARGET_GROUP}]}}]}
                ]
            },
            id="weighted",
        ),
        pytest.param(
            {"ListenerRules": [{"Key": "l", "Value": [{"Actions": [{"Type": "forward", "TargetGroupArn": TARGET_GROUP}]}]}]}, id="rule"
        ),
        pytest.param({}, id="listeners-denied-but-the-group-tells"),
    ],
)
def test_load_balancer_needs_its_target_group(listeners: dict[str, Any]) -> None:
    """Through the default action, a weighted one, a rule, or what the target group itself says."""
    found = edges(load_balancer(**listeners), target_group("instance", LoadBalancerArns=[ALB]))
    assert found == {("loadbalancer/app/front/50dc6c495c0c9188", "listener-target", "targetgroup/web/73e2d6bc24d8a067")}


INTERFACE = ec2(
    "network-interface", "NetworkInterface", "NetworkInterfaceId", "eni-0aaaaaaaaaaaaaaa9", ips=("10.0.0.9",), VpcId="vpc-0aaaaaaaaaaaaaaa1"
)


@pytest.mark.parametrize(
    ("group", "targets"),
    [
        pytest.param(target_group("instance", "i-0aaaaaaaaaaaaaaa1"), {"instance/i-0aaaaaaaaaaaaaaa1"}, id="instance"),
        pytest.param(
            target_group("ip", "10.0.0.5", VpcId="vpc-0aaaaaaaaaaaaaaa1"), {"instance/i-0aaaaaaaaaaaaaaa1"}, id="ip-of-an-instance"
        ),
        pytest.param(
            target_group("ip", "10.0.0.9", VpcId="vpc-0aaaaaaaaaaaaaaa1"), {"network-interface/eni-0aaaaaaaaaaaaaaa9"}, id="ip-of-a-task"
        ),
        pytest.param(target_group("ip", "10.0.0.5", VpcId="vpc-0bbbbbbbbbbbbbbb2"), set(), id="same-ip-in-another-vpc"),
        pytest.param(target_group("ip", "192.168.7.7", VpcId="vpc-0aaaaaaaaaaaaaaa1"), set(), id="ip-on-premises"),
        pytest.param(target_group("lambda", f"{LAMBDA}:function:api:live"), {"function:api"}, id="lambda-alias"),
        pytest.param(target_group("alb", ALB), {"loadbalancer/app/front/50dc6c495c0c9188"}, id="alb"),
    ],
)
def test_target_group_needs_its_targets(group: Resource, targets: set[str]) -> None:
    """An instance by id, an address within its VPC, a function without its alias, an ALB behind an NLB."""
    function = thing("AWS::Lambda::Function", f"{LAMBDA}:function:api", FunctionName="api")
    assert {target for _, kind, target in edges(group, WEB, INTERFACE, function, load_balancer()) if kind == "target"} == targets


def test_auto_scaling_group_holds_instances_and_serves_its_target_group() -> None:
    """Members are parts; the target group needs the group and the group is registered in it, without a cycle of needs."""
    group = thing(
        "AWS::AutoScaling::AutoScalingGroup",
        f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:1:autoScalingGroupName/web",
        AutoScalingGroupName="web",
        Instances=[{"InstanceId": "i-0aaaaaaaaaaaaaaa1"}],
        LaunchTemplate={"LaunchTemplateId": "lt-0aaaaaaaaaaaaaaa1"},
        TargetGroupARNs=[TARGET_GROUP],
        VPCZoneIdentifier="subnet-0aaaaaaaaaaaaaaa1, subnet-0aaaaaaaaaaaaaaa2",
    )
    name = group.uid
    assert edges(group, WEB, VPC) - {("instance/i-0aaaaaaaaaaaaaaa1", "vpc", "vpc/vpc-0aaaaaaaaaaaaaaa1")} == {
        (name, "group-member", "instance/i-0aaaaaaaaaaaaaaa1"),
        (name, "launch-template", "launch-template/lt-0aaaaaaaaaaaaaaa1"),
        (name, "registered-in", "targetgroup/web/73e2d6bc24d8a067"),
        ("targetgroup/web/73e2d6bc24d8a067", "target", name),
        (name, "subnet", "subnet/subnet-0aaaaaaaaaaaaaaa1"),
        (name, "subnet", "subnet/subnet-0aaaaaaaaaaaaaaa2"),
    }


def test_classic_load_balancer_needs_its_instances() -> None:
    """By id, in its own account and region."""
    balancer = thing(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        f"{ELB}:loadbalancer/old",
        LoadBalancerName="old",
        Instances=[{"InstanceId": "i-0aaaaaaaaaaaaaaa1"}],
    )
    assert ("loadbalancer/old", "target", "instance/i-0aaaaaaaaaaaaaaa1") in edges(balancer, WEB)


def test_ecs_service_needs_task_definition_cluster_and_what_its_containers_mention() -> None:
    """The task definition in use tells images, roles, secrets and endpoints even when only a newer revision was listed."""
    ecs = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
    task = redact.task_definition(
        {
            "taskDefinitionArn": f"{ecs}:task-definition/web:6",
            "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/web",
            "containerDefinitions": [
                {
                    "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/team/web:1.2@sha256:ab",
                    "environment": [{"name": "DB_HOST", "value": "orders.abc123.eu-central-1.rds.amazonaws.com"}],
                    "secrets": [{"name": "K", "valueFrom": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app-AbCdEf:key::"}],
                }
            ],
        }
    )
    service = thing(
        "AWS::ECS::Service",
        f"{ecs}:service/main/web",
        serviceArn=f"{ecs}:service/main/web",
        clusterArn=f"{ecs}:cluster/main",
        taskDefinition=f"{ecs}:task-definition/web:6",
        taskDefinitionInUse=task,
        loadBalancers=[{"targetGroupArn": TARGET_GROUP, "containerName": "web", "containerPort": 80}],
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0aaaaaaaaaaaaaaa1"], "securityGroups": ["sg-0aaaaaaaaaaaaaaa1"]}},
    )
    found = {(kind, target) for source, kind, target in edges(service, DATABASE, ROLE) if source == service.uid}
    assert found == {
        ("cluster", f"{ecs}:cluster/main"),
        ("task-definition", f"{ecs}:task-definition/web:6"),
        ("registered-in", "targetgroup/web/73e2d6bc24d8a067"),
        ("subnet", "subnet/subnet-0aaaaaaaaaaaaaaa1"),
        ("security-group", "security-group/sg-0aaaaaaaaaaaaaaa1"),
        ("role", f"arn:aws:iam::{ACCOUNT}:role/web"),
        ("container-image", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/web"),
        ("secret", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app-AbCdEf"),
        ("environment", "db:orders"),
    }
    assert ("targetgroup/web/73e2d6bc24d8a067", "target", service.uid) in edges(service)


@pytest.mark.parametrize(
    ("name", "value", "targets"),
    [
        pytest.param("DB_HOST", "orders.abc123.eu-central-1.rds.amazonaws.com", {"db:orders"}, id="host"),
        pytest.param("DSN", "postgres://u:pw@orders.abc123.eu-central-1.rds.amazonaws.com:5432/x", {"db:orders"}, id="dsn"),
        pytest.param("Q", f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs", {"jobs"}, id="queue-url"),
        pytest.param("Q", f"http://127.0.0.1:5000/{ACCOUNT}/jobs", {"jobs"}, id="queue-url-of-an-emulator"),
        pytest.param("Q", f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/nothing", set(), id="unknown-queue"),
        pytest.param("TABLE_ARN", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts/index/by-user", {TABLE.uid}, id="index-arn"),
        pytest.param("TABLE_NAME", "carts", {TABLE.uid}, id="bare-table-name"),
        pytest.param("GREETING", "carts", set(), id="same-word-under-another-name"),
        pytest.param("MEDIA_BUCKET", "media", {BUCKET.uid}, id="bare-bucket-name"),
        pytest.param("SOURCE", "s3://media/raw/", {BUCKET.uid}, id="s3-url"),
        pytest.param("URL", "https://media.s3.eu-central-1.amazonaws.com/k", {BUCKET.uid}, id="bucket-host"),
        pytest.param("URL", "https://media.s3.amazonaws.com/k", {BUCKET.uid}, id="bucket-host-without-region"),
        pytest.param("API", "http://10.0.0.5:8080/x", {"instance/i-0aaaaaaaaaaaaaaa1"}, id="address"),
        pytest.param("API", "https://payments.example.com/v1", set(), id="somebody-elses-host"),
        pytest.param(
            "STATE_MACHINE",
            f"arn:aws:states:{REGION}:{OTHER}:stateMachine:x",
            {f"arn:aws:states:{REGION}:{OTHER}:stateMachine:x"},
            id="arn-not-in-the-inventory-stays",
        ),
    ],
)
def test_function_needs_what_its_environment_mentions(name: str, value: str, targets: set[str]) -> None:
    """By host, url, ARN or exact name; what leads nowhere is no relation, unless a full ARN names it."""
    spec = redact.function({"FunctionName": "api", "Environment": {"Variables": {name: value}}})
    function = thing("AWS::Lambda::Function", f"{LAMBDA}:function:api", **spec)
    found = edges(function, DATABASE, QUEUE, DEAD, TABLE, BUCKET, WEB)
    assert {target for _, kind, target in found if kind == "environment"} == targets


def test_names_are_looked_up_in_the_same_account_and_region_only() -> None:
    """The same table name elsewhere is another table."""
    spec = redact.function({"FunctionName": "api", "Environment": {"Variables": {"TABLE": "carts"}}})
    function = thing("AWS::Lambda::Function", f"{LAMBDA}:function:api", **spec)
    elsewhere = thing("AWS::DynamoDB::Table", f"arn:aws:dynamodb:{REGION}:{OTHER}:table/carts", TableName="carts")
    abroad = thing("AWS::DynamoDB::Table", f"arn:aws:dynamodb:us-west-2:{ACCOUNT}:table/carts", TableName="carts")
    assert edges(function, elsewhere, abroad) == set()


def test_function_and_mapping_name_source_role_network_and_dead_letters() -> None:
    """The mapping belongs to its function; the function needs the source; a stream's ARN leads to its table."""
    function = thing(
        "AWS::Lambda::Function",
        f"{LAMBDA}:function:api",
        FunctionName="api",
        Role=f"arn:aws:iam::{ACCOUNT}:role/web",
        VpcConfig={
            "VpcId": "vpc-0aaaaaaaaaaaaaaa1",
            "SubnetIds": ["subnet-0aaaaaaaaaaaaaaa1"],
            "SecurityGroupIds": ["sg-0aaaaaaaaaaaaaaa1"],
        },
        DeadLetterConfig={"TargetArn": f"{SQS}:dead"},
        Layers=[{"Arn": f"{LAMBDA}:layer:deps:3"}],
    )
    mapping = thing(
        "AWS::Lambda::EventSourceMapping",
        f"{LAMBDA}:event-source-mapping:u-1",
        UUID="u-1",
        FunctionArn=f"{LAMBDA}:function:api:live",
        EventSourceArn=f"{TABLE.uid}/stream/2026-01-01T00:00:00.000",
    )
    assert edges(function, mapping, TABLE) == {
        ("function:api", "role", f"arn:aws:iam::{ACCOUNT}:role/web"),
        ("function:api", "vpc", "vpc/vpc-0aaaaaaaaaaaaaaa1"),
        ("function:api", "subnet", "subnet/subnet-0aaaaaaaaaaaaaaa1"),
        ("function:api", "security-group", "security-group/sg-0aaaaaaaaaaaaaaa1"),
        ("function:api", "dead-letter", "dead"),
        ("function:api", "layer", "layer:deps:3"),
        ("function:api", "event-source", TABLE.uid),
        ("event-source-mapping:u-1", "mapping-of", "function:api"),
        ("event-source-mapping:u-1", "event-source", TABLE.uid),
    }


def test_database_names_group_network_key_cluster_and_source() -> None:
    """A replica's source is an id in the same region and an ARN from another; AWS's own key is dropped, a foreign one stays."""
    source = "arn:aws:rds:us-west-2:111111111111:db:primary"
    replica = thing(
        "AWS::RDS::DBInstance",
        f"{RDS}:db:replica",
        DBInstanceIdentifier="replica",
        Engine="postgres",
        DBSubnetGroup={"DBSubnetGroupName": "data", "Subnets": [{"SubnetIdentifier": "subnet-0aaaaaaaaaaaaaaa1"}]},
        VpcSecurityGroups=[{"VpcSecurityGroupId": "sg-0aaaaaaaaaaaaaaa1", "Status": "active"}],
        DBParameterGroups=[{"DBParameterGroupName": "tuned"}],
        KmsKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/aws-managed",
        ReadReplicaSourceDBInstanceIdentifier=source,
    )
    near = thing("AWS::RDS::DBInstance", f"{RDS}:db:near", DBInstanceIdentifier="near", ReadReplicaSourceDBInstanceIdentifier="replica")
    foreign = thing("AWS::RDS::DBInstance", f"{RDS}:db:f", DBInstanceIdentifier="f", KmsKeyId=f"arn:aws:kms:{REGION}:{OTHER}:key/k")
    group = thing("AWS::RDS::DBSubnetGroup", f"{RDS}:subgrp:data", DBSubnetGroupName="data")
    tuned = thing("AWS::RDS::DBParameterGroup", f"{RDS}:pg:tuned", DBParameterGroupName="tuned")
    assert edges(replica, near, foreign, group, tuned) == {
        ("db:replica", "db-subnet-group", "subgrp:data"),
        ("db:replica", "subnet", "subnet/subnet-0aaaaaaaaaaaaaaa1"),
        ("db:replica", "security-group", "security-group/sg-0aaaaaaaaaaaaaaa1"),
        ("db:replica", "db-parameter-group", "pg:tuned"),
        ("db:replica", "replica-source", source),
        ("db:near", "replica-source", "db:replica"),
        ("db:f", "kms-key", f"arn:aws:kms:{REGION}:{OTHER}:key/k"),
    }


@pytest.mark.parametrize(
    "reference", ["arn:aws:kms:eu-central-1:111111111111:key/k-1", "k-1", "alias/app", "arn:aws:kms:eu-central-1:111111111111:alias/app"]
)
def test_key_is_found_by_arn_id_and_alias(reference: str) -> None:
    """Services write a key down in any of four ways."""
    key = thing("AWS::KMS::Key", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k-1", KeyId="k-1", Aliases=[{"AliasName": "alias/app"}])
    queue = thing("AWS::SQS::Queue", f"{SQS}:jobs", QueueUrl="https://x/jobs", KmsMasterKeyId=reference)
    assert edges(queue, key) == {("jobs", "kms-key", key.uid)}


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        pytest.param(
            f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{LAMBDA}:function:api/invocations", "function:api", id="lambda"
        ),
        pytest.param(f"arn:aws:apigateway:{REGION}:sqs:path/{ACCOUNT}/jobs", "jobs", id="queue"),
        pytest.param("http://front-1.eu-central-1.elb.amazonaws.com/{proxy}", "loadbalancer/app/front/50dc6c495c0c9188", id="http"),
        pytest.param("https://partner.example.com/api", None, id="somebody-elses-host"),
        pytest.param(f"arn:aws:apigateway:{REGION}:dynamodb:action/PutItem", None, id="action-names-no-resource"),
    ],
)
def test_rest_api_needs_its_integrations(uri: str, target: str | None) -> None:
    """Lambda proxies, queue paths and http backends of any method."""
    api = thing(
        "AWS::ApiGateway::RestApi",
        f"arn:aws:apigateway:{REGION}::/restapis/a1",
        id="a1",
        Resources=[{"path": "/"}, {"path": "/x", "resourceMethods": {"ANY": {"methodIntegration": {"type": "AWS_PROXY", "uri": uri}}}}],
    )
    function = thing("AWS::Lambda::Function", f"{LAMBDA}:function:api", FunctionName="api")
    expected = {(api.uid, "integration", target)} if target else set()
    assert {one for one in edges(api, function, QUEUE, load_balancer()) if one[1] == "integration"} == expected


def test_apis_reach_load_balancers_through_vpc_links() -> None:
    """REST: link to NLB by ARN. HTTP: the integration names a listener, which belongs to its load balancer."""
    link = thing("AWS::ApiGateway::VpcLink", f"arn:aws:apigateway:{REGION}::/vpclinks/l1", id="l1", targetArns=[ALB])
    method = {"methodIntegration": {"type": "HTTP_PROXY", "connectionType": "VPC_LINK", "connectionId": "l1", "uri": "http://x"}}
    rest = thing(
        "AWS::ApiGateway::RestApi", f"arn:aws:apigateway:{REGION}::/restapis/a1", id="a1", Resources=[{"resourceMethods": {"GET": method}}]
    )
    v2 = thing("AWS::ApiGatewayV2::VpcLink", f"arn:aws:apigateway:{REGION}::/vpclinks/l2", VpcLinkId="l2", SubnetIds=[])
    http = thing(
        "AWS::ApiGatewayV2::Api",
        f"arn:aws:apigateway:{REGION}::/apis/h1",
        ApiId="h1",
        Integrations=[
            {"IntegrationUri": f"{ELB}:listener/app/front/50dc6c495c0c9188/f2f7dc8efc522ab2", "ConnectionId": "l2"},
            {"IntegrationUri": f"{LAMBDA}:function:api"},
        ],
    )
    front = "loadbalancer/app/front/50dc6c495c0c9188"
    assert edges(link, rest, v2, http, load_balancer()) == {
        (link.uid, "vpc-link-target", front),
        (rest.uid, "vpc-link", link.uid),
        (http.uid, "integration", front),
        (http.uid, "integration", "function:api"),
        (http.uid, "vpc-link", v2.uid),
    }


ZONE = thing("AWS::Route53::HostedZone", "arn:aws:route53:::hostedzone/Z1", Id="/hostedzone/Z1", Name="example.com.")


def record(name: str, kind: str, **spec: Any) -> Resource:
    uid = f"arn:aws:route53:::hostedzone/Z1/{name}/{kind}"
    return thing("AWS::Route53::RecordSet", uid, Name=name, Type=kind, Parent={"Id": "/hostedzone/Z1", "Name": "example.com."}, **spec)


@pytest.mark.parametrize(
    ("one", "target"),
    [
        pytest.param(
            record("www.example.com.", "A", AliasTarget={"DNSName": "dualstack.front-1.eu-central-1.elb.amazonaws.com."}),
            "loadbalancer/app/front/50dc6c495c0c9188",
            id="alias-to-load-balancer",
        ),
        pytest.param(
            record("db.example.com.", "CNAME", ResourceRecords=[{"Value": "orders.abc123.eu-central-1.rds.amazonaws.com"}]),
            "db:orders",
            id="cname-to-database",
        ),
        pytest.param(record("a.example.com.", "A", ResourceRecords=[{"Value": "10.0.0.5"}]), "instance/i-0aaaaaaaaaaaaaaa1", id="private"),
        pytest.param(record("b.example.com.", "A", ResourceRecords=[{"Value": "203.0.113.9"}]), "elastic-ip/eipalloc-1", id="public"),
        pytest.param(
            record("media", "A", AliasTarget={"DNSName": "s3-website.eu-central-1.amazonaws.com."}), BUCKET.uid, id="s3-website-by-name"
        ),
        pytest.param(record("m.example.com.", "MX", ResourceRecords=[{"Value": "10 mail.example.com"}]), None, id="mail"),
        pytest.param(record("c.example.com.", "CNAME", ResourceRecords=[{"Value": "x.cdn.net"}]), None, id="somebody-elses-host"),
    ],
)
def test_record_needs_what_it_points_at(one: Resource, target: str | None) -> None:
    """Aliases and CNAMEs by host, addresses by who has them; each record lies in its zone."""
    address = thing("AWS::EC2::EIP", f"{EC2}:elastic-ip/eipalloc-1", AllocationId="eipalloc-1", PublicIp="203.0.113.9")
    found = {(kind, to) for source, kind, to in edges(one, ZONE, load_balancer(), DATABASE, WEB, BUCKET, address) if source == one.uid}
    assert found == {("zone", ZONE.uid)} | ({("dns-target", target)} if target else set())


def test_variable_that_names_a_record_reaches_the_database_behind_it() -> None:
    """function -> record -> database: the name is what will be switched."""
    spec = redact.function({"FunctionName": "api", "Environment": {"Variables": {"DB_HOST": "db.example.com"}}})
    function = thing("AWS::Lambda::Function", f"{LAMBDA}:function:api", **spec)
    name = record("db.example.com.", "CNAME", ResourceRecords=[{"Value": "orders.abc123.eu-central-1.rds.amazonaws.com"}])
    assert {one for one in edges(function, name, DATABASE) if one[1] != "zone"} == {
        ("function:api", "environment", name.uid),
        (name.uid, "dns-target", "db:orders"),
    }


def test_bucket_names_notifications_replica_logs_and_key() -> None:
    """Notification targets and replicas are needs, the log bucket and the key settings."""
    bucket = thing(
        "AWS::S3::Bucket",
        "arn:aws:s3:::uploads",
        Name="uploads",
        Notification={
            "QueueConfigurations": [{"QueueArn": f"{SQS}:jobs", "Events": ["s3:ObjectCreated:*"]}],
            "LambdaFunctionConfigurations": [{"LambdaFunctionArn": f"{LAMBDA}:function:thumb"}],
            "TopicConfigurations": None,
        },
        Replication={"Role": f"arn:aws:iam::{ACCOUNT}:role/web", "Rules": [{"Destination": {"Bucket": "arn:aws:s3:::media"}}]},
        Logging={"TargetBucket": "media", "TargetPrefix": "log/"},
        EncryptionRules=[{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/aws/s3"}}],
    )
    assert {one for one in edges(bucket, BUCKET, QUEUE) if one[0] == bucket.uid} == {
        (bucket.uid, "notification", "jobs"),
        (bucket.uid, "notification", "function:thumb"),
        (bucket.uid, "replicates-to", "arn:aws:s3:::media"),
        (bucket.uid, "log-destination", "arn:aws:s3:::media"),
        (bucket.uid, "role", f"arn:aws:iam::{ACCOUNT}:role/web"),
    }


def test_topic_needs_its_subscribers_and_queue_its_dead_letter_queue() -> None:
    """E-mail addresses and web hooks are no resources."""
    topic = thing(
        "AWS::SNS::Topic",
        f"arn:aws:sns:{REGION}:{ACCOUNT}:news",
        TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:news",
        Subscriptions=[
            {"Protocol": "sqs", "Endpoint": f"{SQS}:jobs"},
            {"Protocol": "email", "Endpoint": "ops@example.com"},
            {"Protocol": "https", "Endpoint": "https://hooks.example.com"},
        ],
    )
    assert edges(topic, QUEUE, DEAD) == {(topic.uid, "subscription", "jobs"), ("jobs", "dead-letter", "dead")}


def test_networks_name_one_another() -> None:
    """Routes, rules, addresses and associations; a route to "local" or a blackhole names nothing."""
    peer = ec2(
        "security-group",
        "SecurityGroup",
        "GroupId",
        "sg-0aaaaaaaaaaaaaaa2",
        IpPermissions=[{"UserIdGroupPairs": [{"GroupId": "sg-0aaaaaaaaaaaaaaa1", "UserId": ACCOUNT}]}],
    )
    gateway = ec2(
        "internet-gateway",
        "InternetGateway",
        "InternetGatewayId",
        "igw-0aaaaaaaaaaaaaaa1",
        Attachments=[{"VpcId": "vpc-0aaaaaaaaaaaaaaa1"}],
    )
    table = ec2(
        "route-table",
        "RouteTable",
        "RouteTableId",
        "rtb-0aaaaaaaaaaaaaaa1",
        VpcId="vpc-0aaaaaaaaaaaaaaa1",
        Routes=[{"GatewayId": "local"}, {"GatewayId": "igw-0aaaaaaaaaaaaaaa1"}, {"NatGatewayId": "nat-0aaaaaaaaaaaaaaa1"}],
        Associations=[{"Main": True}, {"SubnetId": "subnet-0aaaaaaaaaaaaaaa1"}],
    )
    nat = ec2(
        "natgateway",
        "NatGateway",
        "NatGatewayId",
        "nat-0aaaaaaaaaaaaaaa1",
        SubnetId="subnet-0aaaaaaaaaaaaaaa1",
        NatGatewayAddresses=[{"AllocationId": "eipalloc-0aaaaaaaaaaaaaaa1", "PrivateIp": "10.0.0.77"}],
    )
    assert edges(peer, gateway, table, nat) == {
        ("internet-gateway/igw-0aaaaaaaaaaaaaaa1", "vpc", "vpc/vpc-0aaaaaaaaaaaaaaa1"),
        ("route-table/rtb-0aaaaaaaaaaaaaaa1", "vpc", "vpc/vpc-0aaaaaaaaaaaaaaa1"),
        ("route-table/rtb-0aaaaaaaaaaaaaaa1", "route-target", "internet-gateway/igw-0aaaaaaaaaaaaaaa1"),
        ("route-table/rtb-0aaaaaaaaaaaaaaa1", "route-target", "natgateway/nat-0aaaaaaaaaaaaaaa1"),
        ("subnet/subnet-0aaaaaaaaaaaaaaa1", "route-table", "route-table/rtb-0aaaaaaaaaaaaaaa1"),
        ("natgateway/nat-0aaaaaaaaaaaaaaa1", "subnet", "subnet/subnet-0aaaaaaaaaaaaaaa1"),
        ("natgateway/nat-0aaaaaaaaaaaaaaa1", "elastic-ip", "elastic-ip/eipalloc-0aaaaaaaaaaaaaaa1"),
    }
    assert ("security-group/sg-0aaaaaaaaaaaaaaa2", "rule-source", "security-group/sg-0aaaaaaaaaaaaaaa1") in edges(peer, GROUP)


def test_shared_subnet_is_found_in_its_owners_account() -> None:
    """EC2's ids are unique in the world: an instance in a shared subnet names the owner's ARN."""
    shared = ec2("subnet", "Subnet", "SubnetId", "subnet-0ccccccccccccccc1", home=f"arn:aws:ec2:{REGION}:{OTHER}")
    guest = instance("i-0aaaaaaaaaaaaaaa7", SubnetId="subnet-0ccccccccccccccc1")
    assert edges(shared, guest) == {("instance/i-0aaaaaaaaaaaaaaa7", "subnet", shared.uid)}


def test_stack_holds_what_it_made() -> None:
    """Members by id, name, ARN or queue url; types outside the catalogue and unknown ids are passed over."""
    members = {
        "AWS::EC2::Instance": "i-0aaaaaaaaaaaaaaa1",
        "AWS::S3::Bucket": "media",
        "AWS::SQS::Queue": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs",
        "AWS::IAM::Role": "web",
        "AWS::ElasticLoadBalancingV2::LoadBalancer": ALB,
        "AWS::Logs::LogGroup": "/x",
        "AWS::DynamoDB::Table": "nothing",
    }
    stack = thing(
        "AWS::CloudFormation::Stack",
        f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/app/1",
        StackName="app",
        Resources=[{"ResourceType": kind, "PhysicalResourceId": one, "ResourceStatus": "CREATE_COMPLETE"} for kind, one in members.items()],
    )
    found = {target for source, _, target in edges(stack, WEB, BUCKET, QUEUE, ROLE, load_balancer()) if source == stack.uid}
    assert found == {"instance/i-0aaaaaaaaaaaaaaa1", BUCKET.uid, "jobs", ROLE.uid, "loadbalancer/app/front/50dc6c495c0c9188"}


def test_user_data_that_mentions_a_database_is_a_need() -> None:
    """The start script's endpoints, without its text."""
    spec = redact.instance({"UserData": "#!/bin/sh\napp --db orders.abc123.eu-central-1.rds.amazonaws.com:5432 --password hunter2\n"})
    assert ("instance/i-0aaaaaaaaaaaaaaa3", "user-data", "db:orders") in edges(instance("i-0aaaaaaaaaaaaaaa3", **spec), DATABASE)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:lambda:eu-central-1:111111111111:function:f:$LATEST", "arn:aws:lambda:eu-central-1:111111111111:function:f"),
        ("arn:aws:s3:::bucket/key/a", "arn:aws:s3:::bucket"),
        ("arn:aws:s3:::bucket/*", None),
        ("arn:aws:sns:eu-central-1:111111111111:t:uuid", "arn:aws:sns:eu-central-1:111111111111:t"),
        ("arn:aws:apigateway:eu-central-1::/restapis/a1/stages/prod", "arn:aws:apigateway:eu-central-1::/restapis/a1"),
        ("arn:aws-cn:sqs:cn-north-1:111111111111:q", "arn:aws-cn:sqs:cn-north-1:111111111111:q"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("arn:aws:lambda:eu-central-1:111111111111:function:${f}", None),
        ("not an arn", None),
        ("", None),
    ],
)
def test_resource_arn(arn: str, expected: str | None) -> None:
    """What hangs on a resource's ARN is taken off; what names no single resource gives nothing."""
    assert resource_arn(arn) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("111111111111.dkr.ecr.eu-central-1.amazonaws.com/a/b:1", "arn:aws:ecr:eu-central-1:111111111111:repository/a/b"),
        ("111111111111.dkr.ecr.eu-central-1.amazonaws.com/a@sha256:00", "arn:aws:ecr:eu-central-1:111111111111:repository/a"),
        ("nginx:latest", None),
        ("public.ecr.aws/x/y", None),
    ],
)
def test_image_repository(image: str, expected: str | None) -> None:
    """ECR's addresses are ARNs in other words."""
    assert image_repository(image, "aws") == expected


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [None, 3, {}], {"a": None}, True])
def test_odd_specs_state_nothing_and_fail_nothing(odd: Any) -> None:
    """An emulator may answer anything, and a refused call leaves members out."""
    for row in BY_TYPE.values():
        roots = {rule.path.strip("[(!").split(".")[0].split("[")[0].split(" ")[0] for rule in row.relations}
        spec = {root: odd for root in roots if root.isidentifier()}
        relations_of([thing(row.type, f"arn:aws:svc:{REGION}:{ACCOUNT}:x/1", **spec)])


def test_relations_are_sorted_unique_and_independent_of_order() -> None:
    """The same inventory gives the same answer, however its parts arrive."""
    server = instance("i-0aaaaaaaaaaaaaaa2", SubnetId="subnet-0aaaaaaaaaaaaaaa1", VpcId="vpc-0aaaaaaaaaaaaaaa1")
    inventory = [server, SUBNET, VPC, GROUP, QUEUE, DEAD, load_balancer(), target_group("instance", "i-0aaaaaaaaaaaaaaa2")]
    expected = relations_of(inventory)
    assert list(expected) == sorted(set(expected), key=lambda one: (one.source_uid, one.target_uid, one.kind))
    shuffler = random.Random(7)
    for _ in range(5):
        shuffler.shuffle(inventory)
        assert relations_of(inventory) == expected


def test_no_resource_needs_itself() -> None:
    """A group that allows itself states nothing that orders anything."""
    own = ec2(
        "security-group",
        "SecurityGroup",
        "GroupId",
        "sg-0aaaaaaaaaaaaaaa1",
        IpPermissions=[{"UserIdGroupPairs": [{"GroupId": "sg-0aaaaaaaaaaaaaaa1"}]}],
    )
    assert relations_of([own]) == ()


def test_type_outside_the_catalogue_is_passed_over() -> None:
    """Old snapshots may hold types that a newer catalogue lacks."""
    from dataclasses import replace

    assert relations_of([replace(WEB, type="AWS::Gone::Type")]) == ()


def test_many_resources_take_seconds() -> None:
    """About 0.1 ms each: time grows with the inventory, not with its square."""
    big = list(itertools.islice(_estate(), 30_000))
    started = time.process_time()
    found = relations_of(big)
    assert time.process_time() - started < 15
    assert len(found) == 135_000
    assert found[0] == Relation(f"{EC2}:instance/i-{0:017x}", f"{EC2}:network-interface/eni-{0:017x}", "network-interface")


def _estate() -> Any:
    """Instances and volumes in turn; each instance has nine relations: volume, interface, VPC, subnet, profile, four groups."""
    for number in itertools.count():
        yield instance(
            f"i-{number:017x}",
            ip=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            VpcId="vpc-0aaaaaaaaaaaaaaa1",
            SubnetId="subnet-0aaaaaaaaaaaaaaa1",
            SecurityGroups=[{"GroupId": f"sg-0aaaaaaaaaaaaaaa{one}"} for one in range(1, 5)],
            BlockDeviceMappings=[{"Ebs": {"VolumeId": f"vol-{number:017x}"}}],
            NetworkInterfaces=[{"NetworkInterfaceId": f"eni-{number:017x}"}],
            IamInstanceProfile={"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/web"},
            UserData={"sha256": "0", "endpoints": ["db.internal:5432"]},
        )
        yield ec2("volume", "Volume", "VolumeId", f"vol-{number:017x}", Size=8)
