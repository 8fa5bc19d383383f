"""What needs what: the record of one dependency and the evidence for it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Dependency:
    """The source needs the target, seen in traffic, stated by configuration, or both; a row of the dataset `dependencies`.

    An end that is no resource of the snapshot is ``external:<CIDR or AWS service>`` or ``unknown:<address>``.
    """

    source_uid: str
    target_uid: str
    kind: str  # traffic, config, both
    protocol: int | None  # None where only configuration says so
    port: int | None  # the server's; None where only configuration says so
    bytes: int  # both halves of the conversations, each counted once
    packets: int
    flows: int
    first_seen: datetime | None
    last_seen: datetime | None
    confidence: float  # 0..1
    allowed: bool | None  # whether rules and routes let it through now; None where that could not be told
    observed: bool
    configured: bool
    resolution: str | None = None
    direction: str | None = None
    periodicity: str | None = None
    days_seen: int | None = None
    days_logged: int | None = None
    statements: tuple[str, ...] = ()  # the kinds of relations that state it
    via: tuple[str, ...] = ()  # plumbing folded into it
