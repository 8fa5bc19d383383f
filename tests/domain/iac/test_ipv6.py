"""IPv6 of networks: AWS's own block for the VPC, a /64 for each subnet at its place, and what waits for them. Worked out by hand."""

from typing import Any

import pytest

from cloudmigrate.domain.iac.cloudformation import stacks_of
from cloudmigrate.domain.iac.hcl import Attribute, Code
from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.replacing import with_exchanged
from cloudmigrate.domain.iac.stacks import in_order
from cloudmigrate.domain.iac.terraform import blocks
from cloudmigrate.domain.iac.values import Came, Leaf, Origin, Ref, Slash64, Variable
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac import network_sources as net
from tests.domain.iac.drawn import EC2, TARGET, Drawn, drawn
from tests.domain.iac.made_blueprints import HERE, blueprint, leaf, size_of_json, unit

BLOCK = f"{net.VPC}#ipv6"


def addresses(*ranges: str, state: str = "associated") -> list[dict[str, Any]]:
    return [{"Ipv6CidrBlock": one, "Ipv6CidrBlockState": {"State": state}, "AssociationId": f"a-{one}"} for one in ranges]


def vpc(**more: Any) -> Resource:
    return net.vpc(Ipv6CidrBlockAssociationSet=addresses("2001:db8:0:1a00::/56"), **more)


def subnet(uid: str, *ranges: str, **more: Any) -> Resource:
    given = {"Ipv6CidrBlockAssociationSet": addresses(*ranges), **more}
    return net.subnet(uid, "10.0.1.0/24", "eu-central-1c", public=False, **given)


def made_of(*subnets: Resource, server: Resource | None = None, policy: TargetPolicy | None = None) -> Drawn:
    around = [vpc(), *subnets, net.group(net.WEB, "web")]
    return drawn([server or net.server()], around, policy or TargetPolicy(region=TARGET))


def slash_64(made: Drawn, number: int) -> dict[str, Any]:
    """What gives a subnet its addresses in CloudFormation."""
    block = {"Fn::Select": [0, {"Fn::GetAtt": [made.id_of(net.VPC), "Ipv6CidrBlocks"]}]}
    return {"Fn::Select": [number, {"Fn::Cidr": [block, number + 1, 64]}]}


def test_a_subnet_keeps_its_place_among_the_networks_of_the_vpc() -> None:
    made = made_of(subnet(net.PRIVATE, "2001:db8:0:1a03::/64", AssignIpv6AddressOnCreation=True, EnableDns64=True))
    said = made.cloudformation(net.PRIVATE)
    assert said["Ipv6CidrBlock"] == slash_64(made, 3)
    assert (said["AssignIpv6AddressOnCreation"], said["EnableDns64"]) == (True, True)
    assert made.cloudformation(BLOCK) == {"VpcId": {"Ref": made.id_of(net.VPC)}, "AmazonProvidedIpv6CidrBlock": True}
    assert made.one(net.PRIVATE).needs == (BLOCK,)
    assert made.origins(net.PRIVATE)["Ipv6CidrBlock"] == (
        "transformed",
        "/64 number 3 of the addresses that AWS gives the VPC; it has that place at the source, unless two have one place there",
    )
    assert made.complaints() == []


def test_terraform_computes_it_of_the_block_and_so_waits_for_it() -> None:
    made = made_of(subnet(net.PRIVATE, "2001:db8:0:1aff::/64"))
    block = made.terraform(BLOCK).split('"')[3]
    assert f"cidrsubnet(aws_vpc_ipv6_cidr_block_association.{block}.ipv6_cidr_block, 8, 255)" in made.terraform(net.PRIVATE)
    assert "assign_generated_ipv6_cidr_block = true" in made.terraform(BLOCK)


def test_two_of_one_place_are_numbered_by_their_ids() -> None:
    other = subnet(net.PUBLIC, "2001:db8:ff:103::/64")  # of a second block of the VPC: the same last eight bits
    made = made_of(subnet(net.PRIVATE, "2001:db8:0:1a03::/64"), other)
    assert made.cloudformation(net.PUBLIC)["Ipv6CidrBlock"] == slash_64(made, 0)  # subnet-0a
    assert made.cloudformation(net.PRIVATE)["Ipv6CidrBlock"] == slash_64(made, 1)  # subnet-0b


def test_a_subnet_of_ipv6_alone_is_made() -> None:
    native = subnet(net.PRIVATE, "2001:db8:0:1a01::/64", CidrBlock=None, Ipv6Native=True, AssignIpv6AddressOnCreation=True)
    made = made_of(native)
    said = made.cloudformation(net.PRIVATE)
    assert "CidrBlock" not in said
    assert (said["Ipv6Native"], said["AssignIpv6AddressOnCreation"]) == (True, True)
    assert made.complaints() == []


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        pytest.param(net.vpc(), "its VPC has no addresses of IPv6: the subnet gets none", id="vpc-without"),
        pytest.param(
            net.vpc(Ipv6CidrBlockAssociationSet=addresses("2001:db8:0:1a00::/56", state="disassociated")),
            "its VPC has no addresses of IPv6: the subnet gets none",
            id="vpc-that-gave-them-back",
        ),
    ],
)
def test_a_subnet_of_a_vpc_without_addresses_gets_none(network: Resource, expected: str) -> None:
    made = drawn([net.server()], [network, subnet(net.PRIVATE, "2001:db8:0:1a03::/64"), net.group(net.WEB, "web")])
    assert "Ipv6CidrBlock" not in made.cloudformation(net.PRIVATE)
    assert made.origins(net.PRIVATE)["Ipv6CidrBlock"] == ("unknown", expected)
    assert BLOCK not in made.links.resources


def test_a_server_gets_as_many_addresses_as_it_has() -> None:
    interface = {
        "NetworkInterfaceId": "eni-1",
        "PrivateIpAddresses": [{"Primary": True}],
        "Ipv6Addresses": [{"Ipv6Address": "2001:db8::5"}],
    }
    server = net.server(NetworkInterfaces=[interface])
    made = made_of(subnet(net.PRIVATE, "2001:db8:0:1a03::/64"), server=server)
    assert made.cloudformation(net.SERVER)["Ipv6AddressCount"] == 1
    assert "ipv6_address_count" in made.terraform(net.SERVER)
    mapped = TargetPolicy(region=TARGET, vpcs={"vpc-0a": "vpc-0e"}, subnets={"subnet-0b": "subnet-0e"})
    assert "Ipv6AddressCount" not in made_of(server=server, policy=mapped).cloudformation(net.SERVER)


def test_routes_of_ipv6_wait_for_the_addresses() -> None:
    uid = f"{EC2}:egress-only-internet-gateway/eigw-0a"
    gateway = net.source(
        "AWS::EC2::EgressOnlyInternetGateway", uid, {"EgressOnlyInternetGatewayId": "eigw-0a", "Attachments": [{"VpcId": "vpc-0a"}]}
    )
    table = {
        "RouteTableId": "rtb-0a",
        "VpcId": "vpc-0a",
        "Associations": [{"SubnetId": "subnet-0b"}],
        "Routes": [
            {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-0a", "Origin": "CreateRoute", "State": "active"}
        ],
    }
    made = made_of(subnet(net.PRIVATE, "2001:db8:0:1a03::/64"), gateway, net.source("AWS::EC2::RouteTable", net.MAIN, table))
    assert made.one(f"{net.MAIN}#route/::/0").needs == (BLOCK,)
    assert made.cloudformation(f"{net.MAIN}#route/::/0")["DestinationIpv6CidrBlock"] == "::/0"


def test_addresses_of_a_network_that_is_not_there_are_asked_for() -> None:
    asked, came = Variable("block", "The addresses."), Origin(Came.UNKNOWN, "nobody knows")
    subnet_ = TargetResource(
        "s", "AWS::EC2::Subnet", "s", HERE, {"Ipv6CidrBlock": leaf(Slash64(Ref("v#ipv6", "Ipv6CidrBlock"), 2))}, uid="s"
    )
    asking = with_exchanged(subnet_, lambda _: (asked, came))
    assert asking.properties["Ipv6CidrBlock"] == Leaf(Slash64(asked, 2), came)
    made = blueprint(unit("u", asking))
    [stack] = stacks_of(made, made.units[0], links_of(made.units), size_of_json)
    [said] = stack.templates["u"]["Resources"].values()
    assert said["Properties"] == {"Ipv6CidrBlock": {"Fn::Select": [2, {"Fn::Cidr": [{"Ref": "Block"}, 3, 64]}]}}
    assert list(stack.templates["u"]["Parameters"]) == ["Block"]
    [block] = blocks(asking, lambda _: Code("unused"))
    assert block.body[0] == Attribute("ipv6_cidr_block", Code("cidrsubnet(var.block, 8, 2)"))


def test_the_block_stands_right_behind_its_vpc_wherever_a_template_is_cut() -> None:
    made = made_of(subnet(net.PRIVATE, "2001:db8:0:1a03::/64"))
    keys = [one.key for one in in_order(made.links.resources.values())]
    assert keys[keys.index(net.VPC) + 1] == BLOCK
