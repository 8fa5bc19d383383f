"""The interfaces of a launch, in the words of the API: one that is said beside the instance, or several in a list of their own.

Source: EC2 API reference, RunInstances and InstanceNetworkInterfaceSpecification: where interfaces are listed, the request itself names
no subnet, group or address.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.record import Params


@dataclass(frozen=True, slots=True)
class Launched:
    """An interface that a launch makes."""

    place: int  # the device index
    subnet_id: Any  # an id, or what an earlier step gives
    group_ids: tuple[Any, ...]
    addresses: tuple[str, ...] = ()  # that are asked for
    number: int = 1  # of addresses that it gets


def interface_params(params: Params) -> dict[str, Any]:
    """What RunInstances is asked of interfaces. *params*: of the step."""
    own = {"SubnetId": params["subnet_id"]}
    if not params.get("interfaces"):
        return {**own, "SecurityGroupIds": params["group_ids"]}
    first = {"DeviceIndex": 0, **own, "Groups": params["group_ids"], **params.get("own_addresses", {})}
    every = [first, *(_specified(one) for one in params["interfaces"])]
    return {"NetworkInterfaces": [{**one, "DeleteOnTermination": True} for one in every]}


def _specified(one: Mapping[str, Any]) -> dict[str, Any]:
    described = {"Description": one["description"]} if one.get("description") else {}
    return {"DeviceIndex": one["place"], "SubnetId": one["subnet_id"], "Groups": one["group_ids"], **described, **one["addresses"]}


def addresses_asked(addresses: Iterable[str], *, are_kept: bool) -> dict[str, Any]:
    """What is asked of an interface's private addresses, the first of which is its own: the same ones, or as many."""
    listed = list(addresses)
    if are_kept and len(listed) > 1:
        return {"PrivateIpAddresses": [{"Primary": one == listed[0], "PrivateIpAddress": one} for one in listed]}
    if are_kept and listed:
        return {"PrivateIpAddress": listed[0]}
    return {"SecondaryPrivateIpAddressCount": len(listed) - 1} if len(listed) > 1 else {}


def launched_interfaces(asked: Params) -> tuple[Launched, ...]:
    """The interfaces of a call of RunInstances, the instance's own first."""
    listed = asked.get("NetworkInterfaces")
    if not listed:
        address = asked.get("PrivateIpAddress")
        return (Launched(0, asked.get("SubnetId"), tuple(asked.get("SecurityGroupIds") or ()), (address,) if address else ()),)
    return tuple(sorted((_read(one) for one in listed), key=lambda one: one.place))


def _read(one: Mapping[str, Any]) -> Launched:
    named = [str(entry["PrivateIpAddress"]) for entry in one.get("PrivateIpAddresses") or ()]
    named += [str(one["PrivateIpAddress"])] if one.get("PrivateIpAddress") else []
    number = max(1, len(named)) + int(one.get("SecondaryPrivateIpAddressCount") or 0)
    return Launched(int(one["DeviceIndex"]), one.get("SubnetId"), tuple(one.get("Groups") or ()), tuple(named), number)
