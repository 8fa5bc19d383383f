"""Servers with several network interfaces. Expected values are those of AWS::EC2::NetworkInterface and its attachment, by hand."""

from typing import Any

import pytest

from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import Override, TargetPolicy
from tests.domain.iac import network_sources as net
from tests.domain.iac.drawn import EC2, TARGET, Drawn, drawn, source

SECOND, ATTACHED = f"{net.SERVER}#interface/1", f"{net.SERVER}#attachment/1"
OWN_ADDRESS, ADDRESS, ASSOCIATED = f"{net.SERVER}#address", f"{net.SERVER}#address/1", f"{net.SERVER}#association/1"
THERE = TargetPolicy(region=TARGET)


def interface(number: int, subnet: str, group: str, **more: Any) -> dict[str, Any]:
    """As DescribeInstances tells it."""
    return {
        "NetworkInterfaceId": f"eni-{number}",
        "Attachment": {"AttachmentId": f"eni-attach-{number}", "DeviceIndex": number, "NetworkCardIndex": 0, "DeleteOnTermination": False},
        "Description": f"interface {number}",
        "Groups": [{"GroupId": group, "GroupName": group}],
        "InterfaceType": "interface",
        "Ipv6Addresses": [],
        "PrivateIpAddress": f"10.0.{number}.10",
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": f"10.0.{number}.10"}],
        "SourceDestCheck": True,
        "SubnetId": subnet,
        "VpcId": "vpc-0a",
        **more,
    }


FIRST = interface(0, "subnet-0b", "sg-0a")


def made_of(*interfaces: dict[str, Any], more: tuple[Resource, ...] = (), policy: TargetPolicy = THERE) -> Drawn:
    server = net.server(NetworkInterfaces=list(interfaces), SourceDestCheck=interfaces[0].get("SourceDestCheck"))
    groups = [net.group(net.WEB, "web"), net.group(net.DATABASE, "database")]
    return drawn([server], [*net.network(), *groups, *more], policy)


def address(number: int) -> Resource:
    spec = {"AllocationId": f"eipalloc-{number}", "InstanceId": "i-0a", "NetworkInterfaceId": f"eni-{number}", "PublicIp": "203.0.113.9"}
    return source("AWS::EC2::EIP", f"{EC2}:elastic-ip/eipalloc-{number}", spec)


def imported(made: Drawn, key: str, attribute: str) -> dict[str, str]:
    return {"Fn::ImportValue": f"{made.blueprint.units[0].name}-{made.id_of(key)}{attribute}"}


def test_each_interface_has_its_subnet_groups_and_place() -> None:
    made = made_of(FIRST, interface(1, "subnet-0a", "sg-0b", SourceDestCheck=False))
    assert made.cloudformation(SECOND) == {
        "SubnetId": imported(made, net.PUBLIC, "Ref"),
        "GroupSet": [imported(made, net.DATABASE, "GroupId")],
        "Description": "interface 1",
        "SourceDestCheck": False,
    }
    assert made.cloudformation(ATTACHED) == {
        "InstanceId": {"Ref": made.id_of(net.SERVER)},
        "NetworkInterfaceId": {"Ref": made.id_of(SECOND)},
        "DeviceIndex": "1",
        "DeleteOnTermination": False,
    }
    server = made.cloudformation(net.SERVER)
    assert server["SubnetId"] == imported(made, net.PRIVATE, "Ref")
    assert server["SecurityGroupIds"] == [imported(made, net.WEB, "GroupId")]
    assert "SourceDestCheck" not in server
    assert made.complaints() == []


def test_terraform_attaches_it_by_a_number() -> None:
    made = made_of(FIRST, interface(1, "subnet-0a", "sg-0b"), policy=TargetPolicy(region=TARGET, same_private_ip=True))
    text = made.terraform(ATTACHED)
    assert "device_index         = 1" in text
    assert "network_interface_id = aws_network_interface." in text
    assert 'private_ips       = ["10.0.1.10"]' in made.terraform(SECOND)


def test_the_first_is_the_one_at_place_0_wherever_it_stands_in_the_list() -> None:
    made = made_of(interface(1, "subnet-0a", "sg-0b"), {**FIRST, "Groups": [{"GroupId": "sg-0a"}]})
    assert made.keys("AWS::EC2::NetworkInterface") == [SECOND]
    assert made.cloudformation(SECOND)["SubnetId"] == imported(made, net.PUBLIC, "Ref")
    assert made.origins(SECOND)["SubnetId"][1] == "the resource of the target that stands for it"


def test_the_server_has_the_groups_of_its_first_interface_alone() -> None:
    listed = [{"GroupId": "sg-0a"}, {"GroupId": "sg-0b"}]
    server = net.server(NetworkInterfaces=[FIRST, interface(1, "subnet-0a", "sg-0b")], SecurityGroups=listed)
    made = drawn([server], [*net.network(), net.group(net.WEB, "web"), net.group(net.DATABASE, "database")])
    assert made.cloudformation(net.SERVER)["SecurityGroupIds"] == [imported(made, net.WEB, "GroupId")]


def test_further_addresses_are_as_many_and_others() -> None:
    listed = [{"Primary": True, "PrivateIpAddress": "10.0.1.10"}, {"Primary": False, "PrivateIpAddress": "10.0.1.11"}]
    made = made_of(FIRST, interface(1, "subnet-0a", "sg-0b", PrivateIpAddresses=listed))
    assert made.cloudformation(SECOND)["SecondaryPrivateIpAddressCount"] == 1
    assert made.origins(SECOND)["PrivateIpAddress"] == (
        "unknown",
        "its subnet gives it an address; targets.same_private_ip would keep this one",
    )


def test_the_elastic_address_of_an_interface_is_that_of_its_target() -> None:
    made = made_of(FIRST, interface(1, "subnet-0a", "sg-0b"), more=(address(1),))
    assert made.cloudformation(ASSOCIATED) == {
        "AllocationId": {"Fn::GetAtt": [made.id_of(ADDRESS), "AllocationId"]},
        "NetworkInterfaceId": {"Ref": made.id_of(SECOND)},
    }
    assert OWN_ADDRESS not in made.links.resources
    none = TargetPolicy(region=TARGET, overrides=(Override(uid=net.SERVER, elastic_ip=False),))
    assert ADDRESS not in made_of(FIRST, interface(1, "subnet-0a", "sg-0b"), more=(address(1),), policy=none).links.resources


def test_the_address_of_the_server_is_there_before_it_has_two_interfaces() -> None:
    made = made_of(FIRST, interface(1, "subnet-0a", "sg-0b"), more=(address(0),))
    assert made.one(ATTACHED).needs == (OWN_ADDRESS,)
    assert made.cloudformation(OWN_ADDRESS)["InstanceId"] == {"Ref": made.id_of(net.SERVER)}
    assert ADDRESS not in made.links.resources


@pytest.mark.parametrize(
    ("second", "more"),
    [
        pytest.param(interface(1, "subnet-0a", "sg-0b", Description="aws-K8S-i-0a"), (), id="of-the-network-plugin"),
        pytest.param(
            interface(1, "subnet-0a", "sg-0b"),
            (
                source(
                    "AWS::EC2::NetworkInterface",
                    f"{EC2}:network-interface/eni-1",
                    {"NetworkInterfaceId": "eni-1", "RequesterManaged": True},
                ),
            ),
            id="of-a-service",
        ),
    ],
)
def test_what_others_make_is_told(second: dict[str, Any], more: tuple[Resource, ...]) -> None:
    made = made_of(FIRST, second, more=more)
    assert made.keys("AWS::EC2::NetworkInterface") == []
    assert made.origins(net.SERVER)["NetworkInterfaces[0]"] == (
        "unknown",
        "eni-1 is left out: what made it makes the like in the target",
    )


def test_an_interface_keeps_its_tags() -> None:
    spec = {"NetworkInterfaceId": "eni-1", "RequesterManaged": False}
    known = source("AWS::EC2::NetworkInterface", f"{EC2}:network-interface/eni-1", spec, tags={"Role": "inside"})
    made = made_of(FIRST, interface(1, "subnet-0a", "sg-0b"), more=(known,))
    assert made.cloudformation(SECOND)["Tags"] == [{"Key": "Role", "Value": "inside"}]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        pytest.param(
            {},
            "it has 2 network interfaces, and the inventory does not tell subnet and place of each: discover it anew",
            id="unread",
        ),
        pytest.param(
            interface(1, "subnet-0a", "sg-0b", InterfaceType="efa"),
            "its interface eni-1 is of type efa, and is attached as a server starts only: write it by hand",
            id="elastic-fabric-adapter",
        ),
        pytest.param(
            interface(1, "subnet-0a", "sg-0b", Attachment={"DeviceIndex": 1, "NetworkCardIndex": 1}),
            "its interface eni-1 is on network card 1, and is attached as a server starts only: write it by hand",
            id="another-card",
        ),
    ],
)
def test_interfaces_that_cannot_be_attached_later(second: dict[str, Any], reason: str) -> None:
    assert made_of(FIRST, second).reason(net.SERVER) == reason
