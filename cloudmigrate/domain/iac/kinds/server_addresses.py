"""Where a server is in its network, and by which addresses it is reached.

Source: AWS CloudFormation template reference, AWS::EC2::EIP.
"""

from collections.abc import Iterator

from cloudmigrate.domain.iac.kinds.interfaces import first_interface, further_ids, told_of_interfaces
from cloudmigrate.domain.iac.kinds.ipv6 import block_key
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, defaulted, told, transformed
from cloudmigrate.domain.iac.values import Came, Items, Leaf, Node, Origin, Ref


def subnet_of(source: Source) -> Leaf | None:
    """The subnet of its first interface."""
    told_of_it = source.policy.override(source.resource.uid).subnet
    source.read |= {"SubnetId", "VpcId"}
    if told_of_it is not None:
        return Leaf(told_of_it, transformed("SubnetId", "targets.overrides"))
    return source.referred("SubnetId", where="targets.subnets")


def private_ip(source: Source) -> Leaf | None:
    """Its address: only where the estate file says so does it keep one."""
    given = source.value("PrivateIpAddress")
    told_of_it = source.policy.override(source.resource.uid).private_ip
    if told_of_it is not None:
        return Leaf(told_of_it, transformed("PrivateIpAddress", "targets.overrides"))
    if source.policy.same_private_ip:
        return source.copied("PrivateIpAddress")
    return told("its subnet gives it an address; targets.same_private_ip would keep this one", "PrivateIpAddress") if given else None


def forwards(source: Source) -> Leaf | None:
    """Said only where it is off: then the server forwards traffic of others, such as a firewall."""
    return Leaf(value=False, origin=Origin(Came.COPIED, "SourceDestCheck")) if source.value("SourceDestCheck") is False else None


def ipv6_count(source: Source, subnet: Leaf | None) -> Leaf | None:
    """How many addresses of IPv6 it gets: as many as it has, where its subnet is made and has some."""
    source.value("NetworkInterfaces")
    number, first = first_interface(source.spec)
    count = len(first.get("Ipv6Addresses") or ())
    if not count or subnet is None or not isinstance(subnet.value, Ref) or block_key(source, str(source.spec.get("VpcId"))) is None:
        return None
    return Leaf(count, transformed(f"NetworkInterfaces[{number}].Ipv6Addresses", "as many as the source has, of its subnet in the target"))


def told_of_addresses(source: Source) -> Node | None:
    """Addresses that stay behind."""
    source.value("NetworkInterfaces")
    number, first = first_interface(source.spec)
    path, left = f"NetworkInterfaces[{number}]", told_of_interfaces(source)
    if len(first.get("PrivateIpAddresses") or ()) > 1:
        left.append(told("it has further private addresses: give them to its interface", f"{path}.PrivateIpAddresses"))
    if first.get("Ipv6Addresses"):
        left.append(told("its IPv6 addresses stay at the source: those of the target are others", f"{path}.Ipv6Addresses"))
    return Items(tuple(left)) if left else None


def elastic_address(source: Source, made: TargetResource) -> Iterator[TargetResource]:
    """An elastic address, where the estate file says so or, if it says nothing, where the source has one."""
    uid = source.resource.uid
    told_of_it = source.policy.override(uid).elastic_ip
    named = any(one.uid == uid and one.to == "elastic_ip" for one in source.policy.dns)
    further = further_ids(source)
    held = source.having("AWS::EC2::EIP", "InstanceId", str(source.spec.get("InstanceId")))
    own = [one for one in held if one.spec.get("NetworkInterfaceId") not in further]
    if not (named if told_of_it is None and not own else told_of_it is not False):
        return
    why = "targets.overrides" if told_of_it else "targets.dns" if named else "the source has one; this is another, of the target's region"
    properties: dict[str, Node | None] = {
        "Domain": defaulted("vpc", "every address is of a VPC"),
        "InstanceId": Leaf(Ref(made.key), transformed("InstanceId", why)),
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::EIP", properties, part="address", name=f"{source.resource.name} address")
