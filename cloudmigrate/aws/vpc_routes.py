"""How addresses of one VPC are reached from another, and which networks lie outside: from the inventory's route tables.

Where a transit gateway sends an address is in route tables of its own, which are not in the inventory: every VPC that is attached to it
counts as reachable, and the one that has the address is taken.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.resources import Resource

EVERYWHERE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class Networks:
    """Where VPCs' routes lead."""

    routes: tuple[tuple[str, str, str], ...]  # VPC, CIDR, peering connection or transit gateway
    members: tuple[tuple[str, str], ...]  # peering connection or transit gateway, VPC
    outside: tuple[str, ...]  # CIDRs of routes to transit gateways and VPN, and of prefix lists, that are no VPC of ours


def networks(resources: Iterable[Resource]) -> Networks:
    """Where the routes of every VPC lead, which VPCs lie there, and the known networks outside.

    A VPC of which no route table was seen is taken to have routes to all that it is joined with.
    """
    by_type: dict[str, list[Resource]] = defaultdict(list)
    for one in resources:
        by_type[one.type].append(one)
    members = _members(by_type)
    gateways = {gateway for gateway, _ in members}
    lists = {str(one.spec.get("PrefixListId")): _cidrs_of_list(one) for one in by_type["AWS::EC2::PrefixList"]}
    routes: set[tuple[str, str, str]] = set()
    outside: set[str] = {cidr for some in lists.values() for cidr in some}
    seen: set[str] = set()
    for table in by_type["AWS::EC2::RouteTable"]:
        vpc_id = str(table.spec.get("VpcId") or "")
        seen.add(vpc_id)
        for route in table.spec.get("Routes") or ():
            gateway, cidrs = _gateway(route), _cidrs(route, lists)
            if gateway in gateways:
                routes |= {(vpc_id, cidr, gateway) for cidr in cidrs}
            if gateway.startswith(("tgw-", "vgw-")):
                outside |= set(cidrs)
    routes |= {(vpc_id, cidr, gateway) for gateway, vpc_id in members if vpc_id not in seen for cidr in EVERYWHERE}
    return Networks(tuple(sorted(routes)), tuple(sorted(members)), tuple(sorted(outside - _own(by_type) - set(EVERYWHERE))))


def _members(by_type: Mapping[str, list[Resource]]) -> set[tuple[str, str]]:
    """The VPCs at each active peering connection and each transit gateway."""
    found: set[tuple[str, str]] = set()
    for one in by_type["AWS::EC2::VPCPeeringConnection"]:
        if (one.spec.get("Status") or {}).get("Code") == "active":
            ends = (str((one.spec.get(side) or {}).get("VpcId") or "") for side in ("RequesterVpcInfo", "AccepterVpcInfo"))
            found |= {(str(one.spec.get("VpcPeeringConnectionId")), vpc_id) for vpc_id in ends if vpc_id}
    for one in by_type["AWS::EC2::TransitGatewayAttachment"]:
        if one.spec.get("ResourceType") == "vpc":
            found.add((str(one.spec.get("TransitGatewayId")), str(one.spec.get("ResourceId"))))
    return found


def _gateway(route: Mapping[str, Any]) -> str:
    """What a route leads to; empty for a blackhole."""
    if route.get("State") == "blackhole":
        return ""
    return str(route.get("VpcPeeringConnectionId") or route.get("TransitGatewayId") or route.get("GatewayId") or "")


def _cidrs(route: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The networks that a route is for."""
    stated = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")
    return (str(stated),) if stated else lists.get(str(route.get("DestinationPrefixListId")), ())


def _cidrs_of_list(prefix_list: Resource) -> tuple[str, ...]:
    return tuple(str(entry["Cidr"]) for entry in prefix_list.spec.get("Entries") or () if entry.get("Cidr"))


def _own(by_type: Mapping[str, list[Resource]]) -> set[str]:
    """The CIDRs of the estate's own VPCs."""
    sets = (("CidrBlockAssociationSet", "CidrBlock"), ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"))
    return {str(entry.get(name)) for one in by_type["AWS::EC2::VPC"] for where, name in sets for entry in one.spec.get(where) or ()}
