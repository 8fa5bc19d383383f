"""What a person means by a name: an ARN, a resource's own name where only one bears it, or a workload."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


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
            some = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
            raise UnknownNameError(f"{name!r} is the name of {len(named)} resources: {some}. Next: give one's ARN.")
        raise UnknownNameError(f"{name!r} is no resource's ARN or name and no workload. Next: look it up with `cloudmigrate query`.")


def names_of(rows: Iterable[tuple[str, str | None, str | None]]) -> Names:
    """The names in (uid, name, workload)."""
    uids: set[str] = set()
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    by_workload: defaultdict[str, list[str]] = defaultdict(list)
    for uid, name, workload in rows:
        uids.add(uid)
        if name:
            by_name[name].append(uid)
        if workload:
            by_workload[workload].append(uid)
    return Names(
        frozenset(uids),
        {name: tuple(sorted(some)) for name, some in by_name.items()},
        {name: tuple(sorted(some)) for name, some in by_workload.items()},
    )
