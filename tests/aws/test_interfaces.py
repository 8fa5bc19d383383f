"""Whose each network interface is, where routes lead, and what has an address: from specs as the EC2 API gives them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmigrate.aws.interfaces import INTERFACE, addressed, holders, owner_of, with_owners
from cloudmigrate.aws.vpc_routes import networks
from cloudmigrate.domain.resources import Resource

ACCOUNT, REGION = "111111111111", "eu-central-1"
HERE = f"{REGION}:{ACCOUNT}"
UUID = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"


def resource(type_: str, uid: str, **spec: Any) -> Resource:
    return Resource(uid, "aws", ACCOUNT, REGION, type_, uid, "", {}, spec, stateful=False)


def interface(name: str = "eni-1", **spec: Any) -> Resource:
    address = {"PrivateIpAddress": "10.0.0.1"}
    shared = {"NetworkInterfaceId": name, "VpcId": "vpc-1", "SubnetId": "subnet-1", "PrivateIpAddresses": [address]}
    return resource(INTERFACE, f"arn:aws:ec2:{HERE}:network-interface/{name}", **(shared | spec))


def database(name: str, zone: str = "eu-central-1a", groups: tuple[str, ...] = ("sg-db",), second_zone: str | None = None) -> Resource:
    return resource(
        "AWS::RDS::DBInstance",
        f"arn:aws:rds:{HERE}:db:{name}",
        DBSubnetGroup={"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}]},
        VpcSecurityGroups=[{"VpcSecurityGroupId": one} for one in groups],
        AvailabilityZone=zone,
        SecondaryAvailabilityZone=second_zone,
    )


@pytest.mark.parametrize(
    ("spec", "kind", "uid"),
    [
        pytest.param({"Attachment": {"InstanceId": "i-1"}}, "instance", f"arn:aws:ec2:{HERE}:instance/i-1", id="instance"),
        pytest.param(
            {"Description": "ELB app/shop/50dc6c495c0c9188"},
            "load_balancer",
            f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/shop/50dc6c495c0c9188",
            id="application-load-balancer",
        ),
        pytest.param({"Description": "ELB old"}, "load_balancer", f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/old", id="classic"),
        pytest.param({"Description": f"AWS Lambda VPC ENI-resize-{UUID}"}, "lambda", f"arn:aws:lambda:{HERE}:function:resize", id="lambda"),
        pytest.param({"Description": "ElastiCache cart-001"}, "cache", f"arn:aws:elasticache:{HERE}:cluster:cart-001", id="cache"),
        pytest.param(
            {
                "TagSet": [{"Key": "aws:ecs:clusterName", "Value": "shop"}, {"Key": "aws:ecs:serviceName", "Value": "cart"}],
                "Attachment": {"InstanceId": "i-1"},
            },
            "ecs",
            f"arn:aws:ecs:{HERE}:service/shop/cart",
            id="ecs-on-an-instance",
        ),
        pytest.param({}, "interface", f"arn:aws:ec2:{HERE}:network-interface/eni-1", id="nobodys"),
    ],
)
def test_whom_an_interface_serves(spec: dict[str, Any], kind: str, uid: str) -> None:
    [found] = holders([interface(**spec)])

    assert (found.kind, found.holder_uid) == (kind, uid)


def test_services_that_list_their_interfaces() -> None:
    nat = resource("AWS::EC2::NatGateway", "arn:nat", NatGatewayAddresses=[{"NetworkInterfaceId": "eni-1"}])
    endpoint = resource("AWS::EC2::VPCEndpoint", "arn:endpoint", NetworkInterfaceIds=["eni-2"])

    found = {one.interface_id: (one.kind, one.holder_uid) for one in holders([nat, endpoint, interface(), interface("eni-2")])}

    assert found == {"eni-1": ("nat", "arn:nat"), "eni-2": ("endpoint", "arn:endpoint")}


@pytest.mark.parametrize(
    ("databases", "holder"),
    [
        pytest.param([database("a"), database("b", groups=("sg-other",))], "a", id="by-its-groups"),
        pytest.param([database("a"), database("b", zone="eu-central-1b")], "a", id="by-its-zone"),
        pytest.param([database("a", zone="eu-central-1b", second_zone="eu-central-1a")], "a", id="the-standby"),
        pytest.param([database("a"), database("b")], None, id="two-alike"),
        pytest.param([database("a", groups=("sg-db", "sg-more"))], None, id="none-alike"),
    ],
)
def test_a_database_is_told_by_what_its_interface_shares_with_it(databases: list[Resource], holder: str | None) -> None:
    eni = interface(Description="RDSNetworkInterface", Groups=[{"GroupId": "sg-db"}], AvailabilityZone="eu-central-1a")

    [found] = holders([eni, *databases])

    assert found.holder_uid == (f"arn:aws:rds:{HERE}:db:{holder}" if holder else eni.uid)


def test_addresses_and_time_of_attachment() -> None:
    spec: dict[str, Any] = {
        "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.0.1", "Association": {"PublicIp": "198.51.100.1"}},
            {"PrivateIpAddress": "10.0.0.2"},
        ],
        "Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}],
        "Association": {"PublicIp": "198.51.100.1"},
        "Attachment": {"InstanceId": "i-1", "AttachTime": "2025-11-22T10:00:00+00:00"},
    }

    [found] = holders([interface(**spec)])

    assert found.addresses == ("10.0.0.1", "10.0.0.2", "2001:db8::1")
    assert found.public_addresses == ("198.51.100.1",)
    assert found.attached_at == datetime(2025, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hint", "region", "uid"),
    [
        pytest.param("i-0a1b", REGION, f"arn:aws:ec2:{HERE}:instance/i-0a1b", id="instance"),
        pytest.param("ecs:shop/cart", "cn-north-1", f"arn:aws-cn:ecs:cn-north-1:{ACCOUNT}:service/shop/cart", id="ecs-in-china"),
        pytest.param("ecs:shop/cart:x", REGION, None, id="no-name"),
        pytest.param("<script>", REGION, None, id="hostile"),
    ],
)
def test_owners_that_records_name(hint: str, region: str, uid: str | None) -> None:
    assert owner_of(hint, account_id=ACCOUNT, region=region) == uid


def test_records_tell_only_what_the_inventory_does_not() -> None:
    found = holders([interface(), interface("eni-2", Attachment={"InstanceId": "i-2"})])

    told = with_owners(found, {"eni-1": f"arn:aws:ecs:{HERE}:service/shop/cart", "eni-2": "arn:aws:ec2:::instance/i-9"})

    assert [(one.kind, one.holder_uid) for one in told] == [
        ("ecs", f"arn:aws:ecs:{HERE}:service/shop/cart"),
        ("instance", f"arn:aws:ec2:{HERE}:instance/i-2"),
    ]


def test_functions_have_an_address_only_in_a_vpc() -> None:
    inside = resource("AWS::Lambda::Function", "in", VpcConfig={"VpcId": "vpc-1"})
    outside = resource("AWS::Lambda::Function", "out", VpcConfig={"VpcId": ""})

    assert list(addressed([inside, outside, database("a")])) == ["in", f"arn:aws:rds:{HERE}:db:a"]


# routes ------------------------------------------------------------------------------------------------------------------------


def vpc(name: str, *cidrs: str) -> Resource:
    return resource("AWS::EC2::VPC", name, VpcId=name, CidrBlockAssociationSet=[{"CidrBlock": one} for one in cidrs])


def table(vpc_id: str, *routes: dict[str, str]) -> Resource:
    return resource("AWS::EC2::RouteTable", f"rtb-{vpc_id}", VpcId=vpc_id, Routes=list(routes))


def peering(name: str, one: str, other: str, status: str = "active") -> Resource:
    return resource(
        "AWS::EC2::VPCPeeringConnection",
        name,
        VpcPeeringConnectionId=name,
        Status={"Code": status},
        RequesterVpcInfo={"VpcId": one},
        AccepterVpcInfo={"VpcId": other},
    )


def attachment(gateway: str, vpc_id: str) -> Resource:
    return resource("AWS::EC2::TransitGatewayAttachment", vpc_id, TransitGatewayId=gateway, ResourceType="vpc", ResourceId=vpc_id)


def test_routes_lead_through_active_peerings_and_transit_gateways() -> None:
    prefix_list = resource(
        "AWS::EC2::PrefixList", "pl-1", PrefixListId="pl-1", Entries=[{"Cidr": "10.3.0.0/16"}, {"Cidr": "172.20.0.0/16"}]
    )
    found = networks(
        [
            vpc("vpc-1", "10.1.0.0/16"),
            vpc("vpc-2", "10.2.0.0/16"),
            vpc("vpc-3", "10.3.0.0/16"),
            peering("pcx-1", "vpc-1", "vpc-2"),
            peering("pcx-2", "vpc-1", "vpc-3", status="deleted"),
            attachment("tgw-1", "vpc-1"),
            attachment("tgw-1", "vpc-3"),
            prefix_list,
            table(
                "vpc-1",
                {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local"},
                {"DestinationCidrBlock": "10.2.0.0/16", "VpcPeeringConnectionId": "pcx-1"},
                {"DestinationCidrBlock": "10.9.0.0/16", "VpcPeeringConnectionId": "pcx-2", "State": "blackhole"},
                {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1"},
                {"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "vgw-1"},
                {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"},
            ),
            table("vpc-2", {"DestinationIpv6CidrBlock": "2001:db8::/56", "VpcPeeringConnectionId": "pcx-1"}),
        ]
    )

    assert found.routes == (
        ("vpc-1", "10.2.0.0/16", "pcx-1"),
        ("vpc-1", "10.3.0.0/16", "tgw-1"),
        ("vpc-1", "172.20.0.0/16", "tgw-1"),
        ("vpc-2", "2001:db8::/56", "pcx-1"),
        ("vpc-3", "0.0.0.0/0", "tgw-1"),  # no table of it was seen
        ("vpc-3", "::/0", "tgw-1"),
    )
    assert found.members == (("pcx-1", "vpc-1"), ("pcx-1", "vpc-2"), ("tgw-1", "vpc-1"), ("tgw-1", "vpc-3"))
    assert found.outside == ("172.20.0.0/16", "192.168.0.0/16")
