"""What changed between two snapshots of an inventory, told only as far as both could look.

A resource that is absent where the newer snapshot did not look (denied, throttled, failed, not attempted, out of scope) is
``not_seen`` and never ``vanished``; one that is new where the older did not look is ``first_seen`` and never ``appeared``.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.domain.spec_diff import Change, changes_between, is_volatile

Row = Mapping[str, Any]

# Columns that say what a resource is; `uid` is its key and `snapshot` differs by nature.
COMPARED = (
    "provider",
    "account_id",
    "region",
    "type",
    "name",
    "state",
    "tags",
    "spec",
    "stateful",
    "storage_bytes",
    "private_ips",
    "created_at",
)
# The listing itself was whole; only details of some resources were refused.
_LOOKED = frozenset({CoverageStatus.OK, CoverageStatus.EMPTY, CoverageStatus.PARTIAL})


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a difference; ``why`` says what could not be looked at, where that is the point."""

    uid: str
    account_id: str
    region: str
    type: str
    name: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """One resource that is in both snapshots and says something else; grain of ``changes``: one per attribute or path."""

    entry: Entry
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class InventoryDiff:
    """What became of every resource of two snapshots; each tuple is sorted by account, region, type and uid."""

    appeared: tuple[Entry, ...]
    vanished: tuple[Entry, ...]
    first_seen: tuple[Entry, ...]  # the older snapshot could not have seen it
    not_seen: tuple[Entry, ...]  # the newer snapshot could not have seen it
    changed: tuple[Changed, ...]
    unchanged: int  # count; resources that differ only in what moves by itself are among them

    def document(self) -> dict[str, Any]:
        """The difference as JSON values."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found


@dataclass(frozen=True, slots=True)
class Sight:
    """Where one snapshot looked: its coverage rows, and the tags that its scope asked for ("key=value", all of them)."""

    statuses: Mapping[tuple[str, str, str], str]
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, coverage: Iterable[Row], *, tags: Sequence[str] = ()) -> "Sight":
        """The sight of a snapshot with these rows of the dataset ``coverage``."""
        return cls({(row["account_id"], row["region"], row["type"]): str(row["status"]) for row in coverage}, tuple(tags))

    def blind_to(self, row: Row) -> str | None:
        """Why this snapshot could not have seen the resource of *row*, or None when it could have."""
        status = self.status_at(row)
        if status is None:
            return "out of scope"
        if status not in _LOOKED:
            return status
        borne = _mapping(row.get("tags"))
        lacking = [tag for tag in self.tags if borne.get(tag.partition("=")[0]) != tag.partition("=")[2]]
        return f"scope asks for tag {lacking[0]}" if lacking else None

    def status_at(self, row: Row) -> str | None:
        """The coverage status of the row's account, region and type; None: not in scope."""
        return self.statuses.get((row["account_id"], row["region"], row["type"]))


def diff_inventories(
    before: Iterable[Row],
    after: Iterable[Row],
    *,
    coverage_before: Iterable[Row],
    coverage_after: Iterable[Row],
    tags_before: Sequence[str] = (),
    tags_after: Sequence[str] = (),
) -> InventoryDiff:
    """What appeared, vanished and changed from *before* to *after*, and what one of the two could not have seen.

    Rows are as the view ``inventory`` gives them, in any order; ``spec`` and ``tags`` may be JSON text. Both are read once, and
    only the older one is held, packed (some 0.5 kB a resource); a row is unpacked only where its hash differs.
    *tags_before* and *tags_after* are the tag filters of the two scopes.
    """
    older, newer = Sight.of(coverage_before, tags=tags_before), Sight.of(coverage_after, tags=tags_after)
    packed = {row["uid"]: _pack(row) for row in before}
    found = _Found()
    for row in after:
        old = packed.pop(row["uid"], None)
        text = _canonical(row)
        if old is None:
            why = older.blind_to(row)
            (found.appeared if why is None else found.first_seen).append(_entry(row, why))
        elif old.digest == _digest(text):
            found.unchanged += 1
        else:
            found.add_changes(_unpack(row["uid"], old), {"uid": row["uid"], **json.loads(text)}, older, newer)
    for uid, old in packed.items():
        row = _unpack(uid, old)
        why = newer.blind_to(row)
        (found.vanished if why is None else found.not_seen).append(_entry(row, why))
    return found.result()


@dataclass(slots=True)
class _Found:
    """A difference while it is being made."""

    appeared: list[Entry] = field(default_factory=list)
    vanished: list[Entry] = field(default_factory=list)
    first_seen: list[Entry] = field(default_factory=list)
    not_seen: list[Entry] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0

    def add_changes(self, old: Row, new: Row, older: Sight, newer: Sight) -> None:
        # Where details were refused, a value that only one side has may have been there on the other as well.
        refused_before = older.status_at(old) == CoverageStatus.PARTIAL
        refused_after = newer.status_at(new) == CoverageStatus.PARTIAL
        kept = tuple(change for change in _row_changes(old, new) if not change.may_be_refusal(before=refused_before, after=refused_after))
        if kept:
            self.changed.append(Changed(_entry(new, None), kept))
        else:
            self.unchanged += 1

    def result(self) -> InventoryDiff:
        return InventoryDiff(
            appeared=_sorted(self.appeared),
            vanished=_sorted(self.vanished),
            first_seen=_sorted(self.first_seen),
            not_seen=_sorted(self.not_seen),
            changed=tuple(sorted(self.changed, key=lambda one: _place(one.entry))),
            unchanged=self.unchanged,
        )


def _row_changes(old: Row, new: Row) -> Iterator[Change]:
    """Every change between two rows of one resource that does not move by itself, column by column."""
    for column in COMPARED:
        for change in changes_between(column, old[column], new[column]):
            if not is_volatile(new["type"], change.path):
                yield change


@dataclass(frozen=True, slots=True)
class _Packed:
    digest: bytes
    content: bytes


def _pack(row: Row) -> _Packed:
    text = _canonical(row)
    return _Packed(_digest(text), zlib.compress(text, level=1))


def _unpack(uid: str, packed: _Packed) -> dict[str, Any]:
    return {"uid": uid, **json.loads(zlib.decompress(packed.content))}


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).digest()


def _canonical(row: Row) -> bytes:
    """The row's compared columns as JSON that is equal for equal content: sorted keys, JSON text parsed, instants as text."""
    content = {column: row.get(column) for column in COMPARED}
    content["tags"] = _mapping(content["tags"])
    content["spec"] = json.loads(content["spec"]) if isinstance(content["spec"], str) else content["spec"]
    content["private_ips"] = sorted(content["private_ips"] or ())
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=_text).encode("ascii")


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _mapping(tags: object) -> dict[str, Any]:
    """Tags as a dict: from a mapping, JSON text, or nothing."""
    found = json.loads(tags) if isinstance(tags, str) else tags
    return dict(found) if isinstance(found, Mapping) else {}


def _entry(row: Row, why: str | None) -> Entry:
    return Entry(row["uid"], row["account_id"], row["region"], row["type"], row["name"], why)


def _sorted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=_place))


def _place(entry: Entry) -> tuple[str, str, str, str]:
    return entry.account_id, entry.region, entry.type, entry.uid
