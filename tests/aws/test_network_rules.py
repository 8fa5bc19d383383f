"""Rules and places as the inventory's specs say them: cases worked by hand in the shape of each service's answers."""

from typing import Any

import pytest

from cloudmigrate.aws.network_rules import NETWORK_RULE_TYPES, network_of
from cloudmigrate.aws.rule_entries import described, protocol_number
from cloudmigrate.domain.network import Network, Seat
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Resource
from tests.domain.networks import spans

ACCOUNT, REGION = "123456789012", "eu-central-1"
EVERY_IPV4 = {"CidrIp": "0.0.0.0/0"}


def resource(type_: str, uid: str, spec: dict[str, Any], name: str = "", region: str = REGION) -> Resource:
    return Resource(uid, "aws", ACCOUNT, region, type_, name, "", {}, spec, stateful=False)


def ec2(kind: str, id_: str, spec: dict[str, Any], type_: str) -> Resource:
    return resource(f"AWS::EC2::{type_}", f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/{id_}", spec)


def group(group_id: str, ingress: list[Any], egress: list[Any] | None = None) -> Resource:
    spec = {"GroupId": group_id, "VpcId": "vpc-1", "IpPermissions": ingress, "IpPermissionsEgress": egress or []}
    return ec2("security-group", group_id, spec, "SecurityGroup")


def interface(interface_id: str, address: str, *groups: str, **more: Any) -> Resource:
    spec = {
        "NetworkInterfaceId": interface_id,
        "VpcId": "vpc-1",
        "SubnetId": "subnet-1",
        "Status": "in-use",
        "PrivateIpAddresses": [{"PrivateIpAddress": address}],
        "Groups": [{"GroupId": one} for one in groups],
    }
    return ec2("network-interface", interface_id, spec | more, "NetworkInterface")


VPC = ec2("vpc", "vpc-1", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "CidrBlockAssociationSet": [
    {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
    {"CidrBlock": "10.7.0.0/16", "CidrBlockState": {"State": "disassociated"}},
]}, "VPC")  # fmt: skip
SUBNET = ec2("subnet", "subnet-1", {"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "Ipv6CidrBlockAssociationSet": [
    {"Ipv6CidrBlock": "2600:1::/64", "Ipv6CidrBlockState": {"State": "associated"}}
]}, "Subnet")  # fmt: skip
OTHER_SUBNET = ec2("subnet", "subnet-2", {"SubnetId": "subnet-2", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24"}, "Subnet")


def rule_ids(network: Network) -> list[str]:
    return [one.rule_id for one in network.rules()]


def test_every_peer_of_a_permission_is_a_rule() -> None:
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 444,
        "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "office"}, {"CidrIp": "10.0.0.0/8", "Description": "twice"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
        "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": ACCOUNT}, {"GroupId": "sg-9", "UserId": "999999999999"}],
    }
    entries = [{"Cidr": "192.0.2.0/24"}, {"Cidr": "198.51.100.7/32"}]
    lists = resource("AWS::EC2::PrefixList", "arn:pl-1", {"PrefixListId": "pl-1", "PrefixListName": "offices", "Entries": entries})
    found = list(network_of([group("sg-1", [permission]), lists]).rules())
    assert [(one.rule_id, one.peer_kind, one.peer_uid, one.peer_spans, one.description) for one in found] == [
        ("sg-1/ingress/tcp/443-444/10.0.0.0/8", "cidr", "10.0.0.0/8", spans("10.0.0.0/8"), "office"),
        ("sg-1/ingress/tcp/443-444/::/0", "cidr", "::/0", spans("::/0"), None),
        ("sg-1/ingress/tcp/443-444/sg-1", "group", f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1", (), None),
        ("sg-1/ingress/tcp/443-444/sg-9", "group", f"arn:aws:ec2:{REGION}:999999999999:security-group/sg-9", (), None),
        ("sg-1/ingress/tcp/443-444/pl-1", "prefix_list", "arn:pl-1", spans("192.0.2.0/24", "198.51.100.7/32"), None),
    ]


def test_a_rules_id_does_not_change_with_its_neighbours() -> None:
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [EVERY_IPV4]}
    ping = {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [EVERY_IPV4]}
    everything = {"IpProtocol": "-1", "IpRanges": [EVERY_IPV4]}
    alone = rule_ids(network_of([group("sg-1", [ssh])]))
    assert alone == ["sg-1/ingress/tcp/22/0.0.0.0/0"]
    assert rule_ids(network_of([group("sg-1", [ping, ssh], [everything])])) == [
        "sg-1/ingress/icmp/8--1/0.0.0.0/0",
        *alone,
        "sg-1/egress/all/0.0.0.0/0",
    ]


@pytest.mark.parametrize(
    ("named", "number"),
    [
        ("-1", -1),
        ("tcp", 6),
        ("udp", 17),
        ("icmp", 1),
        ("icmpv6", 58),
        ("58", 58),
        ("47", 47),
        (6, 6),
        ("256", None),
        ("²", None),
        (None, None),
    ],
)
def test_protocols_are_numbers(named: object, number: int | None) -> None:
    assert protocol_number(named) == number


def test_what_is_not_to_be_read_is_unknown_and_never_dropped() -> None:
    strange = group("sg-1", [{"IpProtocol": "warp", "IpRanges": [EVERY_IPV4]}])
    half = resource("AWS::EC2::SecurityGroup", "arn:sg-2", {"GroupId": "sg-2", "IpPermissions": []})
    blurred = group("sg-3", [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/99"}]}])
    no_entries = resource("AWS::EC2::PrefixList", "arn:pl-1", {"PrefixListId": "pl-1", "PrefixListName": "x"})
    by_list = group("sg-4", [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "PrefixListIds": [{"PrefixListId": "pl-1"}]}])
    network = network_of([strange, half, blurred, no_entries, by_list])
    assert (network.groups["sg-1"].rules, network.groups["sg-2"].rules) == (None, None)
    assert [one.peer_spans for one in network.rules()] == [None, None]


def test_descriptions_are_masked_and_cut() -> None:
    assert described("password=hunter2secret") == "password=***"
    assert described("line\none\x00\x1b[31m") == "line one [31m"
    assert described("x" * 400) == "x" * 254 + "…"
    assert [described(one) for one in ("", "  ", None, 7)] == [None, None, None, None]


def acl_of(*entries: dict[str, Any], subnet_id: str = "subnet-1") -> Resource:
    spec = {"NetworkAclId": "acl-1", "VpcId": "vpc-1", "Associations": [{"SubnetId": subnet_id}], "Entries": list(entries)}
    return ec2("network-acl", "acl-1", spec, "NetworkAcl")


def test_entries_of_a_network_acl_stand_in_the_order_of_their_numbers() -> None:
    last = {"RuleNumber": 32767, "Egress": False, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"}
    web = {
        "RuleNumber": 100,
        "Egress": False,
        "Protocol": "6",
        "RuleAction": "allow",
        "CidrBlock": "0.0.0.0/0",
        "PortRange": {"From": 80, "To": 443},
    }
    echo = {
        "RuleNumber": 90,
        "Egress": True,
        "Protocol": "58",
        "RuleAction": "allow",
        "Ipv6CidrBlock": "::/0",
        "IcmpTypeCode": {"Type": 8, "Code": -1},
    }
    acl = network_of([SUBNET, acl_of(last, web, echo)]).subnets["subnet-1"].acl
    assert acl is not None
    assert [(one.entry_id, one.allows, one.protocol, one.from_port, one.to_port) for one in acl.entries] == [
        ("acl-1/egress/90", True, 58, 8, -1),
        ("acl-1/ingress/100", True, 6, 80, 443),
        ("acl-1/ingress/32767", False, -1, -1, -1),
    ]
    assert [one.addresses for one in acl.entries] == list(spans("::/0", "0.0.0.0/0", "0.0.0.0/0"))
    unclear = acl_of(web | {"Protocol": "warp"})
    assert network_of([SUBNET, unclear]).subnets["subnet-1"].acl is None
    assert network_of([SUBNET, OTHER_SUBNET, acl_of(web)]).subnets["subnet-2"].acl is None


def table_of(table_id: str, associations: list[dict[str, Any]], *routes: dict[str, Any]) -> Resource:
    spec = {"RouteTableId": table_id, "VpcId": "vpc-1", "Associations": associations, "Routes": list(routes)}
    return ec2("route-table", table_id, spec, "RouteTable")


MAIN = table_of("rtb-main", [{"Main": True}], {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"})


def test_a_subnet_has_its_own_table_or_the_main_one() -> None:
    own = table_of(
        "rtb-own",
        [{"Main": False, "SubnetId": "subnet-1"}],
        {"DestinationCidrBlock": "10.9.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "blackhole"},
        {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"},
        {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1", "State": "active"},
        {"DestinationCidrBlock": "10.8.0.0/16", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1", "State": "active"},
    )
    endpoint = ec2("vpc-endpoint", "vpce-1", {"VpcEndpointId": "vpce-1", "ServiceName": "com.amazonaws.eu-central-1.s3"}, "VPCEndpoint")
    network = network_of([SUBNET, OTHER_SUBNET, MAIN, own, endpoint])
    first, second = network.subnets["subnet-1"].table, network.subnets["subnet-2"].table
    assert first is not None
    assert second is not None
    assert [(one.gateway_id, one.is_blackhole, one.destinations) for one in first.routes] == [
        ("pcx-1", True, spans("10.9.0.0/16")),
        ("eigw-1", False, spans("::/0")),
        ("vpce-1", False, None),
        ("eni-1", False, spans("10.8.0.0/16")),
    ]
    assert second.table_id == "rtb-main"
    assert network.prefix_lists == {"pl-s3": "com.amazonaws.eu-central-1.s3"}  # AWS's own list, named by the endpoint


def covered(*types: str, status: CoverageStatus = CoverageStatus.OK, detail: str | None = None) -> list[Coverage]:
    return [Coverage(ACCOUNT, REGION, "ec2", one, status, detail=detail) for one in types]


def test_where_route_tables_were_not_listed_wholly_the_main_one_proves_nothing() -> None:
    def table_seen(coverage: list[Coverage] | None) -> bool:
        return network_of([SUBNET, MAIN], coverage).subnets["subnet-1"].table is not None

    tables = "AWS::EC2::RouteTable"
    assert table_seen(None)
    assert table_seen(covered(tables))
    assert not table_seen([])
    assert not table_seen(covered(tables, status=CoverageStatus.PARTIAL))
    assert not table_seen(covered(tables, detail="3 left out by the tag filter"))


def test_a_vpc_has_its_blocks_and_may_hold_a_network_load_balancer() -> None:
    balancer = resource("AWS::ElasticLoadBalancingV2::LoadBalancer", "arn:nlb", {"Type": "network", "VpcId": "vpc-1"})
    seen = covered("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert network_of([VPC], seen).vpcs["vpc-1"].spans == spans("10.0.0.0/16")
    assert [
        network_of(rows, coverage).vpcs["vpc-1"].has_network_balancer
        for rows, coverage in (([VPC], seen), ([VPC, balancer], seen), ([VPC], []))
    ] == [
        False,
        True,
        True,
    ]


def test_peering_knows_its_ends_and_whether_it_crosses_regions() -> None:
    def peering(code: str, *regions: str | None) -> Any:
        ends = [{"VpcId": f"vpc-{number}", "Region": region} for number, region in enumerate(regions)]
        spec = {"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": code}, "RequesterVpcInfo": ends[0], "AccepterVpcInfo": ends[1]}
        found = network_of([ec2("vpc-peering-connection", "pcx-1", spec, "VPCPeeringConnection")]).peerings["pcx-1"]
        return found.vpc_ids, found.is_active, found.within_region

    assert peering("active", REGION, REGION) == (("vpc-0", "vpc-1"), True, True)
    assert peering("pending-acceptance", REGION, "us-east-1") == (("vpc-0", "vpc-1"), False, False)
    assert peering("active", REGION, None)[2] is None


def test_a_transit_gateway_joins_for_sure_only_where_its_table_learns_every_attachment() -> None:
    def gateway(**options: str) -> list[Resource]:
        attachment = {
            "TransitGatewayId": "tgw-1",
            "ResourceType": "vpc",
            "ResourceId": "vpc-1",
            "State": "available",
            "Association": {"State": "associated", "TransitGatewayRouteTableId": "tgw-rtb-1"},
        }
        return [
            ec2("transit-gateway", "tgw-1", {"TransitGatewayId": "tgw-1", "Options": options}, "TransitGateway"),
            ec2("transit-gateway-attachment", "a", attachment, "TransitGatewayAttachment"),
        ]

    learning = {"DefaultRouteTablePropagation": "enable", "PropagationDefaultRouteTableId": "tgw-rtb-1"}
    sure = network_of(gateway(**learning, SecurityGroupReferencingSupport="disable")).transit_gateways["tgw-1"]
    assert (sure.tables, sure.references_groups) == ({"vpc-1": "tgw-rtb-1"}, False)
    by_hand = network_of(gateway(**learning | {"DefaultRouteTablePropagation": "disable"}, SecurityGroupReferencingSupport="enable"))
    assert (by_hand.transit_gateways["tgw-1"].tables, by_hand.transit_gateways["tgw-1"].references_groups) == ({"vpc-1": None}, None)
    foreign = network_of(gateway(**learning)[1:]).transit_gateways["tgw-1"]
    assert (foreign.tables, foreign.references_groups) == ({"vpc-1": None}, None)


# --- where resources lie ---


def seats(network: Network, uid: str) -> tuple[Seat, ...]:
    return network.seats.get(uid, ())


def test_an_interface_seats_its_instance_and_itself() -> None:
    attached = {"InstanceId": "i-1", "AttachTime": "2026-01-01T00:00:00Z"}
    one = interface(
        "eni-1",
        "10.0.1.5",
        "sg-1",
        Attachment=attached,
        Association={"PublicIp": "54.1.2.3"},
        Ipv4Prefixes=[{"Ipv4Prefix": "10.0.1.16/28"}],
    )
    uid = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
    windows = resource("AWS::EC2::Instance", uid, {"InstanceId": "i-1", "Platform": "windows", "SubnetId": "subnet-9"})
    network = network_of([SUBNET, windows, one])
    (seat,) = seats(network, uid)
    assert seats(network, one.uid) == (seat,)
    assert (seat.addresses, seat.groups, seat.public, seat.is_public) == (
        spans("10.0.1.5", "10.0.1.16/28"),
        ("sg-1",),
        spans("54.1.2.3"),
        True,
    )
    assert (seat.holder_uid, seat.subnet_id, seat.client_ports, seat.is_attached) == (uid, "subnet-1", (49152, 65535), True)
    free = network_of([interface("eni-2", "10.0.1.6", "sg-1", Status="available")])
    assert [one.is_attached for one in seats(free, f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-2")] == [False]


def test_no_security_group_applies_to_a_nat_gateway() -> None:
    nat = resource("AWS::EC2::NatGateway", "arn:nat", {"NatGatewayId": "nat-1", "SubnetId": "subnet-1", "NatGatewayAddresses": [
        {"NetworkInterfaceId": "eni-1", "PrivateIp": "10.0.1.9", "PublicIp": "54.9.9.9"}
    ]})  # fmt: skip
    network = network_of([SUBNET, nat, interface("eni-1", "10.0.1.9", "sg-default", InterfaceType="nat_gateway")])
    assert [one.groups for one in seats(network, "arn:nat")] == [()]
    assert network.nat_addresses == {"nat-1": spans("54.9.9.9")}
    assert [(one.groups, one.addresses) for one in seats(network_of([SUBNET, nat]), "arn:nat")] == [((), spans("10.0.1.9"))]


BALANCER, BOTH = "AWS::ElasticLoadBalancingV2::LoadBalancer", ["subnet-1", "subnet-2"]
ZONES = {"AvailabilityZones": [{"SubnetId": one} for one in BOTH]}
INTERNAL, FACING, BORNE = {"Scheme": "internal"}, {"Scheme": "internet-facing"}, {"SecurityGroups": ["sg-1"]}
DATABASE = {
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
    "PubliclyAccessible": True,
    "DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": one} for one in BOTH]},
}
FUNCTION = {"VpcConfig": {"SubnetIds": BOTH, "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-wrong"}}  # the subnets know better
SERVICE = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": BOTH, "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"}}}
CLUSTER = {"resourcesVpcConfig": {"subnetIds": BOTH, "securityGroupIds": ["sg-1"], "clusterSecurityGroupId": "sg-2", "vpcId": "vpc-1"}}
ENDPOINT = {"VpcId": "vpc-1", "SubnetIds": BOTH, "Groups": [{"GroupId": "sg-1"}]}
CLASSIC = INTERNAL | BORNE | {"Subnets": BOTH}
DESCRIBED = [  # groups, whether it uses all of its subnets, whether it is public
    pytest.param(BALANCER, {"Type": "application"} | ZONES | FACING | BORNE, ("sg-1",), True, True, id="application load balancer"),
    pytest.param(BALANCER, {"Type": "application"} | ZONES | INTERNAL, None, True, False, id="which has groups, seen or not"),
    pytest.param(BALANCER, {"Type": "network"} | ZONES | INTERNAL, (), True, False, id="network load balancer without groups"),
    pytest.param("AWS::ElasticLoadBalancing::LoadBalancer", CLASSIC, ("sg-1",), True, False, id="classic load balancer"),
    pytest.param("AWS::RDS::DBInstance", DATABASE, ("sg-1",), False, True, id="database"),
    pytest.param("AWS::Lambda::Function", FUNCTION, ("sg-1",), False, False, id="function"),
    pytest.param("AWS::ECS::Service", SERVICE, ("sg-1",), False, True, id="service"),
    pytest.param("AWS::EKS::Cluster", CLUSTER, ("sg-1", "sg-2"), False, False, id="cluster"),
    pytest.param("AWS::EC2::VPCEndpoint", ENDPOINT, ("sg-1",), True, False, id="endpoint"),
]


@pytest.mark.parametrize(("type_", "spec", "groups", "is_certain", "is_public"), DESCRIBED)
def test_without_interfaces_a_resource_lies_where_it_says(
    type_: str, spec: dict[str, Any], groups: tuple[str, ...] | None, is_certain: bool, is_public: bool
) -> None:
    found = seats(network_of([SUBNET, OTHER_SUBNET, resource(type_, "arn:x", spec)]), "arn:x")
    assert [(one.vpc_id, one.subnet_id, one.addresses) for one in found] == [
        ("vpc-1", "subnet-1", spans("10.0.1.0/24")),
        ("vpc-1", "subnet-2", spans("10.0.2.0/24")),
    ]
    assert {(one.groups, one.is_certain, one.is_public) for one in found} == {(groups, is_certain, is_public)}


def test_what_names_a_subnet_group_lies_in_its_subnets_and_a_whole_where_its_parts_do() -> None:
    caches = resource(
        "AWS::ElastiCache::SubnetGroup", "arn:csg", {"Subnets": [{"SubnetIdentifier": "subnet-1"}], "VpcId": "vpc-1"}, name="caches"
    )
    spec = {"CacheClusterId": "c-001", "CacheSubnetGroupName": "caches", "SecurityGroups": [{"SecurityGroupId": "sg-1"}]}
    cache = resource("AWS::ElastiCache::CacheCluster", "arn:cache", spec)
    whole = resource("AWS::ElastiCache::ReplicationGroup", "arn:whole", {"MemberClusters": ["c-001"]})
    network = network_of([SUBNET, caches, cache, whole])
    assert [(one.holder_uid, one.subnet_id, one.groups, one.is_certain) for one in seats(network, "arn:whole")] == [
        ("arn:whole", "subnet-1", ("sg-1",), True)
    ]
    assert seats(network_of([SUBNET, cache]), "arn:cache") == ()  # its subnet group was not seen


def test_a_file_system_lies_at_its_mount_targets() -> None:
    spec = {
        "MountTargets": [
            {"MountTargetId": "m-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "IpAddress": "10.0.1.7", "NetworkInterfaceId": "eni-7"}
        ],
        "MountTargetSecurityGroups": [{"Key": "m-1", "Value": ["sg-1"]}],
    }
    found = seats(network_of([SUBNET, resource("AWS::EFS::FileSystem", "arn:fs", spec)]), "arn:fs")
    assert [(one.addresses, one.groups, one.interface_id) for one in found] == [(spans("10.0.1.7"), ("sg-1",), "eni-7")]
    refused = resource("AWS::EFS::FileSystem", "arn:fs", {"MountTargets": spec["MountTargets"]})
    assert [one.groups for one in seats(network_of([SUBNET, refused]), "arn:fs")] == [None]


def test_where_interfaces_were_not_listed_wholly_what_resources_say_counts_besides() -> None:
    db = resource("AWS::RDS::DBInstance", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:d", DATABASE)
    one = interface("eni-1", "10.0.1.5", "sg-1", Description="RDSNetworkInterface")
    whole = covered("AWS::EC2::NetworkInterface")
    assert [seat.interface_id for seat in seats(network_of([SUBNET, OTHER_SUBNET, db, one], whole), db.uid)] == ["eni-1"]
    blind = network_of([SUBNET, OTHER_SUBNET, db, one], covered("AWS::EC2::NetworkInterface", status=CoverageStatus.THROTTLED))
    assert [(seat.interface_id, seat.subnet_id, seat.is_certain) for seat in seats(blind, db.uid)] == [
        ("eni-1", "subnet-1", True),
        ("", "subnet-1", False),
        ("", "subnet-2", False),
    ]
    assert blind.blind == {(ACCOUNT, REGION)}


@pytest.mark.parametrize("type_", NETWORK_RULE_TYPES)
def test_a_resource_of_which_nothing_is_known_breaks_nothing(type_: str) -> None:
    """A refused call leaves its members out; what is left may be nothing."""
    assert seats(network_of([resource(type_, "arn:aws:x:::y", {}), SUBNET, VPC]), "arn:z") == ()
