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
    dns,
    files,
    functions,
    identity,
    keys,
    messaging,
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
    *dns.KINDS,
    *files.KINDS,
    *functions.KINDS,
    *identity.KINDS,
    *keys.KINDS,
    *messaging.KINDS,
    *tables.KINDS,
)
BY_TYPE: Mapping[str, Kind] = {one.type: one for one in KINDS}
