"""Every type of CloudFormation that can be said in Terraform."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import Shape
from cloudmigrate.domain.iac.shapes import (
    apis,
    balancers,
    containers,
    dns,
    functions,
    gateways,
    identity,
    messaging,
    networks,
    security_groups,
    servers,
)

SHAPES: tuple[Shape, ...] = (
    *apis.SHAPES,
    *balancers.SHAPES,
    *containers.SHAPES,
    *dns.SHAPES,
    *functions.SHAPES,
    *gateways.SHAPES,
    *identity.SHAPES,
    *messaging.SHAPES,
    *networks.SHAPES,
    *security_groups.SHAPES,
    *servers.SHAPES,
)
SHAPE_OF: Mapping[str, Shape] = {one.type: one for one in SHAPES}
