"""What changed between two snapshots of an inventory, told only as far as both could look.

A resource that is absent where the newer snapshot did not look (denied, throttled, failed, not attempted, out of scope) is
``not_seen`` and never ``vanished``; one that is new where the older did not look is ``first_seen`` and never ``appeared``.
A partial look counts as a look: the listing was whole and only details were refused, unless its detail says otherwise.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from cloudmigrate.domain.assessment import GLOBAL
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
# The service's own list of the tags that the column ``tags`` holds: a changed tag is one change, not two.
TAGS_IN_SPEC = re.compile(r"spec\.(?:Tags|TagList|TagSet|TagDescription|tags)(?![\w-])")
# In the detail of a partial coverage row: the listing itself was not whole.
UNLISTED_NOTES = ("could not be listed", "their region could not be read", "bears no id")


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
    """Where one snapshot looked: its coverage by (account, region, type), and the filters of its scope."""

    looks: Mapping[tuple[str, str, str], Row]
    covered: Mapping[str, frozenset[str]]  # account -> its regions with any coverage, without "global"
    tags: tuple[str, ...]  # "key=value"; a resource must bear all of them
    regions: frozenset[str]

    @classmethod
    def of(cls, coverage: Iterable[Row], tags: Sequence[str] = (), regions: Sequence[str] = ()) -> "Sight":
        """The sight of a snapshot with these rows of the dataset ``coverage``."""
        looks = {(row["account_id"], row["region"], row["type"]): row for row in coverage}
        covered: dict[str, set[str]] = {}
        for account_id, region, _ in looks:
            covered.setdefault(account_id, set()).update({region} - {GLOBAL})
        return cls(looks, {account_id: frozenset(found) for account_id, found in covered.items()}, tuple(tags), frozenset(regions))

    def blind_to(self, row: Row) -> str | None:
        """Why this snapshot could not have seen the resource of *row*, or None when it could have."""
        look = self.look_at(row)
        if look is None:
            return "out of scope"
        status = CoverageStatus(look["status"])
        if status is CoverageStatus.PARTIAL:
            detail = str(look.get("detail") or "")
            if any(note in detail for note in UNLISTED_NOTES):
                return f"{status}: {detail}"
        elif status.is_gap:
            return str(status)
        borne = _mapping(row.get("tags"))
        lacking = [tag for tag in self.tags if borne.get(tag.partition("=")[0]) != tag.partition("=")[2]]
        return f"scope asks for tag {lacking[0]}" if lacking else None

    def refused_details(self, row: Row) -> bool:
        """Whether details of the resource of *row* may have been refused."""
        look = self.look_at(row)
        return look is not None and look["status"] == CoverageStatus.PARTIAL

    def look_at(self, row: Row) -> Row | None:
        """The coverage row that speaks for the resource of *row*; None: not in scope.

        A resource with a region of its own that is listed by a global service (a bucket) is spoken for by the row of "global", if its
        region was in scope: named by the filter or, without one, a region that the account has coverage in.
        """
        account_id, region, type_ = row["account_id"], row["region"], row["type"]
        look = self.looks.get((account_id, region, type_))
        if look is not None or region == GLOBAL:
            return look
        in_scope = self.regions or self.covered.get(account_id, frozenset())
        return self.looks.get((account_id, GLOBAL, type_)) if not in_scope or region in in_scope else None


def diff_inventories(
    before: Iterable[Row],
    after: Iterable[Row],
    *,
    coverage_before: Iterable[Row],
    coverage_after: Iterable[Row],
    tags_before: Sequence[str] = (),
    tags_after: Sequence[str] = (),
    regions_before: Sequence[str] = (),
    regions_after: Sequence[str] = (),
) -> InventoryDiff:
    """What appeared, vanished and changed from *before* to *after*, and what one of the two could not have seen.

    Rows are as the view ``inventory`` gives them, in any order; ``spec`` and ``tags`` may be JSON text. Both are read once, and
    only the older one is held, packed (some 0.5 kB a resource); a row is unpacked only where its hash differs.
    Tags and regions are the filters of the scopes that the two snapshots were made with: they tell more than coverage does.
    """
    older, newer = Sight.of(coverage_before, tags_before, regions_before), Sight.of(coverage_after, tags_after, regions_after)
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
        refused_before = older.refused_details(old)
        refused_after = newer.refused_details(new)
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
            if not is_volatile(new["type"], change.path) and not TAGS_IN_SPEC.match(change.path):
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
