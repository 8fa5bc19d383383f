"""Every resource type that CloudMigrate knows: the table that discovery, metrics, the IAM policy, docs and tests derive from."""

from collections.abc import Mapping
from types import MappingProxyType

from cloudmigrate.aws.catalogue import compute, network
from cloudmigrate.aws.resource_type import ResourceType
from cloudmigrate.domain.resources import RelationRole

CATALOGUE: tuple[ResourceType, ...] = (*network.ROWS, *compute.ROWS)
BY_TYPE: Mapping[str, ResourceType] = MappingProxyType({row.type: row for row in CATALOGUE})
RELATION_ROLES: Mapping[str, RelationRole] = MappingProxyType({rule.kind: rule.role for row in CATALOGUE for rule in row.relations})
