"""Every type of the source that code is made of."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds import (
    apis,
    balancers,
    containers,
    disks,
    dns,
    functions,
    gateways,
    identity,
    messaging,
    network_links,
    networks,
    security_groups,
    server_groups,
    servers,
)

KINDS: tuple[Kind, ...] = (
    *apis.KINDS,
    *balancers.KINDS,
    *containers.KINDS,
    *disks.KINDS,
    *dns.KINDS,
    *functions.KINDS,
    *gateways.KINDS,
    *identity.KINDS,
    *messaging.KINDS,
    *network_links.KINDS,
    *networks.KINDS,
    *security_groups.KINDS,
    *server_groups.KINDS,
    *servers.KINDS,
)
BY_TYPE: Mapping[str, Kind] = {one.type: one for one in KINDS}
