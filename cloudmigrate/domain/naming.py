"""What a person means by a name (an ARN, its end, a name that one resource bears, a workload), and what to call a resource in turn."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_NAMED_AT_MOST = 5
_SHORTEST_TAIL = 5  # characters of an id


class UnknownNameError(ValueError):
    """No resource, or more than one, is meant by the name."""


@dataclass(frozen=True)
class Names:
    """The resources of a snapshot by what people may call them."""

    uids: frozenset[str]
    by_name: Mapping[str, tuple[str, ...]]
    by_workload: Mapping[str, tuple[str, ...]]

    def meant_by(self, name: str) -> tuple[str, ...]:
        """The uids that *name* stands for: one resource, or all of a workload. Raises UnknownNameError."""
        if name in self.uids:
            return (name,)
        named, workload = self.by_name.get(name, ()), self.by_workload.get(name, ())
        if workload and (len(named) != 1 or named[0] in workload):
            return workload
        if workload and named:
            raise UnknownNameError(f"{name!r} is a resource ({named[0]}) and a workload. Next: give the resource's ARN.")
        if len(named) == 1:
            return named
        if named:
            raise UnknownNameError(f"{name!r} is the name of {len(named)} resources: {_some(named)}. Next: give one's ARN.")
        raise UnknownNameError(f"{name!r} is no resource's ARN, id or name and no workload. Next: look it up with `cloudmigrate query`.")

    def one(self, name: str) -> str:
        """The one resource that *name* stands for. Raises UnknownNameError, also for a workload of several."""
        found = self.meant_by(name)
        if len(found) > 1:
            raise UnknownNameError(f"{name!r} is a workload of {len(found)} resources: {_some(found)}. Next: give one's ARN.")
        return found[0]


def _some(uids: Sequence[str]) -> str:
    more = f" and {len(uids) - _NAMED_AT_MOST} more" if len(uids) > _NAMED_AT_MOST else ""
    return ", ".join(uids[:_NAMED_AT_MOST]) + more


def end_of(uid: str) -> str:
    """The end of an ARN: what its service calls the resource, such as ``i-0a1b``."""
    return re.split(r"[:/]", uid.rstrip(":/"))[-1]


def local_id(uid: str) -> str:
    """What tells an ARN from others of its account and region: its resource part, such as ``instance/i-0a1b``; other ids whole."""
    return _arn(uid)[5] or uid


def short_type(canonical: str) -> str:
    """``EC2 Instance`` for ``AWS::EC2::Instance``; other providers' names stay."""
    return canonical.removeprefix("AWS::").replace("::", " ") if canonical.startswith("AWS::") else canonical


def called(named: Iterable[tuple[str, str | None, str]]) -> dict[str, str]:
    """What to call each resource of (uid, name, type): its name, else the end of its ARN, wherever people read.

    Where several bear one, with what tells them apart: type, end of the id, account, region, as in ``web (\u20263f9a1)``.
    """
    bearers: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for uid, name, type_ in named:
        bearers[name or end_of(uid)].append((uid, type_))
    found: dict[str, str] = {}
    for name, some in bearers.items():
        for kind in dict.fromkeys(type_ for _, type_ in some):
            same = [uid for uid, type_ in some if type_ == kind]
            marks = [short_type(kind)] if len(same) < len(some) else []
            for uid, told in zip(same, _told_apart(same), strict=True):
                words = " ".join([*marks, *told])
                found[uid] = f"{name} ({words})" if words else name
    bearing = Counter(found.values())  # a name may look like one that was told apart
    return {uid: name if bearing[name] == 1 else uid for uid, name in found.items()}


def _told_apart(uids: Sequence[str]) -> list[list[str]]:
    """Words that tell apart resources of one name and type."""
    if len(uids) == 1:
        return [[]]
    ids = [end_of(uid) for uid in uids]
    if len(set(ids)) == len(ids):
        return [[tail] for tail in _tails(ids)]
    places = [(_arn(uid)[4], _arn(uid)[3]) for uid in uids]
    several = [len(set(column)) > 1 for column in zip(*places, strict=True)]
    told = [[word for word, tells in zip(place, several, strict=True) if tells] for place in places]
    times = Counter(map(tuple, told))
    return [words if times[tuple(words)] == 1 else [*words, local_id(uid)] for uid, words in zip(uids, told, strict=True)]


def _tails(ids: Sequence[str]) -> list[str]:
    """The shortest ends of the ids that differ, all of one length."""
    longest = max(map(len, ids))
    length = next(length for length in range(_SHORTEST_TAIL, longest + _SHORTEST_TAIL) if len({one[-length:] for one in ids}) == len(ids))
    return [one if len(one) <= length + 1 else f"\u2026{one[-length:]}" for one in ids]


def _arn(uid: str) -> list[str]:
    """The six parts of an ARN, region and account fourth and fifth; empty ones of other ids."""
    parts = uid.split(":", 5)
    return parts if uid.startswith("arn:") and len(parts) == 6 else [""] * 6


def names_of(rows: Iterable[tuple[str, str | None, str | None]]) -> Names:
    """The names in (uid, name, workload)."""
    uids: set[str] = set()
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    by_workload: defaultdict[str, list[str]] = defaultdict(list)
    for uid, name, workload in rows:
        uids.add(uid)
        for own in {name or "", end_of(uid)} - {""}:
            by_name[own].append(uid)
        if workload:
            by_workload[workload].append(uid)
    return Names(
        frozenset(uids),
        {name: tuple(sorted(some)) for name, some in by_name.items()},
        {name: tuple(sorted(some)) for name, some in by_workload.items()},
    )
