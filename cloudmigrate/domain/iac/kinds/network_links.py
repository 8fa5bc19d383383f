"""What ties networks together and to services: endpoints, peering connections, transit gateways and their attachments.

Source: AWS CloudFormation template reference, AWS::EC2::VPCEndpoint, VPCPeeringConnection, TransitGateway, TransitGatewayAttachment.
"""

import json
from collections.abc import Iterator
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, OWNER, RUN_TIME, Kind
from cloudmigrate.domain.iac.kinds.networks import SUBNET, VPC
from cloudmigrate.domain.iac.model import Place, TargetResource, keys_of
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, defaulted, transformed
from cloudmigrate.domain.iac.values import Here, Items, Joined, Leaf, Node, Ref

GROUP, TRANSIT_GATEWAY = "AWS::EC2::SecurityGroup", "AWS::EC2::TransitGateway"


def endpoint(source: Source) -> Iterator[TargetResource]:
    """A private way from a VPC to a service of AWS: the same service in the target's region."""
    kind = str(source.value("VpcEndpointType") or "Gateway")
    given = source.value("PolicyDocument")
    groups = [str(one["GroupId"]) for one in source.value("Groups") or ()]
    properties: dict[str, Node | None] = {
        "VpcId": source.referred("VpcId", where="targets.vpcs"),
        "ServiceName": _service(source, kind),
        "VpcEndpointType": source.copied("VpcEndpointType"),
        "PolicyDocument": source.rewritten("PolicyDocument", json.loads(given) if isinstance(given, str) and given else given),
        "RouteTableIds": source.all_referred("RouteTableIds", source.value("RouteTableIds") or ()),
        "SubnetIds": source.all_referred("SubnetIds", source.value("SubnetIds") or (), where="targets.subnets"),
        "SecurityGroupIds": source.all_referred("Groups", groups, where="targets.security_groups"),
        **{word: source.copied(word) for word in ("PrivateDnsEnabled", "IpAddressType") if kind == "Interface"},
        "Tags": source.tags(),
    }
    source.read |= {"PrivateDnsEnabled", "IpAddressType"}
    yield source.target("AWS::EC2::VPCEndpoint", properties)


def _service(source: Source, kind: str) -> Leaf:
    name = str(source.value("ServiceName") or "")
    region = source.resource.region
    if ".vpce-svc-" in name or kind not in ("Gateway", "Interface"):
        raise NotGenerated(
            f"{name or kind} is no service of AWS: ask its owner for its name in {source.place.region}, and make the endpoint"
        )
    before, found, after = name.partition(f".{region}.")
    if not found:
        return Leaf(name, transformed("ServiceName", "a service that is the same in every region"))
    return Leaf(Joined((f"{before}.", Here.REGION, f".{after}")), transformed("ServiceName", "the same service in the target's region"))


def peering(source: Source) -> Iterator[TargetResource]:
    """A link of two VPCs that both are in the target."""
    sides = [source.value(one) or {} for one in ("RequesterVpcInfo", "AccepterVpcInfo")]
    ids = [str(one.get("VpcId", "")) for one in sides]
    known = [source.look(source.resource, one, VPC) for one in ids]
    for side, vpc_id, one in zip(sides, ids, known, strict=True):
        if one is None:
            owner, region = side.get("OwnerId", "?"), side.get("Region", "?")
            raise NotGenerated(
                f"its other side {vpc_id} (account {owner}, {region}) is not in the inventory: "
                "map it in targets.vpcs, or ask its owner to peer anew"
            )
    places = {_place(source, side) for side in sides}
    if len(places) > 1:
        raise NotGenerated("its sides are in two accounts or regions of the target: ask for it on one side and accept it on the other")
    requester, accepter = (
        Leaf(Ref(one.key), transformed(member, "the VPC of the target that stands for it"))
        if one is not None and one.key is not None
        else Leaf(one.literal if one else None, transformed(member, one.rule if one else ""))
        for one, member in zip(known, ("RequesterVpcInfo", "AccepterVpcInfo"), strict=True)
    )
    properties: dict[str, Node | None] = {"VpcId": requester, "PeerVpcId": accepter, "Tags": source.tags()}
    yield source.target("AWS::EC2::VPCPeeringConnection", properties, only_with=(*keys_of(requester), *keys_of(accepter)))


def _place(source: Source, side: Any) -> Place:
    account = source.policy.account or str(side.get("OwnerId") or source.resource.account_id)
    return Place(account, source.policy.region or str(side.get("Region") or source.resource.region))


def transit_gateway(source: Source) -> Iterator[TargetResource]:
    """A hub of networks. What hangs on it by VPN or Direct Connect, and route tables of its own, are not made."""
    owner = source.value("OwnerId")
    if owner not in (None, source.resource.account_id):
        raise NotGenerated(
            f"account {owner} shares it: have one of {source.place.region} shared with the target, and attach the VPCs to it"
        )
    options = source.value("Options") or {}
    words = (
        "AmazonSideAsn",
        "AutoAcceptSharedAttachments",
        "DefaultRouteTableAssociation",
        "DefaultRouteTablePropagation",
        "DnsSupport",
        "VpnEcmpSupport",
        "MulticastSupport",
        "SecurityGroupReferencingSupport",
        "TransitGatewayCidrBlocks",
    )
    properties: dict[str, Node | None] = {
        "Description": source.copied("Description"),
        **{word: source.copied(f"Options.{word}") for word in words if options.get(word) not in (None, "", [])},
        "Tags": source.tags(),
    }
    yield source.target(TRANSIT_GATEWAY, properties)


def attachment(source: Source) -> Iterator[TargetResource]:
    """A VPC on a hub."""
    kind = source.value("ResourceType")
    if kind != "vpc":
        raise NotGenerated(f"it attaches a {kind}, of which nothing is made: set it up anew, as it leads out of AWS or to another region")
    gateway = source.referred("TransitGatewayId")
    vpc_id = str(source.value("ResourceId"))
    vpc = source.referred("ResourceId", where="targets.vpcs")
    subnets = _one_of_each_zone(source, vpc_id)
    if not subnets:
        raise NotGenerated(f"no subnet of {vpc_id} is in the inventory: it is attached by one in each zone")
    why = "which subnets the source is attached by is not told: one of each zone, first those that give no public address"
    ids = source.all_referred("ResourceId", subnets, where="targets.subnets")
    properties: dict[str, Node | None] = {
        "TransitGatewayId": gateway,
        "VpcId": vpc,
        "SubnetIds": _defaulted(ids, why),
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::TransitGatewayAttachment", properties, only_with=(*keys_of(gateway), *keys_of(vpc)))


def _defaulted(items: Items | None, why: str) -> Items | None:
    return None if items is None else Items(tuple(defaulted(one.value, why) if isinstance(one, Leaf) else one for one in items.items))


def _one_of_each_zone(source: Source, vpc_id: str) -> list[str]:
    chosen: dict[str, str] = {}
    inside = [one for one in source.relatives(source.resource, SUBNET) if one.spec.get("VpcId") == vpc_id]
    for one in sorted(inside, key=lambda subnet: (bool(subnet.spec.get("MapPublicIpOnLaunch")), str(subnet.spec.get("SubnetId")))):
        chosen.setdefault(str(one.spec.get("AvailabilityZone")), str(one.spec.get("SubnetId")))
    return [chosen[zone] for zone in sorted(chosen)]


KINDS = (
    Kind(
        "AWS::EC2::VPCEndpoint",
        endpoint,
        known_as=("VpcEndpointId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "VpcEndpointId": GIVEN,
            "State": RUN_TIME,
            "CreationTimestamp": RUN_TIME,
            "DnsEntries": GIVEN,
            "NetworkInterfaceIds": GIVEN,
            "OwnerId": OWNER,
            "RequesterManaged": RUN_TIME,
            "LastError": RUN_TIME,
            "DnsOptions": "as AWS has it by itself",
            "Ipv4Prefixes": GIVEN,
            "Ipv6Prefixes": GIVEN,
            "ServiceRegion": "the region of its target",
        },
    ),
    Kind(
        "AWS::EC2::VPCPeeringConnection",
        peering,
        known_as=("VpcPeeringConnectionId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"VpcPeeringConnectionId": GIVEN, "Status": RUN_TIME, "ExpirationTime": RUN_TIME},
    ),
    Kind(
        TRANSIT_GATEWAY,
        transit_gateway,
        known_as=("TransitGatewayId",),
        is_shared=True,
        stays_in_place=True,
        arn="TransitGatewayArn",
        not_configuration={"TransitGatewayId": GIVEN, "TransitGatewayArn": GIVEN, "State": RUN_TIME, "CreationTime": RUN_TIME},
    ),
    Kind(
        "AWS::EC2::TransitGatewayAttachment",
        attachment,
        known_as=("TransitGatewayAttachmentId",),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={
            "TransitGatewayAttachmentId": GIVEN,
            "TransitGatewayOwnerId": OWNER,
            "ResourceOwnerId": OWNER,
            "State": RUN_TIME,
            "CreationTime": RUN_TIME,
            "Association": "the hub's own route table",
        },
    ),
)
