"""Every act by its name."""

from collections.abc import Mapping

from cloudmigrate.domain.acts import (
    balancers,
    bucket_settings,
    buckets,
    by_hand,
    dms,
    dms_tasks,
    dns,
    ec2,
    ec2_groups,
    ec2_settings,
    function_callers,
    functions,
    images,
    metrics,
    rds,
    rds_snapshots,
    rds_targets,
    retiring,
    retiring_databases,
    services,
    stacks,
)
from cloudmigrate.domain.acts.record import Act

MODULES = (
    balancers,
    bucket_settings,
    buckets,
    by_hand,
    dms,
    dms_tasks,
    dns,
    ec2,
    ec2_groups,
    ec2_settings,
    function_callers,
    functions,
    images,
    metrics,
    rds,
    rds_snapshots,
    rds_targets,
    retiring,
    retiring_databases,
    services,
    stacks,
)
BY_NAME: Mapping[str, Act] = {act.name: act for module in MODULES for act in module.ACTS}
