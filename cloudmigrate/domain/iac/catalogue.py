"""Every type of the source that code is made of."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds import disks, gateways, messaging, network_links, networks, security_groups, server_groups, servers

KINDS: tuple[Kind, ...] = (
    *messaging.KINDS,
    *networks.KINDS,
    *gateways.KINDS,
    *network_links.KINDS,
    *security_groups.KINDS,
    *servers.KINDS,
    *disks.KINDS,
    *server_groups.KINDS,
)
BY_TYPE: Mapping[str, Kind] = {one.type: one for one in KINDS}
