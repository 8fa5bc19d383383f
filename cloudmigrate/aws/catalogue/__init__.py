"""Every resource type that CloudMigrate knows: the table that discovery, metrics, the IAM policy, docs and tests derive from."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from cloudmigrate.aws import redact
from cloudmigrate.aws.catalogue import (
    artifacts,
    balancers,
    compute,
    containers,
    databases,
    functions,
    identity,
    integration,
    network,
    storage,
)
from cloudmigrate.aws.resource_type import ResourceType
from cloudmigrate.domain.resources import RelationRole

ROWS: tuple[ResourceType, ...] = (
    *compute.ROWS,
    *containers.ROWS,
    *functions.ROWS,
    *databases.ROWS,
    *storage.ROWS,
    *balancers.ROWS,
    *integration.ROWS,
    *network.ROWS,
    *identity.ROWS,
    *artifacts.ROWS,
)
# No row goes without a redaction: where a type has none of its own, members that hold secrets are left out all the same.
CATALOGUE: tuple[ResourceType, ...] = tuple(row if row.redact else replace(row, redact=redact.scrub) for row in ROWS)
BY_TYPE: Mapping[str, ResourceType] = MappingProxyType({row.type: row for row in CATALOGUE})
RELATION_ROLES: Mapping[str, RelationRole] = MappingProxyType({rule.kind: rule.role for row in CATALOGUE for rule in row.relations})
