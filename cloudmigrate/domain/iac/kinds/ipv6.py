"""IPv6: AWS gives a VPC of the target a /56 of its own, and each subnet gets a /64 of it, at the place that it has at the source.

Source: Amazon VPC user guide, "IP addressing for your VPCs and subnets"; AWS CloudFormation user guide, "Fn::Cidr".
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, told, transformed
from cloudmigrate.domain.iac.values import Leaf, Node, Ref, Slash64
from cloudmigrate.domain.resources import Resource

VPC, SUBNET, CIDR_BLOCK = "AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::VPCCidrBlock"
MEMBER = "Ipv6CidrBlockAssociationSet"
MOST_SUBNETS = 256  # /64 of a /56


def block_of_vpc(source: Source, made: TargetResource, own: Leaf) -> Iterator[TargetResource]:
    """The addresses that AWS gives the VPC, where the source has some."""
    source.value(MEMBER)
    if blocks_of(source.spec):
        provided = Leaf(value=True, origin=transformed(MEMBER, "AWS gives the VPC addresses of its own, as it did to the source"))
        yield source.target(CIDR_BLOCK, {"VpcId": own, "AmazonProvidedIpv6CidrBlock": provided}, part="ipv6", together_with=made.key)


def block_key(source: Source, vpc_id: str) -> str | None:
    """The key of the addresses of a VPC of that id that is made; None where it has none."""
    vpc = next(iter(source.having(VPC, "VpcId", vpc_id)), None)
    return f"{vpc.uid}#ipv6" if vpc is not None and blocks_of(vpc.spec) else None


def blocks_of(spec: Mapping[str, Any]) -> list[str]:
    """The ranges of IPv6 that a VPC or subnet has now."""
    return [
        str(one["Ipv6CidrBlock"])
        for one in spec.get(MEMBER) or ()
        if one.get("Ipv6CidrBlock") and (one.get("Ipv6CidrBlockState") or {}).get("State", "associated") == "associated"
    ]


def of_subnet(source: Source) -> dict[str, Node | None]:
    """What a subnet of a VPC that is made says of IPv6; nothing where it has none."""
    native, assigns, dns64 = (source.value(word) for word in ("Ipv6Native", "AssignIpv6AddressOnCreation", "EnableDns64"))
    source.value(MEMBER)
    if not blocks_of(source.spec):
        return {}
    key, number = block_key(source, str(source.spec["VpcId"])), _place(source)
    if key is None or number >= MOST_SUBNETS:
        why = "its VPC has no addresses of IPv6" if key is None else f"it is number {number + 1}, and a VPC of the target has 256 of /64"
        return {"Ipv6CidrBlock": told(f"{why}: the subnet gets none", MEMBER)}
    rule = f"/64 number {number} of the addresses that AWS gives the VPC; it has that place at the source, unless two have one place there"
    return {
        "Ipv6CidrBlock": Leaf(Slash64(Ref(key, "Ipv6CidrBlock"), number), transformed(MEMBER, rule)),
        "AssignIpv6AddressOnCreation": source.copied("AssignIpv6AddressOnCreation") if assigns or native else None,
        "EnableDns64": source.copied("EnableDns64") if dns64 else None,
        "Ipv6Native": source.copied("Ipv6Native") if native else None,
    }


def needs_of(properties: Mapping[str, Node | None]) -> tuple[str, ...]:
    """Keys of what has to be there before a subnet with these properties: CloudFormation does not see that it waits for addresses."""
    leaf = properties.get("Ipv6CidrBlock")
    return (leaf.value.of.key,) if isinstance(leaf, Leaf) and isinstance(leaf.value, Slash64) and isinstance(leaf.value.of, Ref) else ()


def _place(source: Source) -> int:
    """The place of a subnet's addresses among those of its VPC; where two have the same, by their ids."""
    own = str(source.spec["VpcId"])
    beside = sorted(
        (one for one in source.having(SUBNET, "VpcId", own) if blocks_of(one.spec)), key=lambda one: str(one.spec.get("SubnetId"))
    )
    places = [_eight_bits(one) for one in beside]
    ids = [one.uid for one in beside]
    at = ids.index(source.resource.uid)
    return places[at] if len(set(places)) == len(places) else at


def _eight_bits(subnet: Resource) -> int:
    """The last eight bits of the network of a subnet's first range, which tell it from others of a /56."""
    network = ipaddress.IPv6Network(blocks_of(subnet.spec)[0], strict=False)
    return (int(network.network_address) >> 64) & (MOST_SUBNETS - 1)
