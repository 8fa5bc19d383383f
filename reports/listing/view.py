"""What the index says, as frozen records."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """One published report."""

    snapshot_id: str
    snapshot_at: datetime
    plan_id: str | None
    files: tuple[tuple[str, str], ...]  # what it is, and where, relative to the index
    resources: int | None = None  # here and below None: published by a version that did not note it
    now_usd: Decimal | None = None  # a month, on demand
    after_usd: Decimal | None = None
    sampled: bool = False  # some price behind it is a dated sample


@dataclass(frozen=True, slots=True)
class Listing:
    """Every report of one estate, the newest first."""

    estate_name: str
    entries: tuple[Entry, ...]
