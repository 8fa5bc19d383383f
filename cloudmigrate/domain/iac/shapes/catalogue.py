"""Every type of CloudFormation that can be said in Terraform."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import Shape
from cloudmigrate.domain.iac.shapes import buckets, caches, databases, files, keys, messaging, replication, tables

SHAPES: tuple[Shape, ...] = (
    *messaging.SHAPES,
    *buckets.SHAPES,
    *caches.SHAPES,
    *databases.SHAPES,
    *files.SHAPES,
    *keys.SHAPES,
    *replication.SHAPES,
    *tables.SHAPES,
)
SHAPE_OF: Mapping[str, Shape] = {one.type: one for one in SHAPES}
