"""How two plans differ, resource by resource, each with the causes that the plans and their dependencies show."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cloudmigrate.domain.plan import upgraded

_NAMED_AT_MOST = 3
Edges = frozenset[tuple[str, str]]


class Cause(StrEnum):
    """Why a resource's place in the plan is another one; most direct first."""

    NEW_RESOURCE = "new resource"
    GONE = "gone"
    PIN = "pin"
    EXCLUSION = "exclusion"
    DEPENDENCY_APPEARED = "dependency appeared"
    DEPENDENCY_VANISHED = "dependency vanished"
    RISK_CHANGED = "risk changed"
    ENVIRONMENT_CHANGED = "environment changed"
    SHARED_SERVICE = "shared service"
    POLICY = "policy"
    KNOCK_ON = "follows others"  # nothing of its own changed: what it needs, what needs it, or the room in waves did


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One cause of one resource's change; grain: (uid, cause). A wave of None: it has none."""

    uid: str
    from_wave: int | None
    to_wave: int | None
    cause: Cause
    detail: str


class _Side:
    """One plan, by uid."""

    def __init__(self, document: Mapping[str, Any], edges: Edges) -> None:
        found = upgraded(document)
        self.groups: dict[str, Mapping[str, Any]] = {uid: group for group in found["groups"] for uid in group["members"]}
        self.reasons: dict[str, str] = {one["uid"]: one["reason"] for one in found["unplanned"]}
        self.pins = {one["uid"]: one["wave"] for one in found["constraints"]["pins"] if not one["refused"]}
        self.excluded = {one["uid"]: one["reason"] for one in found["constraints"]["excluded"]}
        self.policy: Mapping[str, Any] = found["policy"]
        self.edges_of: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for edge in edges:
            for uid in edge:
                self.edges_of[uid].add(edge)

    @property
    def known(self) -> set[str]:
        return self.groups.keys() | self.reasons.keys()

    def wave(self, uid: str) -> int | None:
        group = self.groups.get(uid)
        return None if group is None else group["wave"]

    def members(self, uid: str) -> set[str]:
        group = self.groups.get(uid)
        return {uid} if group is None else set(group["members"])

    def edges(self, uids: Iterable[str]) -> set[tuple[str, str]]:
        return {edge for uid in uids for edge in self.edges_of.get(uid, ())}


def diff_plans(before: Mapping[str, Any], after: Mapping[str, Any], *, edges_before: Edges, edges_after: Edges) -> list[PlanChange]:
    """Every resource whose wave differs (having none counts as one), by uid, with each cause found.

    *edges_before* and *edges_after* are the needs that the plans were made from, as pairs of uids.
    """
    old, new = _Side(before, edges_before), _Side(after, edges_after)
    found: list[PlanChange] = []
    for uid in sorted(old.known | new.known):
        from_wave, to_wave = old.wave(uid), new.wave(uid)
        if uid in old.known and uid in new.known and from_wave == to_wave:
            continue
        if uid not in old.known:
            causes: list[tuple[Cause, str]] = [(Cause.NEW_RESOURCE, "was not in the snapshot before")]
        elif uid not in new.known:
            causes = [(Cause.GONE, "is not in the snapshot any more")]
        else:
            causes = list(_causes(old, new, uid)) or [(Cause.KNOCK_ON, "nothing of its own changed")]
        found += [PlanChange(uid, from_wave, to_wave, cause, detail) for cause, detail in causes]
    return found


def _causes(old: _Side, new: _Side, uid: str) -> Iterator[tuple[Cause, str]]:
    """What changed of the resource, of its group, and of the policy."""
    together = old.members(uid) | new.members(uid)
    joined, left = new.members(uid) - old.known, old.members(uid) - new.known
    if joined:
        yield Cause.NEW_RESOURCE, f"now moves together with {_some(joined)}"
    if left:
        yield Cause.GONE, f"moved together with {_some(left)}, which is gone"
    pins = {one for one in together if old.pins.get(one) != new.pins.get(one)}
    if pins:
        yield (
            Cause.PIN,
            "; ".join(f"{one}: {_pin(old.pins.get(one))} -> {_pin(new.pins.get(one))}" for one in sorted(pins)[:_NAMED_AT_MOST]),
        )
    excluded = {one for one in together if old.excluded.get(one) != new.excluded.get(one)}
    if excluded:
        yield Cause.EXCLUSION, "; ".join(f"{one}: {new.excluded.get(one) or 'taken back in'}" for one in sorted(excluded)[:_NAMED_AT_MOST])
    yield from _evidence(old, new, uid, together)
    policy = [
        f"{name}: {old.policy.get(name)} -> {new.policy.get(name)}"
        for name in sorted(old.policy.keys() | new.policy.keys())
        if old.policy.get(name) != new.policy.get(name)
    ]
    if policy:
        yield Cause.POLICY, "; ".join(policy)


def _evidence(old: _Side, new: _Side, uid: str, together: set[str]) -> Iterator[tuple[Cause, str]]:
    """What is known otherwise than before."""
    edges_before, edges_after = old.edges(together), new.edges(together)
    if edges_after - edges_before:
        yield Cause.DEPENDENCY_APPEARED, _edges(edges_after - edges_before)
    if edges_before - edges_after:
        yield Cause.DEPENDENCY_VANISHED, _edges(edges_before - edges_after)
    a, b = old.groups.get(uid), new.groups.get(uid)
    if a is None or b is None:
        return
    for cause, field in (
        (Cause.RISK_CHANGED, "risk_level"),
        (Cause.ENVIRONMENT_CHANGED, "environment"),
        (Cause.SHARED_SERVICE, "shared_service"),
    ):
        if a[field] != b[field]:
            yield cause, f"{a[field] or 'not known'} -> {b[field] or 'not known'}"


def _pin(wave: int | None) -> str:
    return "not pinned" if wave is None else f"wave {wave}"


def _some(uids: Iterable[str]) -> str:
    found = sorted(uids)
    more = f" and {len(found) - _NAMED_AT_MOST} more" if len(found) > _NAMED_AT_MOST else ""
    return ", ".join(found[:_NAMED_AT_MOST]) + more


def _edges(edges: Iterable[tuple[str, str]]) -> str:
    return _some(f"{source} needs {target}" for source, target in edges)
