"""The names of a cluster's instances in the target, as the generator of code and the execution engine both give them."""

from collections.abc import Mapping
from typing import Any

LONGEST = 63  # characters. Source: RDS API reference, CreateDBInstance
ROOM = 5  # for a hyphen and a number


def member_name(cluster: Mapping[str, Any], told: str | None, own: str) -> str:
    """What an instance that is called *own* is called there: the same, or numbered where the estate file has *told* a name of its cluster.

    *cluster*: its configuration, as RDS tells it. The instance that writes is the first.
    """
    if told is None or told == cluster.get("DBClusterIdentifier"):
        return own
    members = sorted(
        (not one.get("IsClusterWriter"), str(one.get("DBInstanceIdentifier"))) for one in cluster.get("DBClusterMembers") or ()
    )
    number = next((place for place, (_, name) in enumerate(members, start=1) if name == own), len(members) + 1)
    return f"{told[: LONGEST - ROOM].rstrip('-')}-{number}"
