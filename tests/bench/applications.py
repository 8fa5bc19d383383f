"""An estate of many ordinary applications, as items in the shape that AWS answers in: no emulator could hold ten thousand resources.

An account has roles and a hosted zone, each of its regions a network, and on it stand applications: a load-balanced group of servers
with disks, a database, functions with queues and a table, containers, buckets. They name one another as real ones do.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cloudmigrate.aws.catalogue import BY_TYPE
from cloudmigrate.aws.describe import resource_of
from cloudmigrate.domain.resources import Resource

ACCOUNTS = tuple(f"{444_000_000_000 + number}" for number in range(1, 9))
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
GLOBAL = "global"
GIB = 1024**3
TEAMS = ("payments", "catalogue", "logistics", "finance", "marketing", "platform")
SERVERS = (("m5.large", 80), ("m5.2xlarge", 200), ("t3.medium", 30), ("r5.xlarge", 400), ("c5.xlarge", 50))

Item = dict[str, Any]
Found = Iterator[tuple[str, Item]]  # type, item


@dataclass
class Place:
    """One region of one account, and what applications there use together."""

    account_id: str
    region: str
    number: int
    made_at: datetime
    chance: random.Random
    subnets: list[str] = field(default_factory=list)
    vpc: str = ""
    image: str = ""
    neighbour: str = ""  # the queue that the next application here sends to

    def new_id(self, prefix: str) -> str:
        """An id as EC2 gives them."""
        return f"{prefix}-{self.chance.getrandbits(68):017x}"

    def new_ip(self, group: int) -> str:
        """An address in one of the subnets."""
        return f"10.{self.number}.{group * 16 + self.chance.randrange(16)}.{self.chance.randrange(4, 250)}"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something here."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def tags(self, app: str, name: str = "") -> list[Item]:
        """Tags as most teams set them, and some do not."""
        found = {"App": app, "Env": self.chance.choice(("prod", "prod", "test", "dev")), "Owner": app.rpartition("-")[0]}
        if self.chance.random() < 0.2:
            found.pop("Owner")
        return [{"Key": key, "Value": value} for key, value in ({"Name": name} if name else {} | found).items()]


def generate(resources: int, *, now: datetime, seed: int = 20261122) -> list[Resource]:
    """About that many resources (at most, and never fewer than one network), always the same for the same *now*."""
    chance = random.Random(seed)
    places = [
        Place(account_id, region, number, now - timedelta(days=400), chance)
        for number, (account_id, region) in enumerate((account_id, region) for account_id in ACCOUNTS for region in REGIONS)
    ]
    if resources < 2_000:
        places = places[:2]
    found: list[Resource] = []
    for place in places:
        found += _described(place, _network(place))
    for account_id in sorted({place.account_id for place in places}):
        found += _described(next(place for place in places if place.account_id == account_id), _of_account(account_id))
    number = 0
    while len(found) < resources:
        place = places[number % len(places)]
        found += _described(place, _application(place, f"{chance.choice(TEAMS)}-{number}"))
        number += 1
    return found[:resources]


def _described(place: Place, items: Found) -> Iterator[Resource]:
    """The resources behind items, through the same rows and redactions as discovery's."""
    for type_, item in items:
        row = BY_TYPE[type_]
        region = place.region if not row.is_global or row.own_region else GLOBAL
        made = resource_of(row, item, partition="aws", account_id=place.account_id, region=region)
        assert made is not None, f"{type_} without an id: {item}"
        yield made


def _network(place: Place) -> Found:
    place.vpc, place.image = place.new_id("vpc"), place.new_id("ami")
    yield (
        "AWS::EC2::VPC",
        {"VpcId": place.vpc, "State": "available", "CidrBlock": f"10.{place.number}.0.0/16", "Tags": place.tags("core", "main")},
    )
    gateway, nat, address = place.new_id("igw"), place.new_id("nat"), place.new_id("eipalloc")
    yield "AWS::EC2::InternetGateway", {"InternetGatewayId": gateway, "Attachments": [{"VpcId": place.vpc, "State": "available"}]}
    for group in range(6):
        subnet = place.new_id("subnet")
        place.subnets.append(subnet)
        zone = f"{place.region}{'abc'[group % 3]}"
        block = f"10.{place.number}.{group * 16}.0/20"
        yield (
            "AWS::EC2::Subnet",
            {"SubnetId": subnet, "VpcId": place.vpc, "State": "available", "CidrBlock": block, "AvailabilityZone": zone},
        )
    yield "AWS::EC2::EIP", {"AllocationId": address, "PublicIp": f"203.0.113.{place.number + 1}"}
    yield (
        "AWS::EC2::NatGateway",
        {
            "NatGatewayId": nat,
            "State": "available",
            "VpcId": place.vpc,
            "SubnetId": place.subnets[0],
            "NatGatewayAddresses": [{"AllocationId": address, "PrivateIp": place.new_ip(0)}],
        },
    )
    for name, target, associated in (
        ("public", {"GatewayId": gateway}, place.subnets[:3]),
        ("private", {"NatGatewayId": nat}, place.subnets[3:]),
    ):
        yield (
            "AWS::EC2::RouteTable",
            {
                "RouteTableId": place.new_id("rtb"),
                "VpcId": place.vpc,
                "Associations": [{"SubnetId": subnet} for subnet in associated],
                "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", **target}],
                "Tags": place.tags("core", name),
            },
        )
    yield "AWS::EC2::NetworkAcl", {"NetworkAclId": place.new_id("acl"), "VpcId": place.vpc, "Associations": []}
    yield "AWS::EC2::Image", {"ImageId": place.image, "Name": "golden-linux", "State": "available", "BlockDeviceMappings": []}


def _of_account(account_id: str) -> Found:
    zone = f"/hostedzone/Z{account_id}"
    yield "AWS::Route53::HostedZone", {"Id": zone, "Name": f"a{account_id}.example.", "Config": {"PrivateZone": False}}
    for name in ("servers", "functions", "tasks"):
        arn = f"arn:aws:iam::{account_id}:role/{name}"
        yield "AWS::IAM::Role", {"RoleName": name, "Arn": arn, "Path": "/"}
    profile = f"arn:aws:iam::{account_id}:instance-profile/servers"
    role = {"RoleName": "servers", "Arn": f"arn:aws:iam::{account_id}:role/servers"}
    yield "AWS::IAM::InstanceProfile", {"InstanceProfileName": "servers", "Arn": profile, "Roles": [role]}


def _application(place: Place, app: str) -> Found:
    groups = {tier: place.new_id("sg") for tier in ("edge", "server", "data")}
    allowed: tuple[tuple[str, str | None], ...] = (("edge", None), ("server", "edge"), ("data", "server"))
    for tier, source in allowed:
        pairs = [{"GroupId": groups[source]}] if source else []
        rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": pairs, "IpRanges": []}
        yield (
            "AWS::EC2::SecurityGroup",
            {"GroupId": groups[tier], "GroupName": f"{app}-{tier}", "VpcId": place.vpc, "IpPermissions": [rule], "Tags": place.tags(app)},
        )
    database = f"{app}.c1.{place.region}.rds.amazonaws.com"
    yield from _servers(place, app, groups, database)
    yield from _data(place, app, groups, database)
    yield from _functions(place, app, database)
    if place.chance.random() < 0.4:
        yield from _containers(place, app, groups, database)


def _servers(place: Place, app: str, groups: dict[str, str], database: str) -> Found:
    balancer_arn = place.arn("elasticloadbalancing", f"loadbalancer/app/{app}/{place.chance.getrandbits(64):016x}")
    target_arn = place.arn("elasticloadbalancing", f"targetgroup/{app}/{place.chance.getrandbits(64):016x}")
    kind, gib = place.chance.choice(SERVERS)
    servers = [place.new_id("i") for _ in range(place.chance.randrange(2, 9))]
    for number, server in enumerate(servers):
        yield from _server(place, app, server, number, kind, gib, groups["server"], database)
    template = place.new_id("lt")
    data = {"ImageId": place.image, "InstanceType": kind, "SecurityGroupIds": [groups["server"]]}
    yield (
        "AWS::EC2::LaunchTemplate",
        {"LaunchTemplateId": template, "LaunchTemplateName": app, "Versions": [{"VersionNumber": 1, "LaunchTemplateData": data}]},
    )
    yield (
        "AWS::AutoScaling::AutoScalingGroup",
        {
            "AutoScalingGroupName": app,
            "AutoScalingGroupARN": place.arn(
                "autoscaling", f"autoScalingGroup:{place.chance.getrandbits(64):x}:autoScalingGroupName/{app}"
            ),
            "Instances": [{"InstanceId": server, "LifecycleState": "InService"} for server in servers],
            "LaunchTemplate": {"LaunchTemplateId": template, "Version": "1"},
            "TargetGroupARNs": [target_arn],
            "VPCZoneIdentifier": ",".join(place.subnets[3:]),
            "Tags": place.tags(app),
        },
    )
    yield (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {
            "TargetGroupArn": target_arn,
            "TargetGroupName": app,
            "TargetType": "instance",
            "VpcId": place.vpc,
            "LoadBalancerArns": [balancer_arn],
            "Targets": [{"Target": {"Id": server, "Port": 443}} for server in servers],
        },
    )
    yield (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {
            "LoadBalancerArn": balancer_arn,
            "LoadBalancerName": app,
            "Type": "application",
            "State": {"Code": "active"},
            "DNSName": f"{app}-{place.number}.{place.region}.elb.amazonaws.com",
            "VpcId": place.vpc,
            "SecurityGroups": [groups["edge"]],
            "AvailabilityZones": [{"SubnetId": subnet} for subnet in place.subnets[:3]],
            "Listeners": [{"Port": 443, "DefaultActions": [{"Type": "forward", "TargetGroupArn": target_arn}]}],
            "TagDescription": {"Tags": place.tags(app)},
        },
    )
    zone = f"/hostedzone/Z{place.account_id}"
    alias = {"DNSName": f"{app}-{place.number}.{place.region}.elb.amazonaws.com.", "HostedZoneId": "Z1"}
    record = {"Name": f"{app}.a{place.account_id}.example.", "Type": "A", "AliasTarget": alias}
    yield "AWS::Route53::RecordSet", {**record, "Parent": {"Id": zone}}


def _server(place: Place, app: str, server: str, number: int, kind: str, gib: int, group: str, database: str) -> Found:
    subnet, address = 3 + number % 3, place.new_ip(3 + number % 3)
    interface, made_at = place.new_id("eni"), place.made_at + timedelta(days=place.chance.randrange(300))
    disks = [(device, place.new_id("vol"), size) for device, size in (("/dev/xvda", 20), ("/dev/xvdf", gib))]
    stopped = place.chance.random() < 0.05
    yield (
        "AWS::EC2::Instance",
        {
            "InstanceId": server,
            "InstanceType": kind,
            "ImageId": place.image,
            "State": {"Name": "stopped" if stopped else "running"},
            "LaunchTime": made_at,
            "VpcId": place.vpc,
            "SubnetId": place.subnets[subnet],
            "PrivateIpAddress": address,
            "PrivateDnsName": f"ip-{address.replace('.', '-')}.{place.account_id}.{place.region}.compute.internal",
            "SecurityGroups": [{"GroupId": group}],
            "IamInstanceProfile": {"Arn": f"arn:aws:iam::{place.account_id}:instance-profile/servers"},
            "BlockDeviceMappings": [{"DeviceName": device, "Ebs": {"VolumeId": volume}} for device, volume, _ in disks],
            "NetworkInterfaces": [
                {"NetworkInterfaceId": interface, "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}]}
            ],
            "Placement": {"AvailabilityZone": f"{place.region}{'abc'[number % 3]}", "Tenancy": "default"},
            "CpuOptions": {"CoreCount": 2, "ThreadsPerCore": 2},
            "UserData": f"#!/bin/sh\nexport DATABASE_URL=postgres://{database}:5432/{app}\n",
            "Tags": place.tags(app, f"{app}-{number}"),
        },
    )
    yield (
        "AWS::EC2::NetworkInterface",
        {
            "NetworkInterfaceId": interface,
            "Status": "in-use",
            "VpcId": place.vpc,
            "SubnetId": place.subnets[subnet],
            "Groups": [{"GroupId": group}],
            "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}],
            "Attachment": {"InstanceId": server},
        },
    )
    for device, volume, size in disks:
        attached = [{"InstanceId": server, "Device": device, "State": "attached"}]
        yield (
            "AWS::EC2::Volume",
            {
                "VolumeId": volume,
                "State": "in-use",
                "Size": size,
                "VolumeType": "gp3",
                "CreateTime": made_at,
                "Attachments": attached,
                "Tags": place.tags(app),
            },
        )
        yield (
            "AWS::EC2::Snapshot",
            {"SnapshotId": place.new_id("snap"), "VolumeId": volume, "State": "completed", "VolumeSize": size, "StartTime": made_at},
        )


def _data(place: Place, app: str, groups: dict[str, str], database: str) -> Found:
    in_subnets = [{"SubnetIdentifier": subnet, "SubnetStatus": "Active"} for subnet in place.subnets[3:]]
    subnet_group = {"DBSubnetGroupName": app, "VpcId": place.vpc, "SubnetGroupStatus": "Complete", "Subnets": in_subnets}
    yield "AWS::RDS::DBSubnetGroup", {**subnet_group, "DBSubnetGroupArn": place.arn("rds", f"subgrp:{app}")}
    for name, source in ((app, None), (f"{app}-replica", app)):
        yield (
            "AWS::RDS::DBInstance",
            {
                "DBInstanceIdentifier": name,
                "DBInstanceArn": place.arn("rds", f"db:{name}"),
                "DBInstanceStatus": "available",
                "DBInstanceClass": "db.r5.large",
                "Engine": "postgres",
                "EngineVersion": "15.4",
                "AllocatedStorage": 500,
                "InstanceCreateTime": place.made_at,
                "Endpoint": {"Address": database if source is None else f"replica-{database}", "Port": 5432},
                "DBSubnetGroup": subnet_group,
                "VpcSecurityGroups": [{"VpcSecurityGroupId": groups["data"], "Status": "active"}],
                "ReadReplicaSourceDBInstanceIdentifier": source,
                "TagList": place.tags(app),
            },
        )
    yield (
        "AWS::S3::Bucket",
        {
            "Name": f"{app}-{place.account_id}-{place.region}",
            "BucketRegion": place.region,
            "CreationDate": place.made_at,
            "Versioning": {"Status": "Enabled"},
            "Tags": place.tags(app),
        },
    )
    cache = f"{app}-cache"
    yield (
        "AWS::ElastiCache::CacheCluster",
        {
            "CacheClusterId": cache,
            "ARN": place.arn("elasticache", f"cluster:{cache}"),
            "CacheClusterStatus": "available",
            "Engine": "redis",
            "CacheNodeType": "cache.r5.large",
            "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Address": f"{cache}.{place.region}.cache.amazonaws.com", "Port": 6379}}],
            "SecurityGroups": [{"SecurityGroupId": groups["data"], "Status": "active"}],
        },
    )
    secret = place.arn("secretsmanager", f"secret:{app}/database-{place.chance.getrandbits(24):06x}")
    yield "AWS::SecretsManager::Secret", {"Name": f"{app}/database", "ARN": secret, "CreatedDate": place.made_at}


def _functions(place: Place, app: str, database: str) -> Found:
    table = f"{app}-orders"
    yield (
        "AWS::DynamoDB::Table",
        {
            "TableName": table,
            "TableStatus": "ACTIVE",
            "TableSizeBytes": place.chance.randrange(GIB),
            "ItemCount": 1,
            "Tags": place.tags(app),
        },
    )
    queues = {name: f"https://sqs.{place.region}.amazonaws.com/{place.account_id}/{app}-{name}" for name in ("jobs", "failed")}
    dead = {"deadLetterTargetArn": place.arn("sqs", f"{app}-failed"), "maxReceiveCount": 5}
    yield "AWS::SQS::Queue", {"QueueUrl": queues["jobs"], "RedrivePolicy": dead, "CreatedTimestamp": "1700000000"}
    yield "AWS::SQS::Queue", {"QueueUrl": queues["failed"], "CreatedTimestamp": "1700000000"}
    for name, url in (
        ("worker", f"postgres://{database}:5432/{app}"),
        ("mailer", queues["failed"]),
        ("api", place.neighbour or queues["jobs"]),
    ):
        arn = place.arn("lambda", f"function:{app}-{name}")
        yield (
            "AWS::Lambda::Function",
            {
                "FunctionName": f"{app}-{name}",
                "FunctionArn": arn,
                "State": "Active",
                "Runtime": "python3.12",
                "MemorySize": 512,
                "Timeout": 30,
                "LastModified": "2026-03-01T10:00:00.000+0000",
                "Role": f"arn:aws:iam::{place.account_id}:role/functions",
                "VpcConfig": {"VpcId": place.vpc, "SubnetIds": place.subnets[3:], "SecurityGroupIds": []},
                "Environment": {"Variables": {"TARGET": url, "TABLE": table, "LOG_LEVEL": "info"}},
                "Tags": {"App": app},
            },
        )
    place.neighbour = queues["jobs"]
    mapping = "-".join(f"{place.chance.getrandbits(4 * size):0{size}x}" for size in (8, 4, 4, 4, 12))
    worker = place.arn("lambda", f"function:{app}-worker")
    yield (
        "AWS::Lambda::EventSourceMapping",
        {"UUID": mapping, "State": "Enabled", "FunctionArn": worker, "EventSourceArn": place.arn("sqs", f"{app}-jobs")},
    )
    subscribed = [{"Protocol": "lambda", "Endpoint": place.arn("lambda", f"function:{app}-mailer")}]
    yield "AWS::SNS::Topic", {"TopicArn": place.arn("sns", f"{app}-events"), "Subscriptions": subscribed}


def _containers(place: Place, app: str, groups: dict[str, str], database: str) -> Found:
    cluster = place.arn("ecs", f"cluster/{app}")
    yield "AWS::ECS::Cluster", {"clusterArn": cluster, "clusterName": app, "status": "ACTIVE", "tags": [{"key": "App", "value": app}]}
    for name in ("web", "batch"):
        family = f"{app}-{name}"
        definition = place.arn("ecs", f"task-definition/{family}:7")
        container = {
            "name": name,
            "image": f"{place.account_id}.dkr.ecr.{place.region}.amazonaws.com/{app}:7",
            "cpu": 256,
            "memory": 512,
            "environment": [{"name": "DATABASE", "value": f"{database}:5432"}],
        }
        role = f"arn:aws:iam::{place.account_id}:role/tasks"
        yield (
            "AWS::ECS::TaskDefinition",
            {
                "taskDefinitionArn": definition,
                "family": family,
                "revision": 7,
                "status": "ACTIVE",
                "taskRoleArn": role,
                "containerDefinitions": [container],
            },
        )
        yield (
            "AWS::ECS::Service",
            {
                "serviceArn": place.arn("ecs", f"service/{app}/{name}"),
                "serviceName": name,
                "clusterArn": cluster,
                "status": "ACTIVE",
                "taskDefinition": definition,
                "networkConfiguration": {
                    "awsvpcConfiguration": {
                        "subnets": place.subnets[3:],
                        "securityGroups": [groups["server"]],
                        "assignPublicIp": "DISABLED",
                    }
                },
            },
        )
    repository = place.arn("ecr", f"repository/{app}")
    yield "AWS::ECR::Repository", {"repositoryArn": repository, "repositoryName": app, "createdAt": place.made_at}
