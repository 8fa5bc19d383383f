"""The demo estate in the emulator is what its tables say, looked at with plain boto3."""

import json
from collections import Counter
from typing import Any

import pytest

from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.estate.parts import DATA, EUROPE, HOSTILE_NAME, OREGON, OWN, PLANTED_SECRETS
from cloudmigrate.simulate.makers import MAKERS
from cloudmigrate.simulate.things import Thing
from tests.simulate.conftest import Clients, pages

# Type -> service, operation, path of the items, further parameters.
LISTINGS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "AWS::EC2::VPC": ("ec2", "describe_vpcs", "Vpcs[]", {}),
    "AWS::EC2::Subnet": ("ec2", "describe_subnets", "Subnets[]", {}),
    "AWS::EC2::InternetGateway": ("ec2", "describe_internet_gateways", "InternetGateways[]", {}),
    "AWS::EC2::RouteTable": ("ec2", "describe_route_tables", "RouteTables[]", {}),
    "AWS::EC2::NatGateway": ("ec2", "describe_nat_gateways", "NatGateways[]", {}),
    "AWS::EC2::EIP": ("ec2", "describe_addresses", "Addresses[]", {}),
    "AWS::EC2::SecurityGroup": ("ec2", "describe_security_groups", "SecurityGroups[]", {}),
    "AWS::EC2::NetworkAcl": ("ec2", "describe_network_acls", "NetworkAcls[]", {}),
    "AWS::EC2::PrefixList": ("ec2", "describe_managed_prefix_lists", "PrefixLists[?OwnerId!='AWS'][]", {}),
    "AWS::EC2::VPCEndpoint": ("ec2", "describe_vpc_endpoints", "VpcEndpoints[]", {}),
    "AWS::EC2::VPCPeeringConnection": ("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections[]", {}),
    "AWS::EC2::TransitGateway": ("ec2", "describe_transit_gateways", "TransitGateways[]", {}),
    "AWS::EC2::TransitGatewayAttachment": ("ec2", "describe_transit_gateway_attachments", "TransitGatewayAttachments[]", {}),
    "AWS::EC2::FlowLog": ("ec2", "describe_flow_logs", "FlowLogs[]", {}),
    "AWS::EC2::KeyPair": ("ec2", "describe_key_pairs", "KeyPairs[]", {}),
    "AWS::EC2::LaunchTemplate": ("ec2", "describe_launch_templates", "LaunchTemplates[]", {}),
    "AWS::EC2::Instance": ("ec2", "describe_instances", "Reservations[].Instances[?State.Name!='terminated'][]", {}),
    "AWS::EC2::Volume": ("ec2", "describe_volumes", "Volumes[]", {}),
    "AWS::EC2::Snapshot": ("ec2", "describe_snapshots", "Snapshots[]", {"OwnerIds": ["self"]}),
    "AWS::EC2::Image": ("ec2", "describe_images", "Images[]", {"Owners": ["self"]}),
    "AWS::EC2::NetworkInterface": ("ec2", "describe_network_interfaces", "NetworkInterfaces[]", {}),
    "AWS::AutoScaling::AutoScalingGroup": ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups[]", {}),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elbv2", "describe_load_balancers", "LoadBalancers[]", {}),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("elbv2", "describe_target_groups", "TargetGroups[]", {}),
    "AWS::ElasticLoadBalancing::LoadBalancer": ("elb", "describe_load_balancers", "LoadBalancerDescriptions[]", {}),
    "AWS::RDS::DBSubnetGroup": ("rds", "describe_db_subnet_groups", "DBSubnetGroups[]", {}),
    "AWS::RDS::DBParameterGroup": ("rds", "describe_db_parameter_groups", "DBParameterGroups[]", {}),
    "AWS::RDS::DBInstance": ("rds", "describe_db_instances", "DBInstances[]", {}),
    "AWS::RDS::DBCluster": ("rds", "describe_db_clusters", "DBClusters[]", {}),
    "AWS::DynamoDB::Table": ("dynamodb", "list_tables", "TableNames[]", {}),
    "AWS::ElastiCache::ReplicationGroup": ("elasticache", "describe_replication_groups", "ReplicationGroups[]", {}),
    "AWS::ElastiCache::CacheCluster": ("elasticache", "describe_cache_clusters", "CacheClusters[]", {}),
    "AWS::EFS::FileSystem": ("efs", "describe_file_systems", "FileSystems[]", {}),
    "AWS::SQS::Queue": ("sqs", "list_queues", "QueueUrls[]", {}),
    "AWS::SNS::Topic": ("sns", "list_topics", "Topics[]", {}),
    "AWS::Lambda::Function": ("lambda", "list_functions", "Functions[]", {}),
    "AWS::Lambda::EventSourceMapping": ("lambda", "list_event_source_mappings", "EventSourceMappings[]", {}),
    "AWS::ApiGateway::RestApi": ("apigateway", "get_rest_apis", "items[]", {}),
    "AWS::ApiGatewayV2::Api": ("apigatewayv2", "get_apis", "Items[]", {}),
    "AWS::ECS::Cluster": ("ecs", "list_clusters", "clusterArns[]", {}),
    "AWS::ECS::TaskDefinition": ("ecs", "list_task_definitions", "taskDefinitionArns[]", {}),
    "AWS::ECR::Repository": ("ecr", "describe_repositories", "repositories[]", {}),
    "AWS::EKS::Cluster": ("eks", "list_clusters", "clusters[]", {}),
    "AWS::IAM::Role": ("iam", "list_roles", "Roles[]", {}),
    "AWS::IAM::InstanceProfile": ("iam", "list_instance_profiles", "InstanceProfiles[]", {}),
    "AWS::KMS::Key": ("kms", "list_keys", "Keys[]", {}),
    "AWS::SecretsManager::Secret": ("secretsmanager", "list_secrets", "SecretList[]", {}),
    "AWS::CertificateManager::Certificate": ("acm", "list_certificates", "CertificateSummaryList[]", {}),
    "AWS::Route53::HostedZone": ("route53", "list_hosted_zones", "HostedZones[]", {}),
    "AWS::CloudFormation::Stack": ("cloudformation", "describe_stacks", "Stacks[]", {}),
}
# Listed under a parent (or, buckets, across regions): looked at by tests of their own below.
ELSEWHERE = {
    "AWS::S3::Bucket",
    "AWS::Route53::RecordSet",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ECS::Service",
    "AWS::EFS::MountTarget",
}


def test_every_type_of_the_tables_is_looked_at() -> None:
    assert set(MAKERS) | {"AWS::EC2::NetworkInterface"} == set(LISTINGS) | ELSEWHERE


@pytest.mark.parametrize(("account_id", "region"), [(OWN, EUROPE), (OWN, OREGON), (DATA, EUROPE), (DATA, OREGON)])
def test_counts_are_as_the_tables_say(demo: Any, clients: Clients, account_id: str, region: str) -> None:
    found = Counter(
        {
            kind: len(list(pages(clients(account_id, region, service), operation, path, **params)))
            for kind, (service, operation, path, params) in LISTINGS.items()
            if service not in ("iam", "route53")
        }
    )
    expected = {kind: count for kind, count in demo.summary.expected[account_id, region].items() if kind not in ELSEWHERE}
    assert +found == expected


@pytest.mark.parametrize("account_id", [OWN, DATA])
def test_global_counts_are_as_the_tables_say(demo: Any, clients: Clients, account_id: str) -> None:
    found = Counter(
        {
            kind: len(list(pages(clients(account_id, OREGON, service), operation, path, **params)))
            for kind, (service, operation, path, params) in LISTINGS.items()
            if service in ("iam", "route53")
        }
    )
    route53 = clients(account_id, OREGON, "route53")
    zones = [zone["Id"] for zone in pages(route53, "list_hosted_zones", "HostedZones[]")]
    records = [list(pages(route53, "list_resource_record_sets", "ResourceRecordSets[]", HostedZoneId=zone)) for zone in zones]
    found["AWS::Route53::RecordSet"] = sum(map(len, records))
    assert +found == demo.summary.expected[account_id, "global"]


def test_buckets_are_in_their_regions(demo: Any, clients: Clients) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for account_id in (OWN, DATA):
        s3 = clients(account_id, OREGON, "s3")
        for bucket in s3.list_buckets()["Buckets"]:
            found[account_id, s3.get_bucket_location(Bucket=bucket["Name"])["LocationConstraint"]] += 1
    assert found == {place: counts["AWS::S3::Bucket"] for place, counts in demo.summary.expected.items() if "AWS::S3::Bucket" in counts}


def test_what_hangs_under_a_parent_is_there(demo: Any, clients: Clients) -> None:
    elb = clients(OWN, EUROPE, "elbv2")
    listeners = [
        elb.describe_listeners(LoadBalancerArn=one["LoadBalancerArn"])["Listeners"]
        for one in pages(elb, "describe_load_balancers", "LoadBalancers[]")
    ]
    assert sum(map(len, listeners)) == 3
    services = clients(DATA, OREGON, "ecs").list_services(cluster="partner")["serviceArns"]
    assert len(services) == 1
    targets = clients(DATA, EUROPE, "efs").describe_mount_targets(FileSystemId=demo.summary.ids["shared-files"])["MountTargets"]
    assert len(targets) == 2


def test_the_estate_is_of_a_believable_size(demo: Any) -> None:
    assert 200 <= sum(demo.summary.expected_by_type.values()) <= 400
    # shared, shop, ERP, the rehearsal, America, analytics, partners
    assert demo.summary.expected_by_type["AWS::EC2::Instance"] == 9 + 6 + 6 + 3 + 4 + 5 + 1


def test_ids_are_the_same_every_time(demo: Any) -> None:
    # Drawn from the seed: a change here means that the demo's screenshots and links change with every run.
    assert demo.summary.ids["shop-vpc"].startswith("vpc-")
    assert len(set(demo.summary.ids.values())) > 150


def test_hostile_names_arrive_unchanged(demo: Any, clients: Clients) -> None:
    ec2 = clients(OWN, EUROPE, "ec2")
    found = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [demo.summary.ids["hostile"]]}])["Tags"]
    tags = {one["Key"]: one["Value"] for one in found}
    assert tags["Name"] == HOSTILE_NAME
    assert tags["App"] == "../../etc/passwd"
    assert "🚀" in tags["Owner"]


def test_the_two_services_call_each_other(demo: Any, clients: Clients) -> None:
    functions = clients(OWN, EUROPE, "lambda")
    for name, other in (("pricing", "catalogue-api"), ("catalogue", "pricing-api")):
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        assert any(demo.summary.ids[other] in value for value in variables.values())


def test_secrets_are_planted_where_real_estates_have_them() -> None:
    written = json.dumps([dict(step.params) for place in PLACES for step in place.steps if isinstance(step, Thing)], default=str)
    assert [secret for secret in PLANTED_SECRETS if secret not in written] == []


def test_the_shop_holds_three_reserved_servers_and_runs_two(clients: Clients) -> None:
    client = clients(OWN, EUROPE, "ec2")
    (held,) = client.describe_reserved_instances()["ReservedInstances"]
    running = client.describe_instances(
        Filters=[{"Name": "instance-type", "Values": ["m5.large"]}, {"Name": "instance-state-name", "Values": ["running"]}]
    )
    linux = [one for found in running["Reservations"] for one in found["Instances"] if one.get("Platform") != "windows"]

    assert (held["InstanceType"], held["InstanceCount"], held["ProductDescription"], held["State"]) == (
        "m5.large",
        3,
        "Linux/UNIX",
        "active",
    )
    assert (held["FixedPrice"], held["Start"].date().isoformat()) == (1136.0, "2025-06-01")
    assert len(linux) == 2
