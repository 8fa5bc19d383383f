"""Every act by its name."""

from collections.abc import Mapping

from cloudmigrate.domain.acts import ec2
from cloudmigrate.domain.acts.record import Act

BY_NAME: Mapping[str, Act] = {act.name: act for act in (*ec2.ACTS,)}
