"""Every act by its name."""

from collections.abc import Mapping

from cloudmigrate.domain.acts import (
    balancers,
    bucket_settings,
    buckets,
    by_hand,
    dns,
    ec2,
    ec2_groups,
    ec2_settings,
    retiring,
    retiring_databases,
)
from cloudmigrate.domain.acts.record import Act

MODULES = (
    ec2,
    ec2_groups,
    ec2_settings,
    balancers,
    dns,
    by_hand,
    retiring,
    retiring_databases,
    bucket_settings,
    buckets,
)
BY_NAME: Mapping[str, Act] = {act.name: act for module in MODULES for act in module.ACTS}
