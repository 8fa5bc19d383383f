"""Where things land: the target's subnets, VPCs and security groups are there, belong together, and have room."""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.acts.record import Call
from cloudmigrate.domain.explaining import Explained
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import (
    Answers,
    Kind,
    Question,
    WaveFacts,
    any_unseen,
    failed,
    is_known,
    listed,
    passed,
    unseen,
)
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.steps import Output

NAME = CheckName.LANDING
Place = tuple[str, str]
NO_SUBNET, NO_VPC = frozenset({"InvalidSubnetID.NotFound"}), frozenset({"InvalidVpcID.NotFound"})
NO_GROUP = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.Malformed"})
RESERVED = 5  # Source: Amazon VPC User Guide, "Subnet CIDR blocks": the first four addresses and the last are AWS's


def subnet_question(place: Place, subnet_id: str) -> Question:
    """The subnet as it is now."""
    return Question(*place, "ec2", "DescribeSubnets", {"SubnetIds": [subnet_id]}, "Subnets[0]", NO_SUBNET)


def _vpc(place: Place, vpc_id: str) -> Question:
    return Question(*place, "ec2", "DescribeVpcs", {"VpcIds": [vpc_id]}, "Vpcs[0]", NO_VPC)


def _group(place: Place, group_id: str) -> Question:
    return Question(*place, "ec2", "DescribeSecurityGroups", {"GroupIds": [group_id]}, "SecurityGroups[0].VpcId", NO_GROUP)


def _launches(wave: WaveFacts) -> Iterator[tuple[Explained, Place, Call]]:
    yield from ((one, (account_id, region), call) for one, account_id, region, call in wave.calls("ec2", "RunInstances"))


def _clones(wave: WaveFacts) -> Iterator[tuple[Explained, Place, str]]:
    for one, account_id, region, call in wave.calls("ec2", "CreateSecurityGroup"):
        if is_known(call.params.get("VpcId")):
            yield one, (account_id, region), str(call.params["VpcId"])


def _asks(wave: WaveFacts) -> Iterator[Question]:
    for _, place, call in _launches(wave):
        yield subnet_question(place, str(call.params["SubnetId"]))
        yield from (_group(place, one) for one in call.params.get("SecurityGroupIds") or () if is_known(one))
    yield from (_vpc(place, vpc_id) for _, place, vpc_id in _clones(wave))


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    by_subnet: dict[tuple[Place, str], int] = Counter((place, str(call.params["SubnetId"])) for _, place, call in _launches(wave))
    for (place, subnet_id), wanted in by_subnet.items():
        yield _subnet(place, subnet_id, wanted, answers[subnet_question(place, subnet_id)])
    vpcs = {one.step.step_id: vpc_id for one, _, vpc_id in _clones(wave)}
    for place, vpc_id in dict.fromkeys((place, vpc_id) for _, place, vpc_id in _clones(wave)):
        found = answers[_vpc(place, vpc_id)]
        if any_unseen(found):
            yield unseen(NAME, vpc_id, place, found)
        elif found is None:
            yield failed(NAME, vpc_id, place, f"there is no VPC {vpc_id}", "correct targets.vpcs")
        else:
            yield passed(NAME, vpc_id, place, f"{found.get('State', 'there')}, {found.get('CidrBlock')}")
    for one, place, call in _launches(wave):
        subnet = answers[subnet_question(place, str(call.params["SubnetId"]))]
        if isinstance(subnet, Mapping):
            yield _together(one, place, call, str(subnet.get("VpcId")), vpcs=vpcs, answers=answers)


def _subnet(place: Place, subnet_id: str, wanted: int, found: Any) -> Check:
    if any_unseen(found):
        return unseen(NAME, subnet_id, place, found)
    if found is None:
        return failed(NAME, subnet_id, place, f"there is no subnet {subnet_id}", "correct targets.subnets")
    free = int(found.get("AvailableIpAddressCount") or 0)
    told = f"{free} addresses free in {found.get('CidrBlock')}, {wanted} needed; zone {found.get('AvailabilityZone')}"
    if found.get("State", "available") != "available":
        return failed(NAME, subnet_id, place, f"it is {found['State']}; {told}", "wait until it is available")
    if free < wanted:
        return failed(NAME, subnet_id, place, told, "free addresses, or map some source subnets to another one in targets.subnets")
    return passed(NAME, subnet_id, place, told)


def _together(one: Explained, place: Place, call: Call, vpc_id: str, *, vpcs: Mapping[str, str], answers: Answers) -> Check:
    """Whether the groups that a server gets are there and of the VPC of its subnet."""
    found: dict[str, list[str]] = defaultdict(list)
    unanswered: list[Any] = []
    gets = call.params.get("SecurityGroupIds") or ()
    made = [vpcs.get(group.step_id) for group in one.step.params.get("group_ids") or () if isinstance(group, Output)]
    for group in gets:
        if is_known(group):
            answer = answers[_group(place, group)]
            if any_unseen(answer):
                unanswered.append(answer)
            else:
                found["nowhere" if answer is None else str(answer)].append(group)
    for own in made:
        if own is not None:
            found[own].append("a cloned group")
    astray = {where: groups for where, groups in found.items() if where != vpc_id}
    if astray:
        told = "; ".join(f"{listed(groups)} of {where}" for where, groups in sorted(astray.items()))
        advice = "correct targets.security_groups, targets.vpcs or targets.subnets: they must be of one VPC"
        return failed(NAME, one.step.uid, place, f"subnet {call.params['SubnetId']} is of {vpc_id}, but {told}", advice)
    if unanswered:
        return unseen(NAME, one.step.uid, place, *unanswered)
    return passed(NAME, one.step.uid, place, f"subnet and {len(gets)} security groups are of {vpc_id}")


def is_usable(address: str, cidr: str) -> bool:
    """Whether an interface of a subnet can have that address: AWS keeps the first four and the last."""
    try:
        network, one = ipaddress.ip_network(cidr, strict=False), ipaddress.ip_address(address)
    except ValueError:
        return False
    return one in network and RESERVED - 2 < int(one) - int(network.network_address) < network.num_addresses - 1


LANDING = Kind(NAME, _asks, _judges)
