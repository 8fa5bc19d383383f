"""Every type of the source that code is made of."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds import messaging

KINDS: tuple[Kind, ...] = (*messaging.KINDS,)
BY_TYPE: Mapping[str, Kind] = {one.type: one for one in KINDS}
