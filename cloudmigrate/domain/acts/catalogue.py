"""Every act by its name."""

from collections.abc import Mapping

from cloudmigrate.domain.acts import balancers, by_hand, dms, dns, ec2, ec2_groups, ec2_settings, metrics, rds, rds_snapshots, rds_targets
from cloudmigrate.domain.acts.record import Act

_MODULES = (ec2, ec2_groups, ec2_settings, balancers, dns, rds, rds_snapshots, rds_targets, dms, metrics, by_hand)
BY_NAME: Mapping[str, Act] = {act.name: act for module in _MODULES for act in module.ACTS}
