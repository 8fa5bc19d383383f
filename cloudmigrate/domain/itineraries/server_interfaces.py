"""The network interfaces of a server that has several: launched with it, each at its place, and gone with it where it goes back.

Source: EC2 user guide, "Elastic network interfaces" and "Elastic Fabric Adapter"; EC2 API reference, InstanceNetworkInterface.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.resources import Resource

USUAL = "interface"
KUBERNETES = "aws-K8S-"  # what the description begins with of those that the network plugin of Amazon EKS makes


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of a source, as its server tells it."""

    interface_id: str
    place: int | None  # the device index; None: not told
    card: int
    kind: str
    subnet_id: str
    vpc_id: str
    group_ids: tuple[str, ...]
    addresses: tuple[str, ...]  # private ones of IPv4, its own first
    description: str
    forwards: bool  # its source/destination check is off
    public_ip: str  # an elastic address: only the first interface of a server with one gets another

    def called(self) -> str:
        """For people."""
        return f"{self.interface_id or 'an interface'} (place {'unknown' if self.place is None else self.place})"


def interfaces_of(source: Resource, managed: Collection[str] = ()) -> tuple[Interface, ...]:
    """The interfaces that move, the server's own first. *managed*: ids of those that a service made, and makes others for the target."""
    found = [_read(one) for one in source.spec.get("NetworkInterfaces") or ()]
    found.sort(key=lambda one: (one.card, one.place or 0, one.interface_id))
    return (*found[:1], *(one for one in found[1:] if one.interface_id not in managed and not one.description.startswith(KUBERNETES)))


def own_groups(source: Resource, managed: Collection[str] = ()) -> tuple[str, ...]:
    """Ids of the security groups of the interface that a server starts with."""
    listed = interfaces_of(source, managed)
    if len(listed) > 1 and listed[0].group_ids:
        return listed[0].group_ids
    return tuple(str(one["GroupId"]) for one in source.spec.get("SecurityGroups") or ())


def _read(one: Mapping[str, Any]) -> Interface:
    attached: Mapping[str, Any] = one.get("Attachment") or {}
    place = attached.get("DeviceIndex")
    own = str(one.get("PrivateIpAddress") or "")
    others = [str(entry.get("PrivateIpAddress")) for entry in one.get("PrivateIpAddresses") or () if entry.get("PrivateIpAddress") != own]
    return Interface(
        interface_id=str(one.get("NetworkInterfaceId") or ""),
        place=None if place is None else int(place),
        card=int(attached.get("NetworkCardIndex") or 0),
        kind=str(one.get("InterfaceType") or USUAL),
        subnet_id=str(one.get("SubnetId") or ""),
        vpc_id=str(one.get("VpcId") or ""),
        group_ids=tuple(str(group["GroupId"]) for group in one.get("Groups") or ()),
        addresses=((own,) if own else ()) + tuple(others),
        description=str(one.get("Description") or ""),
        forwards=one.get("SourceDestCheck") is False,
        public_ip=str((one.get("Association") or {}).get("PublicIp") or ""),
    )


def interfaces_hinder(source: Resource, managed: Collection[str] = ()) -> str:
    """Why its interfaces keep a server from being launched as it is, each named with what to do; empty where nothing does."""
    listed = interfaces_of(source, managed)
    if len(listed) < 2:
        return ""
    reasons = [f"{one.called()} {why}" for one in listed for why in _reasons(one, listed[0])]
    return f"it has several network interfaces, of which {'; '.join(reasons)}" if reasons else ""


def _reasons(one: Interface, first: Interface) -> Iterator[str]:
    if not one.interface_id or not one.subnet_id or one.place is None:
        yield "is told without id, subnet or place: scan again"
    elif one.kind != USUAL or one.card:
        what = f"is of type {one.kind}" if one.kind != USUAL else f"is on network card {one.card}"
        yield f"{what}: launch the copied image by hand with the like"
    elif one.vpc_id != first.vpc_id:
        yield f"is of another VPC, {one.vpc_id}: attach one by hand once the target runs"


def by_hand_text(called: str, further: Collection[Interface]) -> str:
    """What of the further interfaces a person does once the target runs; empty for nothing."""
    told = []
    for one in further:
        if one.public_ip:
            told.append(f"give the interface at place {one.place} an elastic address (that of {one.interface_id} is {one.public_ip})")
        if one.forwards:
            told.append(f"lead the routes that name {one.interface_id} to the interface at place {one.place}, which forwards traffic too")
    return f"server {called}: {'; '.join(told)}" if told else ""
