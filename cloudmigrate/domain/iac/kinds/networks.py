"""Networks: VPCs with their address ranges, and subnets.

A VPC that the estate file maps is not made, nor is anything of it but security groups. One that is made has all its parts made with it.
Source: AWS CloudFormation template reference, AWS::EC2::VPC, VPCCidrBlock, Subnet.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, OWNER, RUN_TIME, Kind
from cloudmigrate.domain.iac.kinds.dhcp import told_to_hosts
from cloudmigrate.domain.iac.kinds.ipv6 import block_of_vpc, needs_of, of_subnet
from cloudmigrate.domain.iac.kinds.network_acls import allows_all
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, branch, transformed
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin, Ref, Zone
from cloudmigrate.domain.resources import Resource

VPC, SUBNET = "AWS::EC2::VPC", "AWS::EC2::Subnet"
# What lies in a VPC, and is made with one that is made.
LINKS = (
    "AWS::EC2::InternetGateway",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::FlowLog",
)
PARTS = (SUBNET, "AWS::EC2::RouteTable", "AWS::EC2::NetworkAcl", "AWS::EC2::NatGateway", "AWS::EC2::VPCEndpoint", *LINKS)


def vpc(source: Source) -> Iterator[TargetResource]:
    """A network with its address ranges; all that lies in it is asked for."""
    mapped = _mapped_subnet(source, str(source.spec["VpcId"]))
    if mapped:
        raise NotGenerated(f"targets.subnets maps {mapped}, which is in it: map the VPC in targets.vpcs too")
    properties: dict[str, Node | None] = {
        "CidrBlock": source.copied("CidrBlock"),
        "EnableDnsHostnames": source.copied("EnableDnsHostnames"),
        "EnableDnsSupport": source.copied("EnableDnsSupport"),
        "InstanceTenancy": source.copied("InstanceTenancy"),
        "Tags": source.tags(),
    }
    made = source.target(VPC, properties)
    yield made
    own = Leaf(Ref(made.key), transformed("VpcId", "the VPC that it is of"))
    for one in source.value("CidrBlockAssociationSet") or ():
        block = str(one.get("CidrBlock", ""))
        state = (one.get("CidrBlockState") or {}).get("State", "associated")
        if block != source.spec.get("CidrBlock") and state == "associated":
            cidr = Leaf(block, Origin(Came.COPIED, "CidrBlockAssociationSet"))
            yield source.target("AWS::EC2::VPCCidrBlock", {"VpcId": own, "CidrBlock": cidr}, part=block)
    yield from block_of_vpc(source, made, own)
    yield from told_to_hosts(source, own)
    for type_ in PARTS:
        for part in source.relatives(source.resource, type_):
            if _is_part(source, part):
                source.wants(part)


def _mapped_subnet(source: Source, vpc_id: str) -> str:
    """A subnet of the VPC that the estate file maps; empty if it maps none."""
    inside = (str(one.spec.get("SubnetId")) for one in source.relatives(source.resource, SUBNET) if one.spec.get("VpcId") == vpc_id)
    return next((one for one in inside if one in source.policy.subnets), "")


def _is_part(source: Source, part: Resource) -> bool:
    """Whether a thing is in the VPC, and is not made by AWS with it."""
    own, spec = source.spec["VpcId"], part.spec
    if part.type in LINKS:
        return _is_linked(source, part)
    if spec.get("VpcId") != own:
        return False
    if part.type == "AWS::EC2::NetworkAcl":
        return not (spec.get("IsDefault") and allows_all(spec))
    return not (part.type == "AWS::EC2::RouteTable" and is_main(spec) and not routes_of(spec)) and not spec.get("RequesterManaged")


def _is_linked(source: Source, part: Resource) -> bool:
    """Whether a thing that names the VPC in another way is of it."""
    own, spec = source.spec["VpcId"], part.spec
    if part.type in ("AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway"):
        return any(one.get("VpcId") == own for one in spec.get("Attachments") or ())
    if part.type == "AWS::EC2::VPCPeeringConnection":
        return own in ((spec.get("RequesterVpcInfo") or {}).get("VpcId"), (spec.get("AccepterVpcInfo") or {}).get("VpcId"))
    if part.type == "AWS::EC2::TransitGatewayAttachment":
        return bool(spec.get("ResourceId") == own)
    inside = {one.spec.get("SubnetId") for one in source.relatives(source.resource, SUBNET) if one.spec.get("VpcId") == own}
    return spec.get("ResourceId") in {own, *inside}


def is_main(spec: Mapping[str, Any]) -> bool:
    """Whether a route table is that of all subnets which name none."""
    return any(one.get("Main") for one in spec.get("Associations") or ())


def routes_of(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The routes of a table that somebody made: not those that AWS gives, an endpoint writes, or a gateway propagates."""
    return [
        one
        for one in spec.get("Routes") or ()
        if one.get("Origin") not in ("CreateRouteTable", "EnableVgwRoutePropagation")
        and one.get("GatewayId") != "local"
        and not (one.get("DestinationPrefixListId") and str(one.get("GatewayId", "")).startswith("vpce-"))
    ]


def subnet(source: Source) -> Iterator[TargetResource]:
    """A subnet of a VPC that is made, in the zone of the same letter."""
    where = source.referred("VpcId", where="targets.vpcs")
    if where is None or not isinstance(where.value, Ref):
        raise NotGenerated(f"its VPC is not made by this code ({where.origin.says if where else 'none'}): map it in targets.subnets")
    mapped = _mapped_subnet(source, str(source.spec["VpcId"]))
    if mapped:
        raise NotGenerated(f"targets.subnets maps {mapped} of the same VPC: map this one too")
    zone = str(source.value("AvailabilityZone") or "")
    number = max(ord(zone[-1:] or "a") - ord("a"), 0)
    source.read |= {"AvailabilityZoneId"}
    properties: dict[str, Node | None] = {
        "VpcId": where,
        "CidrBlock": source.copied("CidrBlock"),
        "AvailabilityZone": Leaf(Zone(number), transformed("AvailabilityZone", f"the zone of the region at the place of {zone}")),
        "MapPublicIpOnLaunch": source.copied("MapPublicIpOnLaunch"),
        **of_subnet(source),
        "PrivateDnsNameOptionsOnLaunch": host_names(source, "PrivateDnsNameOptionsOnLaunch", aaaa=False),
        "Tags": source.tags(),
    }
    yield source.target(SUBNET, properties, needs=needs_of(properties))


def host_names(source: Source, path: str, *, aaaa: bool) -> Node | None:
    """How hosts are named, where it is not as AWS does by itself."""
    given = source.value(path) or {}
    if given.get("HostnameType", "ip-name") == "ip-name" and not given.get("EnableResourceNameDnsARecord"):
        return None
    return branch(
        HostnameType=source.copied(f"{path}.HostnameType"),
        EnableResourceNameDnsARecord=source.copied(f"{path}.EnableResourceNameDnsARecord"),
        EnableResourceNameDnsAAAARecord=source.copied(f"{path}.EnableResourceNameDnsAAAARecord") if aaaa else None,
    )


KINDS = (
    Kind(
        VPC,
        vpc,
        asks_for=("VpcId", "CidrBlock"),
        known_as=("VpcId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "VpcId": GIVEN,
            "State": RUN_TIME,
            "OwnerId": OWNER,
            "IsDefault": "code makes no default VPC: the target is an ordinary one with the same addresses",
            "BlockPublicAccessStates": "a setting of its account",
        },
    ),
    Kind(
        SUBNET,
        subnet,
        asks_for=("SubnetId", "VpcId"),
        known_as=("SubnetId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "SubnetId": GIVEN,
            "SubnetArn": GIVEN,
            "State": RUN_TIME,
            "AvailableIpAddressCount": RUN_TIME,
            "OwnerId": OWNER,
            "DefaultForAz": "code makes no default subnet",
            "BlockPublicAccessStates": "a setting of its account",
        },
    ),
)
