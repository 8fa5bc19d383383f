"""Ways out of networks: internet and NAT gateways with their addresses, and the route tables that lead there.

Source: AWS CloudFormation template reference, AWS::EC2::RouteTable, Route, InternetGateway, EgressOnlyInternetGateway, NatGateway, EIP.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, OWNER, RUN_TIME, Kind
from cloudmigrate.domain.iac.kinds.ipv6 import block_key
from cloudmigrate.domain.iac.kinds.networks import SUBNET, is_main, routes_of
from cloudmigrate.domain.iac.model import TargetResource, keys_of
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, defaulted, told, transformed
from cloudmigrate.domain.iac.values import Came, Items, Leaf, Node, Origin, Ref

ROUTE_TABLE = "AWS::EC2::RouteTable"
DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
# Members of a route that say where it leads, how its id begins, and the property of CloudFormation; None: no code leads there.
WAYS: tuple[tuple[str, str, str | None], ...] = (
    ("GatewayId", "igw-", "GatewayId"),
    ("GatewayId", "vgw-", None),
    ("GatewayId", "vpce-", "VpcEndpointId"),
    ("NatGatewayId", "nat-", "NatGatewayId"),
    ("TransitGatewayId", "tgw-", "TransitGatewayId"),
    ("VpcPeeringConnectionId", "pcx-", "VpcPeeringConnectionId"),
    ("EgressOnlyInternetGatewayId", "eigw-", "EgressOnlyInternetGatewayId"),
    ("InstanceId", "i-", None),
    ("NetworkInterfaceId", "eni-", None),
    ("LocalGatewayId", "lgw-", None),
    ("CarrierGatewayId", "cagw-", None),
    ("CoreNetworkArn", "arn:", None),
)


def route_table(source: Source) -> Iterator[TargetResource]:
    """A route table with its routes, and the subnets that it is of."""
    source.value("Routes")
    made_of = [(number, one, _way(one)) for number, one in enumerate(routes_of(source.spec))]
    left = tuple(told(f"the route to {_destination(one)[1]} {why}", "Routes") for _, one, (_, _, why) in made_of if why)
    properties: dict[str, Node | None] = {
        "VpcId": source.referred("VpcId", where="targets.vpcs"),
        "Routes": Items(left) if left else None,
        "Tags": source.tags(),
    }
    made = source.target(ROUTE_TABLE, properties)
    yield made
    own = Leaf(Ref(made.key), transformed("RouteTableId", "the route table that it is of"))
    for _, one, (member, word, why) in made_of:
        if not why:
            yield _route(source, own, one, member, word)
    source.value("Associations")
    for subnet_id in _subnets(source):
        of = source.referred("Associations", subnet_id, where="targets.subnets")
        parts = {"RouteTableId": own, "SubnetId": of}
        yield source.target("AWS::EC2::SubnetRouteTableAssociation", parts, part=f"subnet/{subnet_id}", only_with=keys_of(of))


def _way(route: Mapping[str, Any]) -> tuple[str, str, str]:
    """The member of the source that says where a route leads, the property for it, and why there is none; empty where there is."""
    if route.get("State") == "blackhole":
        return "", "", "is left out: it leads nowhere (blackhole)"
    for member, begins, word in WAYS:
        target = str(route.get(member) or "")
        if target.startswith(begins):
            return member, word or "", "" if word else f"is left out: it leads to {target}; add it when the target has that"
    return "", "", "is left out: nobody knows where it leads"


def _destination(route: Mapping[str, Any]) -> tuple[str, str]:
    for word in (*DESTINATIONS, "DestinationPrefixListId"):
        if route.get(word):
            return word, str(route[word])
    return DESTINATIONS[0], ""


def _route(source: Source, own: Leaf, route: Mapping[str, Any], member: str, word: str) -> TargetResource:
    destination, where = _destination(route)
    target = str(route[member])
    leads_to = source.referred("Routes", target)
    to = (
        source.referred("Routes", where, where="targets.prefix_lists")
        if destination == "DestinationPrefixListId"
        else Leaf(where, Origin(Came.COPIED, "Routes"))
    )
    needs = _attachment(source, target)
    only_with = (*keys_of(leads_to), *keys_of(to), *needs)
    block = block_key(source, str(source.spec.get("VpcId"))) if destination == "DestinationIpv6CidrBlock" else None
    needs = (*needs, *((block,) if block else ()))
    properties = {"RouteTableId": own, destination: to, word: leads_to}
    name = f"{source.resource.name} {where}"
    return source.target("AWS::EC2::Route", properties, part=f"route/{where}", name=name, needs=needs, only_with=only_with)


def _attachment(source: Source, target: str) -> tuple[str, ...]:
    """Keys of what attaches a gateway to the VPC: routes to it work only after that."""
    own = source.spec.get("VpcId")
    if target.startswith("igw-"):
        gateways = source.relatives(source.resource, "AWS::EC2::InternetGateway")
        return tuple(f"{one.uid}#attachment" for one in gateways if one.spec.get("InternetGatewayId") == target)
    if target.startswith("tgw-"):
        attached = source.relatives(source.resource, "AWS::EC2::TransitGatewayAttachment")
        return tuple(one.uid for one in attached if (one.spec.get("TransitGatewayId"), one.spec.get("ResourceId")) == (target, own))
    return ()


def _subnets(source: Source) -> list[str]:
    """The subnets that a table is of; the main one is of all that name none."""
    named = [str(one["SubnetId"]) for one in source.spec.get("Associations") or () if one.get("SubnetId")]
    if not is_main(source.spec):
        return sorted(named)
    own = source.spec.get("VpcId")
    tables = [one.spec for one in source.relatives(source.resource, ROUTE_TABLE) if one.spec.get("VpcId") == own]
    taken = {one["SubnetId"] for table in tables for one in table.get("Associations") or () if one.get("SubnetId")}
    inside = [one.spec.get("SubnetId") for one in source.relatives(source.resource, SUBNET) if one.spec.get("VpcId") == own]
    return sorted({*named, *(str(one) for one in inside if one not in taken)})


def internet_gateway(source: Source) -> Iterator[TargetResource]:
    """The way into the internet, and the VPC that it is attached to."""
    made = source.target("AWS::EC2::InternetGateway", {"Tags": source.tags()})
    yield made
    for one in source.value("Attachments") or ():
        vpc = source.referred("Attachments", str(one["VpcId"]), where="targets.vpcs")
        own = Leaf(Ref(made.key), transformed("InternetGatewayId", "the gateway itself"))
        yield source.target("AWS::EC2::VPCGatewayAttachment", {"InternetGatewayId": own, "VpcId": vpc}, part="attachment")


def egress_only_gateway(source: Source) -> Iterator[TargetResource]:
    """The way out into the internet of IPv6."""
    attached = source.value("Attachments") or ()
    if not attached:
        raise NotGenerated("it is attached to no VPC")
    vpc = source.referred("Attachments", str(attached[0]["VpcId"]), where="targets.vpcs")
    yield source.target("AWS::EC2::EgressOnlyInternetGateway", {"VpcId": vpc, "Tags": source.tags()})


def nat_gateway(source: Source) -> Iterator[TargetResource]:
    """A NAT gateway in its subnet, with addresses of its own."""
    addresses = list(source.value("NatGatewayAddresses") or ())
    allocations = [str(one["AllocationId"]) for one in addresses if one.get("AllocationId")]
    subnet = source.referred("SubnetId", where="targets.subnets")
    others = source.all_referred("NatGatewayAddresses", allocations[1:], attribute="AllocationId")
    attachments = tuple(
        f"{one.uid}#attachment"
        for one in source.relatives(source.resource, "AWS::EC2::InternetGateway")
        if any(at.get("VpcId") == source.spec.get("VpcId") for at in one.spec.get("Attachments") or ())
    )
    source.value("VpcId")
    properties: dict[str, Node | None] = {
        "SubnetId": subnet,
        "ConnectivityType": source.copied("ConnectivityType"),
        "AllocationId": source.referred("NatGatewayAddresses", allocations[0], attribute="AllocationId") if allocations else None,
        "SecondaryAllocationIds": others,
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::NatGateway", properties, needs=attachments if allocations else (), only_with=keys_of(subnet))


def address(source: Source) -> Iterator[TargetResource]:
    """An elastic address: another one than the source's, which stays in its region."""
    source.value("PublicIp")
    properties: dict[str, Node | None] = {
        "Domain": source.copied("Domain") or defaulted("vpc", "every address is of a VPC"),
        "Address": told(f"{source.spec.get('PublicIp')} stays at the source: whoever allows it has to allow the new one", "PublicIp"),
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::EIP", properties)


KINDS = (
    Kind(
        ROUTE_TABLE,
        route_table,
        known_as=("RouteTableId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"RouteTableId": GIVEN, "OwnerId": OWNER, "PropagatingVgws": "virtual private gateways are not made"},
    ),
    Kind(
        "AWS::EC2::InternetGateway",
        internet_gateway,
        known_as=("InternetGatewayId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"InternetGatewayId": GIVEN, "OwnerId": OWNER},
    ),
    Kind(
        "AWS::EC2::EgressOnlyInternetGateway",
        egress_only_gateway,
        known_as=("EgressOnlyInternetGatewayId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"EgressOnlyInternetGatewayId": GIVEN, "OwnerId": OWNER},
    ),
    Kind(
        "AWS::EC2::NatGateway",
        nat_gateway,
        known_as=("NatGatewayId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "NatGatewayId": GIVEN,
            "State": RUN_TIME,
            "CreateTime": RUN_TIME,
            "AvailabilityMode": "it is in the zone of its subnet",
            "AutoScalingIps": RUN_TIME,
            "AutoProvisionZones": RUN_TIME,
        },
    ),
    Kind(
        "AWS::EC2::EIP",
        address,
        known_as=("AllocationId", "PublicIp"),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "AllocationId": GIVEN,
            "AssociationId": GIVEN,
            "InstanceId": "who has it asks for it",
            "NetworkInterfaceId": "who has it asks for it",
            "NetworkInterfaceOwnerId": OWNER,
            "PrivateIpAddress": "who has it asks for it",
            "PublicIpv4Pool": "addresses are AWS's",
            "NetworkBorderGroup": "that of the region",
            "ServiceManaged": RUN_TIME,
        },
    ),
)
