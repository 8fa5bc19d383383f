"""The checks by name: what a waiver of the estate file can name."""

from enum import StrEnum


class CheckName(StrEnum):
    """One kind of check; docs/preflight.md says of each what it asks and what it does not see."""

    PERMISSIONS = "permissions"
    QUOTAS = "quotas"
    LANDING = "landing"  # subnets, VPCs and groups of the target
    INSTANCE_TYPES = "instance_types"
    KEYS = "keys"
    LICENCES = "licences"
    CONNECTIVITY = "connectivity"
    DNS = "dns"
    COLLISIONS = "collisions"
    BACKUPS = "backups"
    FREEZE = "freeze"
    DRIFT = "drift"
    REHEARSAL = "rehearsal"
    BY_HAND = "by_hand"
