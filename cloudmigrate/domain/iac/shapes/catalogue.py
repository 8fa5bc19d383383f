"""Every type of CloudFormation that can be said in Terraform."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import Shape
from cloudmigrate.domain.iac.shapes import gateways, messaging, networks, security_groups, servers

SHAPES: tuple[Shape, ...] = (
    *messaging.SHAPES,
    *networks.SHAPES,
    *gateways.SHAPES,
    *security_groups.SHAPES,
    *servers.SHAPES,
)
SHAPE_OF: Mapping[str, Shape] = {one.type: one for one in SHAPES}
