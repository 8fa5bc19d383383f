"""Which flow log objects must be read, of which days and in which batches: decided from what is there and what was read before."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

BATCH_BYTES, BATCH_OBJECTS = 768 << 20, 1000  # the larger, the fewer sums of the same conversation are written and read again
PARQUET_WEIGHT = 2  # records that a byte of Parquet holds, for each that a byte of gzip text holds
SMALL_BYTES = 8 << 20  # a batch costs a fifth of a second however little is in it; so much is read in a second
# Amazon VPC User Guide, "Flow log files": account_vpcflowlogs_region_flow-log-id_time_hash.log.gz
_FLOW_LOG = re.compile(r"_(fl-[0-9a-f]+)_[^/]*$")
OPEN = "open:"  # how the ETag of an object begins that still grows, such as the present hour of a log group


@dataclass(frozen=True, slots=True)
class Batch:
    """Objects that were read together: the unit that is visible or not; kept as one mark of the ledger."""

    name: str
    objects: Mapping[str, str]  # key -> ETag
    parts: tuple[Mapping[str, Any], ...]  # dataset, path, day, rows, bytes
    reports: tuple[Mapping[str, Any], ...]  # rows of flow_log_objects
    supersedes: tuple[str, ...] = ()  # batches of which an object has changed since

    def value(self) -> dict[str, Any]:
        """The batch as JSON values."""
        return {
            "objects": dict(self.objects),
            "parts": [dict(one) for one in self.parts],
            "reports": [dict(one) for one in self.reports],
            "supersedes": list(self.supersedes),
        }

    @classmethod
    def of(cls, name: str, value: Mapping[str, Any]) -> "Batch":
        """The batch that `value` gave."""
        return cls(name, value["objects"], tuple(value["parts"]), tuple(value["reports"]), tuple(value["supersedes"]))


def live(batches: Iterable[Batch]) -> tuple[Batch, ...]:
    """The batches that no other has superseded, by name."""
    known = list(batches)
    gone = {name for one in known for name in one.supersedes}
    return tuple(sorted((one for one in known if one.name not in gone), key=lambda one: one.name))


@dataclass(frozen=True, slots=True)
class ToRead:
    """Objects to read in one go, and the batches that the reading makes obsolete."""

    keys: tuple[str, ...]
    supersedes: tuple[str, ...]


def to_read(
    there: Mapping[str, tuple[str, int, date | None]],
    read: Sequence[Batch],
    *,
    batch_bytes: int = BATCH_BYTES,
    batch_objects: int = BATCH_OBJECTS,
    small_bytes: int = SMALL_BYTES,
) -> list[ToRead]:
    """What to read of the objects that are *there* (key -> ETag, bytes, day), given the live batches that were *read*.

    An object of the same ETag is not read again. One that has changed makes its whole batch be read again, if all its objects are still
    there (`unreadable_changes` tells the others); one that is gone keeps what it gave. New objects are cut into batches of one flow log
    and one day, by bytes and number; a batch takes further days while it is small, where sizes are known. Those that still grow lie
    apart, so that reading them again reads nothing else again.
    """
    plans: list[ToRead] = []
    done: set[str] = set()
    for batch in read:
        if _changed(batch, there) and all(key in there for key in batch.objects):
            plans.append(ToRead(tuple(sorted(batch.objects)), (batch.name,)))
        done |= set(batch.objects)
    new = sorted((flow_log_of(key), there[key][0].startswith(OPEN), there[key][2] or date.min, key) for key in there if key not in done)
    some: list[str] = []
    size = 0
    last = ("", False, date.min)  # of the batch: flow log, whether it grows, day
    for flow_log, grows, day, key in new:
        weight = there[key][1] * (PARQUET_WEIGHT if key.endswith(".parquet") else 1)
        is_full = size + weight > batch_bytes or len(some) >= batch_objects
        takes_day = day == last[2] or 0 < size < small_bytes
        if some and (is_full or not takes_day or (flow_log, grows) != last[:2]):
            plans.append(ToRead(tuple(some), ()))
            some, size = [], 0
        some.append(key)
        size += weight
        last = (flow_log, grows, day)
    if some:
        plans.append(ToRead(tuple(some), ()))
    return plans


def unreadable_changes(there: Mapping[str, tuple[str, int, date | None]], read: Sequence[Batch]) -> list[str]:
    """Objects that have changed since they were read, but cannot be read again: the sums of their batch hold others that are gone."""
    return sorted(key for batch in read if any(one not in there for one in batch.objects) for key in _changed(batch, there))


def _changed(batch: Batch, there: Mapping[str, tuple[str, int, date | None]]) -> list[str]:
    return [key for key, etag in batch.objects.items() if key in there and there[key][0] != etag]


def flow_log_of(key: str) -> str:
    """The id of the flow log that delivered an object to S3, where its name tells; empty otherwise."""
    found = _FLOW_LOG.search(key)
    return found.group(1) if found else ""


def owned(identity: str, *, here: Container[str], elsewhere: Container[str], is_inside_another: bool) -> bool:
    """Whether a place may read an object: what it has read stays its own; else the innermost place that holds it reads it, once.

    *here* and *elsewhere* are the identities that this place's live batches and those of the others hold.
    """
    return identity in here or (identity not in elsewhere and not is_inside_another)


def days_of(window_start: datetime, window_end: datetime) -> tuple[date, ...]:
    """The UTC days that a window touches."""
    first = window_start.astimezone(UTC).date()
    last = (window_end.astimezone(UTC) - timedelta(microseconds=1)).date()
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
