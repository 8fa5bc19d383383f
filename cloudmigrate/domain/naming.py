"""What a person means by a name (an ARN, its end, a name that one resource bears, a workload), and what to call a resource in turn."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_NAMED_AT_MOST = 5
_SUFFIX_LENGTH = 8


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


def called(named: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """What to call each resource of (uid, name): its name, else the end of its ARN; with a piece of its id where several bear that."""
    told = {uid: name or end_of(uid) for uid, name in named}
    bearing = Counter(told.values())
    with_id = {uid: f"{name} ({end_of(uid)[-_SUFFIX_LENGTH:]})" for uid, name in told.items() if bearing[name] > 1}
    bearing = Counter(with_id.values())
    return told | {uid: name if bearing[name] == 1 else uid for uid, name in with_id.items()}


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
