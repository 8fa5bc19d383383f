"""Where things land: the target's subnets, VPCs and security groups are there, belong together, and have room."""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.acts.launches import Launched, launched_interfaces
from cloudmigrate.domain.acts.record import Call
from cloudmigrate.domain.counting import counted
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
        for made in launched_interfaces(call.params):
            yield subnet_question(place, str(made.subnet_id))
            yield from (_group(place, one) for one in made.group_ids if is_known(one))
    yield from (_vpc(place, vpc_id) for _, place, vpc_id in _clones(wave))


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    by_subnet: Counter[tuple[Place, str]] = Counter()
    for _, place, call in _launches(wave):
        for made in launched_interfaces(call.params):
            by_subnet[place, str(made.subnet_id)] += made.number
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
        listed = launched_interfaces(call.params)
        for made in listed:
            subnet = answers[subnet_question(place, str(made.subnet_id))]
            if isinstance(subnet, Mapping):
                yield _together(one, place, made, str(subnet.get("VpcId")), vpcs=vpcs, answers=answers)
        if len(listed) > 1:
            yield _of_one_zone(one, place, [answers[subnet_question(place, str(made.subnet_id))] for made in listed])


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


def _of_one_zone(one: Explained, place: Place, subnets: list[Any]) -> Check:
    """Whether the subnets of a server's interfaces are in one zone and of one VPC: no instance has them elsewhere."""
    subject = f"{one.step.uid} interfaces"
    if any_unseen(*subnets):
        return unseen(NAME, subject, place, *subnets)
    for what, member in (("zones", "AvailabilityZone"), ("VPCs", "VpcId")):
        found = sorted({str((subnet or {}).get(member)) for subnet in subnets})
        if len(found) > 1:
            advice = "map the subnets of its interfaces to subnets of one zone and VPC in targets.subnets"
            return failed(
                NAME, subject, place, f"the subnets of its {len(subnets)} interfaces are of several {what}: {listed(found)}", advice
            )
    return passed(NAME, subject, place, f"the subnets of its {len(subnets)} interfaces are of one zone and VPC")


def _together(one: Explained, place: Place, launched: Launched, vpc_id: str, *, vpcs: Mapping[str, str], answers: Answers) -> Check:
    """Whether the groups that an interface of a server gets are there and of the VPC of its subnet."""
    found: dict[str, list[str]] = defaultdict(list)
    unanswered: list[Any] = []
    params, gets = one.step.params, launched.group_ids
    subject = f"{one.step.uid} interface {launched.place}" if launched.place else one.step.uid
    further = next((each["group_ids"] for each in params.get("interfaces") or () if each["place"] == launched.place), ())
    named = further if launched.place else params.get("group_ids") or ()
    made = [vpcs.get(group.step_id) for group in named if isinstance(group, Output)]
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
        return failed(NAME, subject, place, f"subnet {launched.subnet_id} is of {vpc_id}, but {told}", advice)
    if unanswered:
        return unseen(NAME, subject, place, *unanswered)
    return passed(NAME, subject, place, f"subnet and {counted(len(gets), 'security group')} are of {vpc_id}")


def is_usable(address: str, cidr: str) -> bool:
    """Whether an interface of a subnet can have that address: AWS keeps the first four and the last."""
    try:
        network, one = ipaddress.ip_network(cidr, strict=False), ipaddress.ip_address(address)
    except ValueError:
        return False
    return one in network and RESERVED - 2 < int(one) - int(network.network_address) < network.num_addresses - 1


LANDING = Kind(NAME, _asks, _judges)
