"""Every type of CloudFormation that can be said in Terraform."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import Shape
from cloudmigrate.domain.iac.shapes import (
    apis,
    balancers,
    buckets,
    caches,
    containers,
    databases,
    dns,
    files,
    functions,
    gateways,
    identity,
    keys,
    messaging,
    networks,
    replication,
    security_groups,
    server_groups,
    servers,
    tables,
)

SHAPES: tuple[Shape, ...] = (
    *apis.SHAPES,
    *balancers.SHAPES,
    *buckets.SHAPES,
    *caches.SHAPES,
    *containers.SHAPES,
    *databases.SHAPES,
    *dns.SHAPES,
    *files.SHAPES,
    *functions.SHAPES,
    *gateways.SHAPES,
    *identity.SHAPES,
    *keys.SHAPES,
    *messaging.SHAPES,
    *networks.SHAPES,
    *replication.SHAPES,
    *security_groups.SHAPES,
    *server_groups.SHAPES,
    *servers.SHAPES,
    *tables.SHAPES,
)
SHAPE_OF: Mapping[str, Shape] = {one.type: one for one in SHAPES}
