"""Which resource each network interface serves, and how VPCs reach one another: from the inventory's specs alone.

Sources: Amazon EC2 API reference, NetworkInterface (InterfaceType, Attachment, Description); the descriptions that services give their
interfaces are documented in "Requester-managed network interfaces" and in each service's guide.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudmigrate.domain.addresses import InterfaceHolder
from cloudmigrate.domain.resources import Resource

INTERFACE = "AWS::EC2::NetworkInterface"
# What telling an interface's holder needs of an inventory.
HOLDER_TYPES: tuple[str, ...] = (
    INTERFACE,
    "AWS::EC2::NatGateway",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::EIP",
    "AWS::RDS::DBInstance",
    "AWS::ElastiCache::CacheCluster",
)
NETWORK_TYPES: tuple[str, ...] = (
    "AWS::EC2::VPC",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::RouteTable",
    "AWS::EC2::PrefixList",
)
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


@dataclass(frozen=True, slots=True)
class Networks:
    """How addresses of one VPC are reached from another, and which networks lie outside."""

    reach: tuple[tuple[str, str], ...]  # (VPC, VPC that it has a route to by peering or transit gateway), both ways listed
    outside: tuple[str, ...]  # CIDRs of routes to transit gateways and VPN, and of prefix lists, that are no VPC of ours


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


def networks(resources: Iterable[Resource]) -> Networks:
    """Which VPCs have a route to which, by active peering or a shared transit gateway, and the known networks outside."""
    rows = list(resources)
    tables = [one for one in rows if one.type == "AWS::EC2::RouteTable"]
    routes: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for table in tables:
        routes[str(table.spec.get("VpcId") or "")] += [one for one in table.spec.get("Routes") or () if one.get("State") != "blackhole"]
    pairs: set[tuple[str, str]] = set()
    for one in rows:
        if one.type == "AWS::EC2::VPCPeeringConnection" and (one.spec.get("Status") or {}).get("Code") == "active":
            ends = [str((one.spec.get(side) or {}).get("VpcId") or "") for side in ("RequesterVpcInfo", "AccepterVpcInfo")]
            if all(ends):
                pairs |= {(ends[0], ends[1]), (ends[1], ends[0])}
    attached: dict[str, set[str]] = defaultdict(set)
    for one in rows:
        if one.type == "AWS::EC2::TransitGatewayAttachment" and one.spec.get("ResourceType") == "vpc":
            attached[str(one.spec.get("TransitGatewayId"))].add(str(one.spec.get("ResourceId")))
    for gateway, members in attached.items():
        routed = {vpc for vpc in members if not routes[vpc] or any(route.get("TransitGatewayId") == gateway for route in routes[vpc])}
        pairs |= {(a, b) for a in routed for b in members if a != b}
    own = {
        str(entry.get("CidrBlock"))
        for one in rows
        if one.type == "AWS::EC2::VPC"
        for entry in one.spec.get("CidrBlockAssociationSet") or ()
    }
    outside: set[str] = set()
    for some in routes.values():
        for route in some:
            leads_out = route.get("TransitGatewayId") or str(route.get("GatewayId") or "").startswith("vgw-")
            cidr = route.get("DestinationCidrBlock")
            if leads_out and cidr and cidr != "0.0.0.0/0":
                outside.add(str(cidr))
    for one in rows:
        if one.type == "AWS::EC2::PrefixList":
            outside |= {str(entry.get("Cidr")) for entry in one.spec.get("Entries") or () if entry.get("Cidr")}
    return Networks(tuple(sorted(pairs)), tuple(sorted(outside - own - {"0.0.0.0/0", "::/0"})))


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
    """RDS instances by VPC and security groups: all that their interfaces have in common with them."""
    found: dict[tuple[str, frozenset[str]], list[Resource]] = defaultdict(list)
    for one in rows:
        groups = frozenset(str(entry.get("VpcSecurityGroupId")) for entry in one.spec.get("VpcSecurityGroups") or ())
        found[str((one.spec.get("DBSubnetGroup") or {}).get("VpcId") or ""), groups].append(one)
    return found


def _holder(one: Resource, databases: Mapping[tuple[str, frozenset[str]], list[Resource]]) -> tuple[str, str]:
    spec = one.spec
    partition = one.uid.split(":")[1] if one.uid.startswith("arn:") else "aws"

    def arn(service: str, resource: str) -> str:
        return f"arn:{partition}:{service}:{one.region}:{one.account_id}:{resource}"

    instance = (spec.get("Attachment") or {}).get("InstanceId")
    if instance:
        return "instance", arn("ec2", f"instance/{instance}")
    description = str(spec.get("Description") or "")
    tags = {entry.get("Key"): entry.get("Value") for entry in spec.get("TagSet") or ()}
    if tags.get("aws:ecs:serviceName") and tags.get("aws:ecs:clusterName"):
        return "ecs", arn("ecs", f"service/{tags['aws:ecs:clusterName']}/{tags['aws:ecs:serviceName']}")
    for pattern, kind, service, resource in _DESCRIBED:
        caught = pattern.match(description)
        if caught:
            return kind, arn(service, resource.format(*caught.groups()))
    if description == "RDSNetworkInterface":
        groups = frozenset(str(entry.get("GroupId")) for entry in spec.get("Groups") or ())
        candidates = databases.get((str(spec.get("VpcId") or ""), groups), [])
        if len(candidates) == 1:
            return "rds", candidates[0].uid
    return "interface", one.uid


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
