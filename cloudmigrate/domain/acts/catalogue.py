"""Every act by its name."""

from collections.abc import Mapping

from cloudmigrate.domain.acts import (
    balancers,
    by_hand,
    dms,
    dns,
    ec2,
    ec2_groups,
    ec2_settings,
    functions,
    images,
    metrics,
    rds,
    rds_snapshots,
    rds_targets,
    services,
    stacks,
)
from cloudmigrate.domain.acts.record import Act

MODULES = (
    ec2,
    ec2_groups,
    ec2_settings,
    balancers,
    dns,
    rds,
    rds_snapshots,
    rds_targets,
    dms,
    metrics,
    by_hand,
    stacks,
    images,
    functions,
    services,
)
BY_NAME: Mapping[str, Act] = {act.name: act for module in MODULES for act in module.ACTS}
