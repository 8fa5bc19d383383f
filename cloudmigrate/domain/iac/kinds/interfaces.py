"""Further network interfaces of a server: each with its subnet, groups and addresses, attached at the place that it has at the source.

The first interface is the server's own. Source: AWS CloudFormation template reference, AWS::EC2::NetworkInterface,
NetworkInterfaceAttachment, EIP, EIPAssociation; EC2 user guide, "Elastic network interfaces" and "Elastic Fabric Adapter".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloudmigrate.domain.iac.kinds.ipv6 import block_key
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, defaulted, told, transformed
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin, Ref

INTERFACE, ATTACHMENT = "AWS::EC2::NetworkInterface", "AWS::EC2::NetworkInterfaceAttachment"
ADDRESS, ASSOCIATION = "AWS::EC2::EIP", "AWS::EC2::EIPAssociation"
MEMBER = "NetworkInterfaces"
USUAL = "interface"
KUBERNETES = "aws-K8S-"  # what the description begins with of those that the network plugin of Amazon EKS makes
Found = tuple[int, Mapping[str, Any]]  # place in the list, and the interface


def first_interface(spec: Mapping[str, Any]) -> Found:
    """The interface that a server starts with, of nothing where none is told."""
    return next(iter(_in_order(spec)), (0, {}))


def own_groups(source: Source) -> list[str]:
    """Ids of the security groups of the interface that it starts with."""
    listed = source.value("SecurityGroups") or ()
    interfaces = source.value(MEMBER) or ()
    if len(interfaces) > 1:
        listed = first_interface(source.spec)[1].get("Groups") or listed
    return [str(one["GroupId"]) for one in listed]


def refuse_interfaces(source: Source) -> None:
    """Say why no server is made, where its interfaces cannot be. Raises NotGenerated."""
    listed = _in_order(source.spec)
    for _, one in listed[1:]:
        if not one.get("SubnetId") or not one.get("NetworkInterfaceId") or _attached(one).get("DeviceIndex") is None:
            raise NotGenerated(
                f"it has {len(listed)} network interfaces, and the inventory does not tell subnet and place of each: discover it anew"
            )
        kind, card = str(one.get("InterfaceType") or USUAL), _place(one)[0]
        if (kind != USUAL or card) and not _is_made_by_others(source, one):
            what = f"of type {kind}" if kind != USUAL else f"on network card {card}"
            raise NotGenerated(
                f"its interface {one['NetworkInterfaceId']} is {what}, and is attached as a server starts only: write it by hand"
            )


def further_ids(source: Source) -> set[str]:
    """Ids of its interfaces but the first."""
    return {str(one.get("NetworkInterfaceId")) for _, one in _in_order(source.spec)[1:]}


def told_of_interfaces(source: Source) -> list[Leaf]:
    """What is told of interfaces that are not made, and of what those that are have not."""
    found = []
    for number, one in _in_order(source.spec)[1:]:
        path = f"{MEMBER}[{number}]"
        if _is_made_by_others(source, one):
            found.append(told(f"{one['NetworkInterfaceId']} is left out: what made it makes the like in the target", path))
        elif one.get("Ipv4Prefixes") or one.get("Ipv6Prefixes"):
            found.append(told("its prefixes stay at the source: assign others", path))
    return found


def further_interfaces(source: Source, made: TargetResource, needs: Sequence[str]) -> Iterator[TargetResource]:
    """Each further interface, its attachment, and an elastic address where it has one. *needs*: keys of what is there before a second one.

    A server with two interfaces takes no address by its own id any more.
    """
    name = source.resource.name
    for number, one in _in_order(source.spec)[1:]:
        if _is_made_by_others(source, one):
            continue
        path, (_, place) = f"{MEMBER}[{number}]", _place(one)
        interface = source.target(INTERFACE, _properties(source, path, one), part=f"interface/{place}", name=f"{name} interface {place}")
        yield interface
        own = Leaf(Ref(interface.key), transformed(path, "the interface of the target"))
        attachment: dict[str, Node | None] = {
            "InstanceId": Leaf(Ref(made.key), transformed(path, "the server that it is of; it is attached once the server runs")),
            "NetworkInterfaceId": own,
            "DeviceIndex": Leaf(str(place), Origin(Came.COPIED, f"{path}.Attachment.DeviceIndex")),
            "DeleteOnTermination": Leaf(
                bool(_attached(one).get("DeleteOnTermination")), Origin(Came.COPIED, f"{path}.Attachment.DeleteOnTermination")
            ),
        }
        yield source.target(ATTACHMENT, attachment, part=f"attachment/{place}", name=f"{name} interface {place}", needs=tuple(needs))
        yield from _address(source, own, one, place)


def _in_order(spec: Mapping[str, Any]) -> list[Found]:
    """The interfaces by network card and place; the first is that which the server starts with."""
    return sorted(enumerate(spec.get(MEMBER) or ()), key=lambda found: (_place(found[1]), found[0]))


def _place(interface: Mapping[str, Any]) -> tuple[int, int]:
    """The network card and the place on it."""
    attached = _attached(interface)
    return int(attached.get("NetworkCardIndex") or 0), int(attached.get("DeviceIndex") or 0)


def _attached(interface: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = interface.get("Attachment") or {}
    return found


def _is_made_by_others(source: Source, interface: Mapping[str, Any]) -> bool:
    """Whether a service or the network plugin of Kubernetes made it, and makes the like for the target."""
    if str(interface.get("Description") or "").startswith(KUBERNETES):
        return True
    known = source.having(INTERFACE, "NetworkInterfaceId", str(interface.get("NetworkInterfaceId")))
    return any(one.spec.get("RequesterManaged") for one in known)


def _properties(source: Source, path: str, one: Mapping[str, Any]) -> dict[str, Node | None]:
    groups = [str(group["GroupId"]) for group in one.get("Groups") or ()]
    subnet = source.referred(f"{path}.SubnetId", str(one["SubnetId"]), where="targets.subnets")
    others, six = len(one.get("PrivateIpAddresses") or ()) - 1, len(one.get("Ipv6Addresses") or ())
    has_six = isinstance(subnet, Leaf) and isinstance(subnet.value, Ref) and block_key(source, str(one.get("VpcId"))) is not None
    count = "as many as the source has, of its subnet in the target"
    known = source.having(INTERFACE, "NetworkInterfaceId", str(one["NetworkInterfaceId"]))
    description = str(one.get("Description") or "")
    return {
        "SubnetId": subnet,
        "GroupSet": source.all_referred(f"{path}.Groups", groups, attribute="GroupId", where="targets.security_groups"),
        "Description": Leaf(description, Origin(Came.COPIED, f"{path}.Description")) if description else None,
        "PrivateIpAddress": _private_ip(source, path, one),
        "SecondaryPrivateIpAddressCount": Leaf(others, transformed(f"{path}.PrivateIpAddresses", count)) if others > 0 else None,
        "Ipv6AddressCount": Leaf(six, transformed(f"{path}.Ipv6Addresses", count)) if six and has_six else None,
        "SourceDestCheck": Leaf(bool(one["SourceDestCheck"]), Origin(Came.COPIED, f"{path}.SourceDestCheck"))
        if one.get("SourceDestCheck") is not None
        else None,
        "Tags": source.tags(known[0].tags) if known else None,
    }


def _private_ip(source: Source, path: str, one: Mapping[str, Any]) -> Leaf | None:
    """Its first address: only where the estate file says so does it keep it."""
    given = one.get("PrivateIpAddress")
    if not given:
        return None
    if source.policy.same_private_ip:
        return Leaf(str(given), Origin(Came.COPIED, f"{path}.PrivateIpAddress"))
    return told("its subnet gives it an address; targets.same_private_ip would keep this one", f"{path}.PrivateIpAddress")


def _address(source: Source, own: Leaf, one: Mapping[str, Any], place: int) -> Iterator[TargetResource]:
    """An elastic address, where the source has one of that interface."""
    held = source.having(ADDRESS, "NetworkInterfaceId", str(one["NetworkInterfaceId"]))
    if not held or source.policy.override(source.resource.uid).elastic_ip is False:
        return
    name = f"{source.resource.name} address {place}"
    properties: dict[str, Node | None] = {"Domain": defaulted("vpc", "every address is of a VPC"), "Tags": source.tags()}
    made = source.target(ADDRESS, properties, part=f"address/{place}", name=name)
    yield made
    why = "the source has one; this is another, of the target's region"
    parts: dict[str, Node | None] = {
        "AllocationId": Leaf(Ref(made.key, "AllocationId"), transformed("NetworkInterfaceId", why)),
        "NetworkInterfaceId": own,
    }
    yield source.target(ASSOCIATION, parts, part=f"association/{place}", name=name)
