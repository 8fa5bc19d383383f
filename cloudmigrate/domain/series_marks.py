"""How far a series has been read, resource by resource, so that a run asks only for what is new and misses nothing.

A run asks once for the fresh stretch of all resources that are there; what a resource lacks before it (because it is new, was
out of scope, or an earlier run was killed) is asked for besides, and stays noted until it is there.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DIGEST_LENGTH = 16  # hexadecimal digits: uids are long and a mark is written by every run


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that is missing: None as start is the beginning of any window, None as end lasts until the next fresh one."""

    start_at: datetime | None
    end_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeriesMark:
    """What has been read of one series: up to *until*, of the resources in *whole* without a gap, of those in *missing* with these."""

    until: datetime | None = None
    whole: frozenset[str] = frozenset()  # digests of uids
    missing: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)  # digest -> spans, oldest first

    def after_fresh(self, uids: Iterable[str], start_at: datetime, until: datetime) -> "SeriesMark":
        """The mark once [start_at, until) was read of *uids*, and of nobody else."""
        present = {digest(uid) for uid in uids}
        whole = set(self.whole & present)
        missing: dict[str, tuple[Span, ...]] = {}
        for one in present - self.whole:
            left = tuple(_before(self.missing.get(one, (Span(None, None),)), start_at))
            if left:
                missing[one] = left
            else:
                whole.add(one)
        for one in (self.whole | set(self.missing)) - present:
            # What earlier runs read of it after start_at is no longer seen, because this run speaks for that time.
            missing[one] = (*_before(self.missing.get(one, ()), start_at), Span(start_at, None))
        return SeriesMark(until, frozenset(whole), missing)

    def backfills(self, uids: Iterable[str], window_start_at: datetime) -> dict[tuple[datetime, datetime], tuple[str, ...]]:
        """(start, end) -> the resources of *uids* that lack that stretch; oldest first, uids sorted."""
        found: defaultdict[tuple[datetime, datetime], list[str]] = defaultdict(list)
        for uid in sorted(uids):
            for span in self.missing.get(digest(uid), ()):
                start_at = max(span.start_at or window_start_at, window_start_at)
                if span.end_at is not None and start_at < span.end_at:
                    found[start_at, span.end_at].append(uid)
        return {key: tuple(found[key]) for key in sorted(found)}

    def after_backfill(self, uids: Iterable[str], end_at: datetime) -> "SeriesMark":
        """The mark once the stretch that ends at *end_at* was read of *uids*."""
        missing = dict(self.missing)
        whole = set(self.whole)
        for one in map(digest, uids):
            left = tuple(span for span in missing.pop(one, ()) if span.end_at != end_at)
            if left:
                missing[one] = left
            else:
                whole.add(one)
        return SeriesMark(self.until, frozenset(whole), missing)

    def value(self) -> dict[str, Any]:
        """The mark as JSON values."""
        return {
            "until": _text(self.until),
            "whole": sorted(self.whole),
            "missing": {one: [[_text(span.start_at), _text(span.end_at)] for span in spans] for one, spans in sorted(self.missing.items())},
        }

    @classmethod
    def of(cls, value: Mapping[str, Any] | None) -> "SeriesMark":
        """The mark behind the JSON values that `value` gave; an empty mark for None."""
        if value is None:
            return cls()
        missing = {one: tuple(Span(_instant(start), _instant(end)) for start, end in spans) for one, spans in value["missing"].items()}
        return cls(_instant(value["until"]), frozenset(value["whole"]), missing)


def _before(spans: Iterable[Span], at: datetime) -> Iterator[Span]:
    """What of *spans* lies before *at*."""
    for span in spans:
        end_at = at if span.end_at is None else min(span.end_at, at)
        if span.start_at is None or span.start_at < end_at:
            yield Span(span.start_at, end_at)


def digest(uid: str) -> str:
    """A short stand-in for a uid."""
    return hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH]


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
