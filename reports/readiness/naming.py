"""What things are called where people read: a name that several bear is told apart, and an end outside has the same words everywhere."""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

from reports.readiness.text import local_id
from reports.readiness.words import short_type

SHORTEST_TAIL = 5  # characters of an id


class Named(Protocol):
    """A resource as far as its name goes."""

    @property
    def uid(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def type(self) -> str:
        """Its type."""
        ...

    @property
    def account_id(self) -> str:
        """Its account."""
        ...

    @property
    def region(self) -> str:
        """Its region."""
        ...


def distinct_names(rows: Iterable[Named]) -> dict[str, str]:
    """uid -> name; where several bear one, with what tells them apart: type, end of the id, account, region: "web (…3f9a1)"."""
    bearers: dict[str, list[Named]] = defaultdict(list)
    for row in rows:
        bearers[row.name or local_id(row.uid)].append(row)
    found: dict[str, str] = {}
    for name, some in bearers.items():
        if len(some) == 1:
            found[some[0].uid] = name
            continue
        for kind in dict.fromkeys(row.type for row in some):
            same = [row for row in some if row.type == kind]
            marks = [short_type(kind)] if len(same) < len(some) else []
            for row, told in zip(same, _told_apart(same), strict=True):
                words = " ".join([*marks, *told])
                found[row.uid] = f"{name} ({words})" if words else name
    return found


def end_name(uid: str) -> str:
    """What an end of a dependency that is no resource of the inventory is called; a uid of another kind as it is."""
    scheme, _, rest = uid.partition(":")
    if scheme == "unknown":
        return f"{rest} (unknown address)"
    if scheme == "external":
        return f"{rest} ({'outside' if is_network(rest) else 'AWS service'})"
    return uid


def is_network(text: str) -> bool:
    """Whether that is an address or a CIDR."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _told_apart(rows: Sequence[Named]) -> list[list[str]]:
    """Words that tell apart resources of one name and type."""
    if len(rows) == 1:
        return [[]]
    ids = [local_id(row.uid).rpartition("/")[2].rpartition(":")[2] for row in rows]
    if len(set(ids)) == len(ids):
        return [[tail] for tail in _tails(ids)]
    accounts, regions = Counter(row.account_id for row in rows), Counter(row.region for row in rows)
    places = [[row.account_id] * (len(accounts) > 1) + [row.region] * (len(regions) > 1) for row in rows]
    times = Counter(map(tuple, places))
    return [place if times[tuple(place)] == 1 else [*place, local_id(row.uid)] for row, place in zip(rows, places, strict=True)]


def _tails(ids: Sequence[str]) -> list[str]:
    """The shortest ends of the ids that differ, all of one length."""
    longest = max(map(len, ids))
    length = next(length for length in range(SHORTEST_TAIL, longest + SHORTEST_TAIL) if len({one[-length:] for one in ids}) == len(ids))
    return [one if len(one) <= length + 1 else f"\u2026{one[-length:]}" for one in ids]
