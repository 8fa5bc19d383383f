"""Every act by its name."""

from collections.abc import Mapping

from cloudmigrate.domain.acts import balancers, by_hand, dns, ec2, ec2_groups, ec2_settings
from cloudmigrate.domain.acts.record import Act

BY_NAME: Mapping[str, Act] = {act.name: act for module in (ec2, ec2_groups, ec2_settings, balancers, dns, by_hand) for act in module.ACTS}
