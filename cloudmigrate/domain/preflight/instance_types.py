"""Instance types: offered in the zone of the target subnet, and fit for the image that the source gives."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloudmigrate.domain.acts.launches import Launched, launched_interfaces
from cloudmigrate.domain.preflight.landing import subnet_question
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import (
    Answers,
    Kind,
    Question,
    WaveFacts,
    any_unseen,
    failed,
    is_known,
    passed,
    unknown,
    unseen,
)
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.resources import Resource

NAME = CheckName.INSTANCE_TYPES
NO_TYPE = frozenset({"InvalidInstanceType", "InvalidParameterValue"})


def types_asked(wave: WaveFacts) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """(account, region, type, parameters of the launch) of each instance that the wave launches."""
    for _, account_id, region, call in wave.calls("ec2", "RunInstances"):
        yield account_id, region, str(call.params["InstanceType"]), call.params


def type_question(place: tuple[str, str], instance_type: str) -> Question:
    """What the type is, in that region."""
    return Question(*place, "ec2", "DescribeInstanceTypes", {"InstanceTypes": [instance_type]}, "InstanceTypes[0]", NO_TYPE)


def _offered(place: tuple[str, str], instance_type: str) -> Question:
    asked = {"LocationType": "availability-zone", "Filters": [{"Name": "instance-type", "Values": [instance_type]}]}
    return Question(*place, "ec2", "DescribeInstanceTypeOfferings", asked, "InstanceTypeOfferings[].Location", pages=True)


def _asks(wave: WaveFacts) -> Iterator[Question]:
    for account_id, region, kind, params in types_asked(wave):
        place = (account_id, region)
        yield from (type_question(place, kind), _offered(place, kind))
        subnet_id = launched_interfaces(params)[0].subnet_id
        if is_known(subnet_id):
            yield subnet_question(place, subnet_id)


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    for one, account_id, region, call in wave.calls("ec2", "RunInstances"):
        place, kind, uid = (account_id, region), str(call.params["InstanceType"]), one.step.uid
        described, zones = answers[type_question(place, kind)], answers[_offered(place, kind)]
        listed = launched_interfaces(call.params)
        subnet = answers.get(subnet_question(place, str(listed[0].subnet_id)))
        if any_unseen(described, zones, subnet):
            yield unseen(NAME, uid, place, described, zones, subnet)
        elif described is None or not zones:
            advice = f"map the type in targets.instance_types to one that {region} has"
            yield failed(NAME, uid, place, f"{kind} is not offered in {region}", advice)
        elif subnet is None:
            yield unknown(NAME, uid, place, f"the zone of subnet {listed[0].subnet_id} is not known", "name a subnet that exists")
        elif subnet.get("AvailabilityZone") not in zones:
            told = f"{kind} is not offered in {subnet.get('AvailabilityZone')}, but in {', '.join(sorted(zones))}"
            yield failed(NAME, uid, place, told, "choose a subnet in one of these zones, or another type in targets.instance_types")
        elif clash := _too_many(kind, described, listed):
            yield failed(NAME, uid, place, clash, "choose a larger type in targets.instance_types")
        else:
            yield _fits(uid, place, kind, described, source=wave.source_of(one), zone=str(subnet["AvailabilityZone"]))


def _too_many(kind: str, described: Mapping[str, Any], listed: Sequence[Launched]) -> str:
    """Why the type cannot have these interfaces or their addresses; empty if it can, or does not tell."""
    network = described.get("NetworkInfo") or {}
    most, each, number = (
        network.get("MaximumNetworkInterfaces"),
        network.get("Ipv4AddressesPerInterface"),
        max(one.number for one in listed),
    )
    if most is not None and len(listed) > most:
        return f"{kind} has {most} network interfaces at most, and the server has {len(listed)}"
    return f"{kind} has {each} addresses on an interface at most, and one of the server's has {number}" if each and number > each else ""


def _fits(uid: str, place: tuple[str, str], kind: str, described: Mapping[str, Any], *, source: Resource | None, zone: str) -> Check:
    """Whether the type can start what the source is."""
    if source is None:
        return unknown(NAME, uid, place, "the source is not in the plan's snapshot", "scan again, then plan anew")
    spec, clashes, silent = source.spec, [], []
    built_for = (
        ("architecture", spec.get("Architecture"), (described.get("ProcessorInfo") or {}).get("SupportedArchitectures")),
        ("virtualization", spec.get("VirtualizationType"), described.get("SupportedVirtualizationTypes")),
        ("boot mode", spec.get("CurrentInstanceBootMode") or spec.get("BootMode"), described.get("SupportedBootModes")),
    )
    for what, has, takes in built_for:
        wanted = {"legacy-bios", "uefi"} if has == "uefi-preferred" else {has}
        if has and takes and wanted.isdisjoint(takes):
            clashes.append(f"its {what} is {has}, {kind} takes {', '.join(takes)}")
        if what == "architecture" and not (has and takes):
            silent.append(what)
    if (described.get("NetworkInfo") or {}).get("EnaSupport") == "required" and spec.get("EnaSupport") is False:
        clashes.append(f"{kind} needs the ENA driver, and the source does not say that its image has it")
    if clashes:
        return failed(NAME, uid, place, "; ".join(clashes), "choose another type in targets.instance_types, or prepare the source's system")
    if silent:
        return unknown(NAME, uid, place, f"{kind} is offered in {zone}; {silent[0]} is not told", "compare image and type by hand")
    return passed(NAME, uid, place, f"{kind} is offered in {zone} and takes {spec.get('Architecture')}")


INSTANCE_TYPES = Kind(NAME, _asks, _judges)
