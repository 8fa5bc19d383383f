"""Where the demo moves to: for each network one of the same shape in another region, with the key pairs and groups that are named."""

from collections.abc import Iterable, Mapping
from typing import Any

from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.simulate.estate.parts import DATA

TARGET_REGION = "eu-west-1"
ARTIFACTS = "acme-artifacts-eu-west-1"  # where packages of functions are copied to
KEY_ALIAS = "alias/cloudmigrate-demo"  # what copies are encrypted with, in each account


def prepare_landing_zone(
    sessions: AwsSessions, places: Iterable[tuple[str, str]], *, region: str = TARGET_REGION
) -> dict[str, dict[str, str]]:
    """What the estate file's `targets` maps: source VPC -> target VPC, likewise subnets and the groups of databases.

    Made in each place's account.
    """
    vpcs: dict[str, str] = {}
    subnets: dict[str, str] = {}
    subnet_groups: dict[str, str] = {}
    parameter_groups: dict[str, str] = {}
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
    _artifacts(sessions.client(DATA, "s3", region), region)
    return {"vpcs": vpcs, "subnets": subnets, "subnet_groups": subnet_groups, "parameter_groups": parameter_groups}


def _artifacts(there: Any, region: str) -> None:
    if all(one["Name"] != ARTIFACTS for one in there.list_buckets()["Buckets"]):
        there.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": region})


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
