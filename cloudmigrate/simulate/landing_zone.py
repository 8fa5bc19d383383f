"""Where the demo moves to: for each network one of the same shape in another region, with what servers, functions and containers name."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.simulate.estate.parts import DATA

TARGET_REGION = "us-east-1"  # the price book has rates of it
ARTIFACTS = f"acme-artifacts-{TARGET_REGION}"  # where packages of functions are copied to
KEY_ALIAS = "alias/cloudmigrate-demo"  # what copies are encrypted with, in each account
REPLICATION_ROLE = "cloudmigrate-demo-replication"  # under which S3 replicates, in each account
REPLICATORS = ("s3.amazonaws.com", "batchoperations.s3.amazonaws.com")


def prepare_landing_zone(
    sessions: AwsSessions, places: Iterable[tuple[str, str]], *, region: str = TARGET_REGION
) -> dict[str, dict[str, str]]:
    """What the estate file's `targets` maps: source VPC -> target VPC, likewise subnets, groups of databases, and what workers name.

    Made in each place's account.
    """
    vpcs: dict[str, str] = {}
    subnets: dict[str, str] = {}
    subnet_groups: dict[str, str] = {}
    parameter_groups: dict[str, str] = {}
    queues: dict[str, str] = {}
    groups: dict[str, str] = {}
    target_groups: dict[str, str] = {}
    for account_id, source_region in places:
        here, there = (sessions.client(account_id, "ec2", one) for one in (source_region, region))
        for vpc in here.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]:
            vpcs[vpc["VpcId"]] = _vpc(there, vpc)
            of_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
            for subnet in here.describe_subnets(Filters=of_vpc)["Subnets"]:
                subnets[subnet["SubnetId"]] = _subnet(there, vpcs[vpc["VpcId"]], subnet, region)
        _key_pairs(here, there)
        _key(sessions.client(account_id, "kms", region))
        databases, databases_there = (sessions.client(account_id, "rds", one) for one in (source_region, region))
        subnet_groups |= {name: name for name in _subnet_groups(databases, databases_there, subnets)}
        parameter_groups |= {name: name for name in _parameter_groups(databases, databases_there)}
        functions, services = (sessions.client(account_id, one, source_region) for one in ("lambda", "ecs"))
        queues |= dict(_queues(functions, sessions.client(account_id, "sqs", region)))
        of_services = list(_services(services))
        groups |= dict(_groups(here, there, {*_groups_of_functions(functions), *_groups_of_services(of_services)}, vpcs))
        balancers, balancers_there = (sessions.client(account_id, "elbv2", one) for one in (source_region, region))
        target_groups |= dict(_target_groups(balancers, balancers_there, of_services, vpcs))
        _replication_role(sessions.client(account_id, "iam", region))
    _artifacts(sessions.client(DATA, "s3", region))
    return {
        "vpcs": vpcs,
        "subnets": subnets,
        "subnet_groups": subnet_groups,
        "parameter_groups": parameter_groups,
        "event_sources": queues,
        "security_groups": groups,
        "target_groups": target_groups,
    }


def _queues(functions: Any, there: Any) -> Iterable[tuple[str, str]]:
    """A queue of the same name for each that a function reads."""
    for one in functions.list_event_source_mappings()["EventSourceMappings"]:
        arn = str(one["EventSourceArn"])
        if arn.split(":")[2] == "sqs":
            url = there.create_queue(QueueName=arn.rpartition(":")[2])["QueueUrl"]
            yield arn, there.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def _services(there: Any) -> Iterable[Mapping[str, Any]]:
    for cluster in there.list_clusters()["clusterArns"]:
        arns = there.list_services(cluster=cluster)["serviceArns"]
        if arns:
            yield from there.describe_services(cluster=cluster, services=arns)["services"]


def _groups_of_functions(functions: Any) -> Iterable[str]:
    for one in functions.list_functions()["Functions"]:
        yield from (one.get("VpcConfig") or {}).get("SecurityGroupIds", ())


def _groups_of_services(services: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for one in services:
        yield from ((one.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}).get("securityGroups", ())


def _groups(here: Any, there: Any, ids: Collection[str], vpcs: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """A group of the same name for each of those; their rules are whoever's who runs the landing zone."""
    known = {(one["VpcId"], one["GroupName"]): one["GroupId"] for one in there.describe_security_groups()["SecurityGroups"]}
    for one in here.describe_security_groups(GroupIds=sorted(ids))["SecurityGroups"] if ids else ():
        vpc, name = vpcs[one["VpcId"]], one["GroupName"]
        if (vpc, name) not in known:
            known[vpc, name] = there.create_security_group(GroupName=name, Description=one["Description"], VpcId=vpc)["GroupId"]
        yield one["GroupId"], known[vpc, name]


def _target_groups(here: Any, there: Any, services: Iterable[Mapping[str, Any]], vpcs: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """A target group of the same name and kind for each that a service is registered with."""
    arns = sorted({one["targetGroupArn"] for service in services for one in service.get("loadBalancers", ()) if "targetGroupArn" in one})
    for one in here.describe_target_groups(TargetGroupArns=arns)["TargetGroups"] if arns else ():
        asked = {name: one[name] for name in ("Protocol", "Port", "TargetType") if name in one}
        made = there.create_target_group(Name=one["TargetGroupName"], VpcId=vpcs[one["VpcId"]], **asked)
        yield one["TargetGroupArn"], made["TargetGroups"][0]["TargetGroupArn"]


def _replication_role(there: Any) -> None:
    if all(one["RoleName"] != REPLICATION_ROLE for one in there.list_roles()["Roles"]):
        trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": list(REPLICATORS)}}
        document = {"Version": "2012-10-17", "Statement": [trusted]}
        there.create_role(RoleName=REPLICATION_ROLE, AssumeRolePolicyDocument=json.dumps(document))


def _artifacts(there: Any) -> None:
    if all(one["Name"] != ARTIFACTS for one in there.list_buckets()["Buckets"]):
        there.create_bucket(Bucket=ARTIFACTS)


def _key(there: Any) -> None:
    if all(one["AliasName"] != KEY_ALIAS for one in there.list_aliases()["Aliases"]):
        there.create_alias(AliasName=KEY_ALIAS, TargetKeyId=there.create_key(KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"])


def _subnet_groups(here: Any, there: Any, subnets: Mapping[str, str]) -> Iterable[str]:
    known = {one["DBSubnetGroupName"] for one in there.describe_db_subnet_groups()["DBSubnetGroups"]}
    for one in here.describe_db_subnet_groups()["DBSubnetGroups"]:
        ids = [subnets[held["SubnetIdentifier"]] for held in one["Subnets"] if held["SubnetIdentifier"] in subnets]
        name = one["DBSubnetGroupName"]
        if ids and name not in known:
            there.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription=one["DBSubnetGroupDescription"], SubnetIds=ids)
            yield name


def _parameter_groups(here: Any, there: Any) -> Iterable[str]:
    known = {one["DBParameterGroupName"] for one in there.describe_db_parameter_groups()["DBParameterGroups"]}
    for one in here.describe_db_parameter_groups()["DBParameterGroups"]:
        name = one["DBParameterGroupName"]
        if not name.startswith("default.") and name not in known:
            asked = {"DBParameterGroupFamily": one["DBParameterGroupFamily"], "Description": one["Description"]}
            there.create_db_parameter_group(DBParameterGroupName=name, **asked)
            yield name


def _vpc(there: Any, source: Mapping[str, Any]) -> str:
    return str(there.create_vpc(CidrBlock=source["CidrBlock"], TagSpecifications=_tags("vpc", source))["Vpc"]["VpcId"])


def _subnet(there: Any, vpc_id: str, source: Mapping[str, Any], region: str) -> str:
    """The same block, in the zone of the same letter."""
    zone = region + source["AvailabilityZone"][-1]
    asked = {"VpcId": vpc_id, "CidrBlock": source["CidrBlock"], "AvailabilityZone": zone}
    return str(there.create_subnet(**asked, TagSpecifications=_tags("subnet", source))["Subnet"]["SubnetId"])


def _tags(kind: str, source: Mapping[str, Any]) -> list[dict[str, Any]]:
    tags = [one for one in source.get("Tags", ()) if not one["Key"].startswith("aws:")]
    return [{"ResourceType": kind, "Tags": tags}] if tags else []


def _key_pairs(here: Any, there: Any) -> None:
    known = {one["KeyName"] for one in there.describe_key_pairs()["KeyPairs"]}
    for one in here.describe_key_pairs()["KeyPairs"]:
        if one["KeyName"] not in known:
            there.create_key_pair(KeyName=one["KeyName"])
