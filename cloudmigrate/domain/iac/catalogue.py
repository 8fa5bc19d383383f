"""Every type of the source that code is made of."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds import (
    apis,
    aurora,
    balancers,
    buckets,
    caches,
    containers,
    database_groups,
    databases,
    disks,
    dns,
    files,
    functions,
    gateways,
    identity,
    keys,
    messaging,
    network_links,
    networks,
    security_groups,
    server_groups,
    servers,
    tables,
)

KINDS: tuple[Kind, ...] = (
    *apis.KINDS,
    *aurora.KINDS,
    *balancers.KINDS,
    *buckets.KINDS,
    *caches.KINDS,
    *containers.KINDS,
    *database_groups.KINDS,
    *databases.KINDS,
    *disks.KINDS,
    *dns.KINDS,
    *files.KINDS,
    *functions.KINDS,
    *gateways.KINDS,
    *identity.KINDS,
    *keys.KINDS,
    *messaging.KINDS,
    *network_links.KINDS,
    *networks.KINDS,
    *security_groups.KINDS,
    *server_groups.KINDS,
    *servers.KINDS,
    *tables.KINDS,
)
BY_TYPE: Mapping[str, Kind] = {one.type: one for one in KINDS}
