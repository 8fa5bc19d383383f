"""Every type of the source that code is made of."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds import aurora, buckets, caches, database_groups, databases, files, keys, messaging, tables

KINDS: tuple[Kind, ...] = (
    *messaging.KINDS,
    *aurora.KINDS,
    *buckets.KINDS,
    *caches.KINDS,
    *database_groups.KINDS,
    *databases.KINDS,
    *files.KINDS,
    *keys.KINDS,
    *tables.KINDS,
)
BY_TYPE: Mapping[str, Kind] = {one.type: one for one in KINDS}
