"""Where the demo's servers move to: for each of their networks one of the same shape in another region, with the key pairs they name."""

from collections.abc import Iterable, Mapping
from typing import Any

from cloudmigrate.aws.sessions import AwsSessions

TARGET_REGION = "eu-west-1"


def prepare_landing_zone(
    sessions: AwsSessions, places: Iterable[tuple[str, str]], *, region: str = TARGET_REGION
) -> dict[str, dict[str, str]]:
    """What the estate file's `targets` maps: source VPC -> target VPC, source subnet -> target subnet. Made in each place's account."""
    vpcs: dict[str, str] = {}
    subnets: dict[str, str] = {}
    for account_id, source_region in places:
        here, there = (sessions.client(account_id, "ec2", one) for one in (source_region, region))
        for vpc in here.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]:
            vpcs[vpc["VpcId"]] = _vpc(there, vpc)
            of_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
            for subnet in here.describe_subnets(Filters=of_vpc)["Subnets"]:
                subnets[subnet["SubnetId"]] = _subnet(there, vpcs[vpc["VpcId"]], subnet, region)
        _key_pairs(here, there)
    return {"vpcs": vpcs, "subnets": subnets}


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
