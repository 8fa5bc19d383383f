"""What of a wave a runbook of its own is written for."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloudmigrate.domain.runbooks.facts import Workload
from cloudmigrate.domain.runbooks.words import listed

SLUG_LENGTH, HASH_LENGTH = 40, 8
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


def workloads_of(groups: Sequence[Mapping[str, Any]]) -> tuple[Workload, ...]:
    """The wave's workloads, by title. A move group is never split, so workloads that share one have a runbook together; a group that
    belongs to no workload has one of its own."""
    found = []
    for some in _joined(groups):
        names = sorted({str(name) for one in some for name in one["workloads"]})
        title = listed(names) if names else str(some[0].get("label") or some[0]["id"])
        found.append((title, some))
    twice = {name for name, times in Counter(title.casefold() for title, _ in found).items() if times > 1}
    made = []
    for title, some in found:
        told = f"{title} ({some[0]['id']})" if title.casefold() in twice else title
        made.append(Workload(told, slug_of(title, (str(one["id"]) for one in some)), tuple(some)))
    return tuple(sorted(made, key=lambda one: (one.title.casefold(), one.name)))


def slug_of(title: str, ids: Iterable[str]) -> str:
    """A part of a path that says the title, as far as letters and digits go, and differs for other move groups."""
    slug = _NOT_IN_A_SLUG.sub("-", title.lower()).strip("-")[:SLUG_LENGTH].rstrip("-") or "workload"
    digest = hashlib.sha256("\n".join(sorted(ids)).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{slug}-{digest[:HASH_LENGTH]}"


def _joined(groups: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """The groups, those that share a workload together, in the order of the plan."""
    home: dict[str, int] = {}  # workload -> place in found
    found: list[list[Mapping[str, Any]]] = []
    for group in groups:
        names = [str(one) for one in group["workloads"]]
        places = sorted({home[one] for one in names if one in home})
        if not places:
            found.append([])
            places = [len(found) - 1]
        first, *others = places
        for other in others:  # this group ties them together
            found[first] += found[other]
            found[other] = []
            home = {name: first if place == other else place for name, place in home.items()}
        found[first].append(group)
        home |= dict.fromkeys(names, first)
    order = {str(one["id"]): number for number, one in enumerate(groups)}
    return [sorted(some, key=lambda one: order[str(one["id"])]) for some in found if some]
