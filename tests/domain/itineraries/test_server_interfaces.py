"""Servers with several interfaces: what the launch asks for each, what waits for a person, and which are not moved."""

from collections.abc import Mapping
from typing import Any

import pytest

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.explaining import explain
from cloudmigrate.domain.itineraries.compile import TargetError, compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Output, Reversal, Step
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.itineraries.test_compile import POLICY, acts, group_of, plan, resource, server

MAPPED: Mapping[str, Any] = {"subnets": {"subnet-1": "subnet-2", "subnet-3": "subnet-4"}}


def interface(place: int, *, addresses: tuple[str, ...] = (), groups: tuple[str, ...] = ("sg-1",), **more: Any) -> dict[str, Any]:
    """One of the second subnet, unless it is the first."""
    spec = {
        "NetworkInterfaceId": f"eni-{place}",
        "SubnetId": "subnet-3" if place else "subnet-1",
        "VpcId": "vpc-1",
        "Groups": [{"GroupId": one} for one in groups],
        "Attachment": {"DeviceIndex": place, "NetworkCardIndex": 0, "DeleteOnTermination": not place},
        "SourceDestCheck": True,
        "InterfaceType": "interface",
        "Description": "",
    }
    listed = [{"PrivateIpAddress": one, "Primary": one == addresses[0]} for one in addresses]
    return spec | {"PrivateIpAddress": addresses[0] if addresses else None, "PrivateIpAddresses": listed} | more


FIRST, SECOND = interface(0, addresses=("10.0.0.5",)), interface(1, addresses=("10.0.1.5", "10.0.1.9"), groups=("sg-2",))


def two(*interfaces: dict[str, Any], **spec: Any) -> Resource:
    return server(1, spec={"NetworkInterfaces": list(interfaces or (SECOND, FIRST)), **spec})


def steps_of(source: Resource, *others: Resource, **said: Any) -> list[Step]:
    policy = TargetPolicy.model_validate(POLICY.model_dump(exclude_unset=True) | MAPPED | said)
    return compile_wave(plan(("web", [source], [])), [source, group_of("sg-1"), group_of("sg-2"), *others], policy, 1)


def launch_of(steps: list[Step]) -> Mapping[str, Any]:
    """What RunInstances is asked, as the dry run tells it."""
    (explained,) = [one for one in explain(steps, plan_hash="a" * 64, wave=1) if one.step.act == "ec2.run_instance"]
    (call,) = [one.call for one in explained.calls if one.call is not None and one.call.operation == "RunInstances"]
    return call.params


def test_each_interface_is_launched_with_the_server_in_its_place_and_goes_with_it() -> None:
    asked = launch_of(steps_of(two()))
    assert not {"SubnetId", "SecurityGroupIds", "PrivateIpAddress"} & asked.keys(), "EC2 refuses them beside a list"
    own, inner = asked["NetworkInterfaces"]
    assert (own["DeviceIndex"], own["SubnetId"], own["DeleteOnTermination"]) == (0, "subnet-2", True)
    assert (inner["DeviceIndex"], inner["SubnetId"], inner["DeleteOnTermination"]) == (1, "subnet-4", True)
    assert own["Groups"] == ["<group_id of web/i-00000001-9b8be5f3/01-create_security_group>"]
    assert inner["Groups"] == ["<group_id of web/i-00000001-9b8be5f3/02-create_security_group>"]
    assert ("PrivateIpAddress" in own, inner["SecondaryPrivateIpAddressCount"]) == (False, 1)


@pytest.mark.parametrize(
    ("said", "own", "inner"),
    [
        pytest.param(
            {"same_private_ip": True},
            {"PrivateIpAddress": "10.0.0.5"},
            {
                "PrivateIpAddresses": [
                    {"Primary": True, "PrivateIpAddress": "10.0.1.5"},
                    {"Primary": False, "PrivateIpAddress": "10.0.1.9"},
                ]
            },
            id="the-same-addresses",
        ),
        pytest.param(
            {"overrides": [{"uid": server(1).uid, "private_ip": "10.9.0.9", "subnet": "subnet-9"}]},
            {"PrivateIpAddress": "10.9.0.9", "SubnetId": "subnet-9"},
            {"SecondaryPrivateIpAddressCount": 1, "SubnetId": "subnet-4"},
            id="an-override-is-of-the-first",
        ),
    ],
)
def test_addresses_are_kept_or_given(said: dict[str, Any], own: dict[str, Any], inner: dict[str, Any]) -> None:
    found = launch_of(steps_of(two(), **said))["NetworkInterfaces"]
    told = ("PrivateIpAddress", "PrivateIpAddresses", "SecondaryPrivateIpAddressCount")
    for one, wanted in zip(found, (own, inner), strict=True):
        assert {name: one[name] for name in told if name in one} == {name: value for name, value in wanted.items() if name in told}
        assert one["SubnetId"] == wanted.get("SubnetId", one["SubnetId"])


def test_an_interface_that_forwards_is_let_before_the_checks_and_its_routes_are_a_person_s() -> None:
    forwarding = {**SECOND, "SourceDestCheck": False, "Association": {"PublicIp": "198.51.100.7"}}
    steps = steps_of(two(FIRST, forwarding))
    order = acts(steps)
    assert order[order.index("ec2.run_instance") :] == [
        "ec2.run_instance",
        "ec2.await_running",
        "ec2.let_forward",
        "ec2.await_status_checks",
        "by_hand.confirm",
    ]
    running, forward, checks, hand = steps[-4:]
    assert forward.params["interface_id"] == Output(running.step_id, "interface 1")
    assert forward.step_id in checks.needs
    assert (hand.gate, hand.reversal, hand.account_id, hand.region) == (Gate.BY_HAND, Reversal.UNDO, "111111111111", "eu-west-1")
    assert hand.params["text"] == (
        "server i-00000001: give the interface at place 1 an elastic address (that of eni-1 is 198.51.100.7); "
        "lead the routes that name eni-1 to the interface at place 1, which forwards traffic too"
    )
    look = BY_NAME["ec2.await_running"].awaits({"instance_id": "i-9", "places": [0, 1]}).look  # type: ignore[misc]
    assert look.finds["interface 1"].endswith("NetworkInterfaces[?Attachment.DeviceIndex==`1`].NetworkInterfaceId | [0]")


def test_the_elastic_address_goes_to_the_first_interface_as_ec2_chooses_none_of_several() -> None:
    said = {"overrides": [{"uid": server(1).uid, "elastic_ip": True}]}
    steps = steps_of(two(), **said)
    (step,) = [one for one in steps if one.act == "ec2.associate_address"]
    (running,) = [one for one in steps if one.act == "ec2.await_running"]
    assert step.params["interface_id"] == Output(running.step_id, "interface 0")
    given = {"allocation_id": "eipalloc-1", "instance_id": "i-9", "interface_id": "eni-9"}
    act = BY_NAME["ec2.associate_address"]
    assert act.does is not None
    assert act.look is not None
    assert act.does(given, "k").params == {"AllocationId": "eipalloc-1", "NetworkInterfaceId": "eni-9", "AllowReassociation": False}
    assert act.look(given, "k").finds == {"association_id": 'Addresses[?NetworkInterfaceId==`"eni-9"`].AssociationId | [0]'}
    (alone,) = [one for one in steps_of(server(1), **said) if one.act == "ec2.associate_address"]
    assert "interface_id" not in alone.params


def test_a_server_with_one_interface_is_launched_as_before() -> None:
    asked = launch_of(steps_of(server(1)))
    assert "NetworkInterfaces" not in asked
    assert asked["SubnetId"] == "subnet-2"
    assert launch_of(steps_of(two(FIRST))) == asked


def test_interfaces_that_something_else_makes_for_the_target_are_left_to_it() -> None:
    pods = interface(1, NetworkInterfaceId="eni-8", Description="aws-K8S-i-00000001")
    service = interface(2, NetworkInterfaceId="eni-9")
    managed = resource("AWS::EC2::NetworkInterface", "eni-9", {"NetworkInterfaceId": "eni-9", "RequesterManaged": True})
    assert "NetworkInterfaces" not in launch_of(steps_of(two(FIRST, pods, service), managed))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"InterfaceType": "efa"}, "eni-1 (place 1) is of type efa: launch the copied image by hand with the like", id="efa"),
        pytest.param(
            {"Attachment": {"DeviceIndex": 1, "NetworkCardIndex": 1}},
            "eni-1 (place 1) is on network card 1: launch the copied image by hand with the like",
            id="card",
        ),
        pytest.param({"VpcId": "vpc-7"}, "eni-1 (place 1) is of another VPC, vpc-7: attach one by hand once the target runs", id="vpc"),
        pytest.param({"Attachment": {}}, "eni-1 (place unknown) is told without id, subnet or place: scan again", id="unknown"),
    ],
)
def test_what_cannot_be_launched_with_it_is_named_with_what_to_do(changed: dict[str, Any], why: str) -> None:
    (step,) = steps_of(two(FIRST, SECOND | changed, interface(2)))
    assert (step.act, step.gate) == ("by_hand.confirm", Gate.BY_HAND)
    assert f"it has several network interfaces, of which {why}; " in step.params["text"]


def test_every_subnet_and_group_is_asked_for() -> None:
    with pytest.raises(TargetError, match=r"no target subnet for subnet-3 of interface eni-1 \(add it to targets.subnets\)"):
        steps_of(two(), subnets={"subnet-1": "subnet-2"})
    with pytest.raises(TargetError, match="security group sg-9 is not in the inventory"):
        steps_of(two(FIRST, interface(1, groups=("sg-9",))))
    assert launch_of(steps_of(two(), security_groups={"sg-1": "sg-a1", "sg-2": "sg-a2"}))["NetworkInterfaces"][1]["Groups"] == ["sg-a2"]
