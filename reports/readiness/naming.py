"""What things are called where people read: a name that several bear is told apart, and an end outside has the same words everywhere."""

import ipaddress
from collections.abc import Iterable
from typing import Protocol

from cloudmigrate.domain.naming import called


class Named(Protocol):
    """A resource as far as its name goes."""

    @property
    def uid(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def type(self) -> str:
        """Its type."""
        ...


def distinct_names(rows: Iterable[Named]) -> dict[str, str]:
    """uid -> what to call each of *rows*, by the law that the command line's words follow too."""
    return called((row.uid, row.name, row.type) for row in rows)


def end_name(uid: str) -> str:
    """What an end of a dependency that is no resource of the inventory is called; a uid of another kind as it is."""
    scheme, _, rest = uid.partition(":")
    if scheme == "unknown":
        return f"{rest} (unknown address)"
    if scheme == "external":
        return f"{rest} ({'outside' if is_network(rest) else 'AWS service'})"
    return uid


def is_network(text: str) -> bool:
    """Whether that is an address or a CIDR."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
