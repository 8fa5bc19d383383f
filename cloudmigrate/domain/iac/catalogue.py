"""Every type of the source that code is made of."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds import apis, balancers, containers, dns, functions, identity, messaging

KINDS: tuple[Kind, ...] = (
    *apis.KINDS,
    *balancers.KINDS,
    *containers.KINDS,
    *dns.KINDS,
    *functions.KINDS,
    *identity.KINDS,
    *messaging.KINDS,
)
BY_TYPE: Mapping[str, Kind] = {one.type: one for one in KINDS}
