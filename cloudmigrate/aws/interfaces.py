"""Which resource each network interface serves: from the inventory's specs, and what flow log records say themselves.

Sources: Amazon EC2 API reference, NetworkInterface (InterfaceType, Attachment, Description); the descriptions that services give their
interfaces are documented in "Requester-managed network interfaces" and in each service's guide.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cloudmigrate.aws.regions import partition_of
from cloudmigrate.domain.addresses import InterfaceHolder
from cloudmigrate.domain.resources import Resource

INTERFACE = "AWS::EC2::NetworkInterface"
UNTOLD = "interface"  # the kind of an interface that serves nobody known
# What telling an interface's holder needs of an inventory.
HOLDER_TYPES: tuple[str, ...] = (INTERFACE, "AWS::EC2::NatGateway", "AWS::EC2::VPCEndpoint", "AWS::RDS::DBInstance")
NETWORK_TYPES: tuple[str, ...] = (
    "AWS::EC2::VPC",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::RouteTable",
    "AWS::EC2::PrefixList",
)
# What has an address in a VPC by its nature; of a function only where its configuration names a VPC.
ADDRESSED_TYPES: tuple[str, ...] = (
    "AWS::EC2::Instance",
    "AWS::EC2::NatGateway",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::RDS::DBInstance",
    "AWS::ElastiCache::CacheCluster",
    "AWS::Lambda::Function",
)
_NAMED_OWNER = re.compile(r"^(?:(i-[0-9a-f]+)|ecs:([\w-]+)/([\w-]+))$")  # as interface_logs.owner_hint has it
# description -> kind and the ARN's resource part; {0}, {1} are what the pattern caught
_DESCRIBED: tuple[tuple[re.Pattern[str], str, str, str], ...] = (
    (re.compile(r"^ELB ((?:app|net|gwy)/[^/]+/[0-9a-f]+)$"), "load_balancer", "elasticloadbalancing", "loadbalancer/{0}"),
    (re.compile(r"^ELB ([^/ ]+)$"), "load_balancer", "elasticloadbalancing", "loadbalancer/{0}"),
    (
        re.compile(r"^AWS Lambda VPC ENI-(.+)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
        "lambda",
        "lambda",
        "function:{0}",
    ),
    (re.compile(r"^EFS mount target for (fs-[0-9a-f]+)"), "efs", "elasticfilesystem", "file-system/{0}"),
    (re.compile(r"^ElastiCache (\S+)$"), "cache", "elasticache", "cluster:{0}"),
    (re.compile(r"^Amazon EKS (\S+)$"), "eks", "eks", "cluster/{0}"),
    (
        re.compile(r"^Network Interface for Transit Gateway Attachment (tgw-attach-[0-9a-f]+)$"),
        "transit_gateway",
        "ec2",
        "transit-gateway-attachment/{0}",
    ),
)


def holders(resources: Iterable[Resource]) -> Iterator[InterfaceHolder]:
    """Every network interface with the resource that it serves; its own uid where that cannot be told."""
    by_type: dict[str, list[Resource]] = defaultdict(list)
    for one in resources:
        by_type[one.type].append(one)
    named = _named_by_their_services(by_type)
    databases = _databases(by_type["AWS::RDS::DBInstance"])
    for one in by_type[INTERFACE]:
        spec = one.spec
        interface_id = str(spec.get("NetworkInterfaceId"))
        kind, uid = named.get(interface_id) or _holder(one, databases)
        addresses = [str(entry.get("PrivateIpAddress")) for entry in spec.get("PrivateIpAddresses") or () if entry.get("PrivateIpAddress")]
        addresses += [str(entry.get("Ipv6Address")) for entry in spec.get("Ipv6Addresses") or () if entry.get("Ipv6Address")]
        yield InterfaceHolder(
            interface_id=interface_id,
            account_id=one.account_id,
            region=one.region,
            vpc_id=str(spec.get("VpcId") or ""),
            subnet_id=str(spec.get("SubnetId") or ""),
            addresses=tuple(dict.fromkeys(addresses)),
            public_addresses=_public(spec),
            holder_uid=uid,
            kind=kind,
            attached_at=_instant((spec.get("Attachment") or {}).get("AttachTime")),
        )


def owner_of(hint: str, *, account_id: str, region: str) -> str | None:
    """The uid of the owner that flow log records name: an instance id, or ``ecs:<cluster>/<service>``; None for anything else."""
    found = _NAMED_OWNER.match(hint)
    if found is None:
        return None
    instance, cluster, service = found.groups()
    place = f"{region}:{account_id}"
    if instance:
        return f"arn:{partition_of(region)}:ec2:{place}:instance/{instance}"
    return f"arn:{partition_of(region)}:ecs:{place}:service/{cluster}/{service}"


def with_owners(holders: Iterable[InterfaceHolder], owners: Mapping[str, str]) -> Iterator[InterfaceHolder]:
    """*holders*, where the inventory does not tell whom an interface serves as the records do (interface -> uid)."""
    for one in holders:
        uid = owners.get(one.interface_id) if one.kind == UNTOLD else None
        yield replace(one, holder_uid=uid, kind="ecs" if ":ecs:" in uid else "instance") if uid else one


def addressed(resources: Iterable[Resource]) -> Iterator[str]:
    """The uids of resources of `ADDRESSED_TYPES` that have an address in a VPC, whether or not an interface of theirs was seen."""
    for one in resources:
        if one.type != "AWS::Lambda::Function" or (one.spec.get("VpcConfig") or {}).get("VpcId"):
            yield one.uid


def _named_by_their_services(by_type: Mapping[str, list[Resource]]) -> dict[str, tuple[str, str]]:
    """Interface id -> kind and uid, where a service's own answer lists its interfaces."""
    found: dict[str, tuple[str, str]] = {}
    for one in by_type.get("AWS::EC2::NatGateway", ()):
        for entry in one.spec.get("NatGatewayAddresses") or ():
            found[str(entry.get("NetworkInterfaceId"))] = ("nat", one.uid)
    for one in by_type.get("AWS::EC2::VPCEndpoint", ()):
        for interface_id in one.spec.get("NetworkInterfaceIds") or ():
            found[str(interface_id)] = ("endpoint", one.uid)
    return found


def _databases(rows: Iterable[Resource]) -> dict[tuple[str, frozenset[str]], list[Resource]]:
    """RDS instances by VPC and security groups, which their interfaces have in common with them."""
    found: dict[tuple[str, frozenset[str]], list[Resource]] = defaultdict(list)
    for one in rows:
        groups = frozenset(str(entry.get("VpcSecurityGroupId")) for entry in one.spec.get("VpcSecurityGroups") or ())
        found[str((one.spec.get("DBSubnetGroup") or {}).get("VpcId") or ""), groups].append(one)
    return found


def _may_lie_in(database: Resource, zone: str | None, subnet_id: str | None) -> bool:
    """Whether a database may have an interface in that zone and subnet; what is not stated rules nothing out."""
    zones = {database.spec.get(name) for name in ("AvailabilityZone", "SecondaryAvailabilityZone")} - {None}
    subnets = {entry.get("SubnetIdentifier") for entry in (database.spec.get("DBSubnetGroup") or {}).get("Subnets") or ()}
    return (not zone or not zones or zone in zones) and (not subnet_id or not subnets or subnet_id in subnets)


def _holder(one: Resource, databases: Mapping[tuple[str, frozenset[str]], list[Resource]]) -> tuple[str, str]:
    spec = one.spec
    partition = one.uid.split(":")[1] if one.uid.startswith("arn:") else "aws"

    def arn(service: str, resource: str) -> str:
        return f"arn:{partition}:{service}:{one.region}:{one.account_id}:{resource}"

    tags = {entry.get("Key"): entry.get("Value") for entry in spec.get("TagSet") or ()}
    if tags.get("aws:ecs:serviceName") and tags.get("aws:ecs:clusterName"):  # a task's own, though it be attached to an instance
        return "ecs", arn("ecs", f"service/{tags['aws:ecs:clusterName']}/{tags['aws:ecs:serviceName']}")
    instance = (spec.get("Attachment") or {}).get("InstanceId")
    if instance:
        return "instance", arn("ec2", f"instance/{instance}")
    description = str(spec.get("Description") or "")
    for pattern, kind, service, resource in _DESCRIBED:
        caught = pattern.match(description)
        if caught:
            return kind, arn(service, resource.format(*caught.groups()))
    if description == "RDSNetworkInterface":
        groups = frozenset(str(entry.get("GroupId")) for entry in spec.get("Groups") or ())
        same_groups = databases.get((str(spec.get("VpcId") or ""), groups), [])
        candidates = [row for row in same_groups if _may_lie_in(row, spec.get("AvailabilityZone"), spec.get("SubnetId"))]
        if len(candidates) == 1:
            return "rds", candidates[0].uid
    return UNTOLD, one.uid


def _public(spec: Mapping[str, Any]) -> tuple[str, ...]:
    found = [(spec.get("Association") or {}).get("PublicIp")]
    found += [(entry.get("Association") or {}).get("PublicIp") for entry in spec.get("PrivateIpAddresses") or ()]
    return tuple(dict.fromkeys(str(one) for one in found if one))


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
