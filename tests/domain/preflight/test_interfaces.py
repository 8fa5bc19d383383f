"""Checks of a server that is launched with several interfaces: each has its subnet, groups, addresses and place among the quotas."""

from typing import Any

import pytest

from cloudmigrate.domain.preflight.collisions import COLLISIONS
from cloudmigrate.domain.preflight.connectivity import after_move
from cloudmigrate.domain.preflight.instance_types import INSTANCE_TYPES
from cloudmigrate.domain.preflight.landing import LANDING
from cloudmigrate.domain.preflight.questions import Question, WaveFacts
from cloudmigrate.domain.preflight.quotas import QUOTAS
from cloudmigrate.domain.steps import Output
from tests.domain.preflight.samples import DENIED, WEB, by_subject, checks, facts, resource, server, states, steps, volumes
from tests.domain.preflight.test_names import FREE
from tests.domain.preflight.test_places import OFFERED, SUBNET, T3
from tests.domain.preflight.test_quotas import told as quotas_told

INNER = {
    "place": 1,
    "subnet_id": "subnet-3",
    "group_ids": [Output("group", "group_id"), "sg-7", "sg-8"],
    "description": "",
    "addresses": {
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": "10.0.0.8"}, {"Primary": False, "PrivateIpAddress": "10.0.0.9"}]
    },
}
SUBNETS = {"subnet-1": SUBNET, "subnet-3": SUBNET | {"SubnetId": "subnet-3", "AvailableIpAddressCount": 2}}


def wave(**more: Any) -> WaveFacts:
    launch = {"interfaces": [INNER | more], "own_addresses": {"PrivateIpAddress": "10.0.0.5"}}
    return facts(steps(launch=launch), held=[server(), *volumes()])


def subnets(**changed: dict[str, Any]) -> Any:
    """The answers about subnets, some of them changed."""

    def answer(question: Question) -> Any:
        (subnet_id,) = question.params["SubnetIds"]
        return SUBNETS[subnet_id] | changed.get(subnet_id.replace("-", "_"), {})

    return answer


def landing(told: dict[str, Any] | None = None, groups: Any = "vpc-1") -> dict[str, Any]:
    there = {"DescribeVpcs": {"CidrBlock": "10.0.0.0/16"}, "DescribeSecurityGroups": groups, "DescribeSubnets": subnets(**told or {})}
    return by_subject(checks(LANDING, wave(), there))


def test_each_subnet_needs_room_for_its_addresses_and_each_interface_its_groups() -> None:
    found = landing()
    assert {subject: one.state.value for subject, one in found.items()} == {
        "subnet-1": "pass",
        "subnet-3": "pass",
        "vpc-1": "pass",
        WEB: "pass",
        f"{WEB} interface 1": "pass",
        f"{WEB} interfaces": "pass",
    }
    assert "2 addresses free in 10.0.0.0/28, 2 needed" in found["subnet-3"].evidence
    assert found[f"{WEB} interface 1"].evidence == "subnet and 3 security groups are of vpc-1"


@pytest.mark.parametrize(
    ("told", "groups", "subject", "evidence"),
    [
        pytest.param({"subnet_3": {"AvailableIpAddressCount": 1}}, "vpc-1", "subnet-3", "1 addresses free", id="room for one of two"),
        pytest.param(
            {"subnet_3": {"AvailabilityZone": "eu-west-1b"}},
            "vpc-1",
            f"{WEB} interfaces",
            "the subnets of its 2 interfaces are of several zones: eu-west-1a, eu-west-1b",
            id="two zones",
        ),
        pytest.param({"subnet_3": {"VpcId": "vpc-2"}}, "vpc-1", f"{WEB} interfaces", "of several VPCs: vpc-1, vpc-2", id="two VPCs"),
        pytest.param(
            {},
            lambda question: "vpc-2" if question.params["GroupIds"] == ["sg-7"] else "vpc-1",
            f"{WEB} interface 1",
            "subnet subnet-3 is of vpc-1, but sg-7 of vpc-2",
            id="a group of another VPC",
        ),
    ],
)
def test_what_is_wrong_with_an_interface_is_told_of_that_one(told: dict[str, Any], groups: Any, subject: str, evidence: str) -> None:
    found = landing(told, groups)
    assert found[subject].state.value == "fail"
    assert evidence in found[subject].evidence
    assert found[WEB].state.value == "pass"


def test_zones_that_nobody_saw_are_not_assessed() -> None:
    there = {"DescribeVpcs": {"CidrBlock": "10.0.0.0/16"}, "DescribeSecurityGroups": "vpc-1", "DescribeSubnets": DENIED}
    assert states(checks(LANDING, wave(), there))[f"{WEB} interfaces"] == "not_assessed"


def test_every_address_that_is_asked_for_must_be_free_and_of_its_subnet() -> None:
    found = checks(COLLISIONS, wave(), FREE)
    assert {"address 10.0.0.5 in subnet-1", "address 10.0.0.8 in subnet-3", "address 10.0.0.9 in subnet-3"} < {one.subject for one in found}
    assert {one.state.value for one in found} == {"pass"}
    small = {"CidrBlock": "10.0.0.0/28"}
    beyond = wave(addresses={"PrivateIpAddress": "10.0.0.20"})
    failed = [one.evidence for one in checks(COLLISIONS, beyond, FREE | {"DescribeSubnets": small}) if one.state.value == "fail"]
    assert failed == ["10.0.0.20 is no address that subnet subnet-3 (10.0.0.0/28) can give"]


@pytest.mark.parametrize(
    ("network", "state", "evidence"),
    [
        pytest.param({"MaximumNetworkInterfaces": 2, "Ipv4AddressesPerInterface": 2}, "pass", "is offered", id="fits"),
        pytest.param(
            {"MaximumNetworkInterfaces": 1}, "fail", "t3.large has 1 network interfaces at most, and the server has 2", id="interfaces"
        ),
        pytest.param(
            {"MaximumNetworkInterfaces": 2, "Ipv4AddressesPerInterface": 1},
            "fail",
            "t3.large has 1 addresses on an interface at most, and one of the server's has 2",
            id="addresses",
        ),
    ],
)
def test_the_type_must_have_as_many(network: dict[str, Any], state: str, evidence: str) -> None:
    told = OFFERED | {"DescribeInstanceTypes": T3 | {"NetworkInfo": {"EnaSupport": "required", **network}}}
    (found,) = checks(INSTANCE_TYPES, wave(), told)
    assert (found.state.value, evidence in found.evidence) == (state, True)


def test_quotas_count_every_interface_and_the_one_with_most_groups() -> None:
    found = {one.subject: one.evidence for one in checks(QUOTAS, wave(), quotas_told()) if one.region == "eu-west-1"}
    assert found["network interfaces per region"].startswith("the wave needs 2 interfaces")
    assert found[f"security groups per network interface: {WEB}"].startswith("the wave needs 3 groups")


def test_the_server_will_be_reached_at_each_of_its_interfaces() -> None:
    there = [
        resource(f"arn:{name}", "AWS::EC2::Subnet", {"SubnetId": name, "VpcId": vpc})
        for name, vpc in (("subnet-1", "v1"), ("subnet-3", "v3"))
    ]
    given = wave()
    (moved,) = [one for one in after_move([server(), *there], given) if one.uid == WEB]
    seats = [(one["SubnetId"], one["VpcId"], len(one["Groups"]), one["PrivateIpAddress"]) for one in moved.spec["NetworkInterfaces"]]
    assert seats == [("subnet-1", "v1", 2, "10.0.0.5"), ("subnet-3", "v3", 3, "10.0.0.8")]
    assert moved.spec["NetworkInterfaces"][0]["Association"] == {"PublicIp": moved.spec["PublicIpAddress"]}
    assert moved.spec["PublicIpAddress"] is not None, "an elastic address is allocated in the wave"
