"""How two plans differ, resource by resource, each with the causes that the plans and their dependencies show."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from cloudmigrate.domain.plan_side import Edges, PlanSide
from cloudmigrate.domain.wave_words import size_words

_NAMED_AT_MOST = 3


class Cause(StrEnum):
    """Why a resource's place in the plan is another one; most direct first."""

    NEW_RESOURCE = "new resource"
    GONE = "gone"
    PIN = "pin"
    EXCLUSION = "exclusion"
    RETIREMENT = "retirement"
    DEPENDENCY_APPEARED = "dependency appeared"
    DEPENDENCY_VANISHED = "dependency vanished"
    RISK_CHANGED = "risk changed"
    ENVIRONMENT_CHANGED = "environment changed"
    SHARED_SERVICE = "shared service"
    POLICY = "policy"
    # Nothing of its own changed:
    KNOCK_ON = "follows others"  # what it needs or what needs it did
    ROOM = "room in waves"  # a limit keeps it out of its wave of before, or kept it out of its wave of now
    WEIGHED = "weighed anew"  # both waves would take it


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One cause of one resource's change; grain: (uid, cause). A wave of None: it has none."""

    uid: str
    from_wave: int | None
    to_wave: int | None
    cause: Cause
    detail: str


def diff_plans(
    before: Mapping[str, Any], after: Mapping[str, Any], *, edges_before: Edges, edges_after: Edges, called: Mapping[str, str] | None = None
) -> list[PlanChange]:
    """Every resource whose wave differs (having none counts as one), by uid, with each cause found.

    *edges_before* and *edges_after* are the needs that the plans were made from, as pairs of uids; *called* is what people call a
    resource, its uid by default.
    """
    diff = _Diff(PlanSide(before, edges_before), PlanSide(after, edges_after), called or {})
    moved = [uid for uid in sorted(diff.known) if diff.moved(uid)]
    return [PlanChange(uid, *diff.waves(uid), cause, detail) for uid in moved for cause, detail in diff.told(uid)]


class _Diff:
    """What differs between two sides, in words."""

    def __init__(self, old: PlanSide, new: PlanSide, called: Mapping[str, str]) -> None:
        self._old = old
        self._new = new
        self._called = called
        self.known = old.known | new.known
        self._left: defaultdict[int, list[str]] = defaultdict(list)  # wave -> what was in it and is elsewhere
        self._came: defaultdict[int, list[str]] = defaultdict(list)  # wave -> what is in it and was elsewhere
        for uid in sorted(self.known):
            from_wave, to_wave = self.waves(uid)
            if from_wave != to_wave:
                if from_wave is not None:
                    self._left[from_wave].append(uid)
                if to_wave is not None:
                    self._came[to_wave].append(uid)

    def waves(self, uid: str) -> tuple[int | None, int | None]:
        """Its wave before and after."""
        return self._old.wave(uid), self._new.wave(uid)

    def moved(self, uid: str) -> bool:
        """Whether its place differs, or it is new or gone."""
        from_wave, to_wave = self.waves(uid)
        return uid not in self._old.known or uid not in self._new.known or from_wave != to_wave

    def told(self, uid: str) -> Iterable[tuple[Cause, str]]:
        """Its causes."""
        if uid not in self._old.known:
            return [(Cause.NEW_RESOURCE, "was not in the snapshot before")]
        if uid not in self._new.known:
            return [(Cause.GONE, "is not in the snapshot any more")]
        return self._own[uid] or [self._followed(uid)]

    @cached_property
    def _own(self) -> Mapping[str, Sequence[tuple[Cause, str]]]:
        """Resource that moved and is in both snapshots -> causes of its own."""
        both = sorted(self._old.known & self._new.known)
        return {uid: list(self._causes(uid)) for uid in both if self.moved(uid)}

    def _causes(self, uid: str) -> Iterator[tuple[Cause, str]]:
        """What changed of the resource, of its group, and of the policy."""
        old, new = self._old, self._new
        together = old.members(uid) | new.members(uid)
        joined, left = new.members(uid) - old.known, old.members(uid) - new.known
        if joined:
            yield Cause.NEW_RESOURCE, f"now moves together with {self._some(joined)}"
        if left:
            yield Cause.GONE, f"moved together with {self._some(left)}, which is gone"
        pins = sorted(one for one in together if old.pins.get(one) != new.pins.get(one))[:_NAMED_AT_MOST]
        if pins:
            yield Cause.PIN, "; ".join(f"{self._call(one)}: {_pin(old.pins.get(one))} -> {_pin(new.pins.get(one))}" for one in pins)
        retired = sorted(one for one in together if old.retired.get(one) != new.retired.get(one))[:_NAMED_AT_MOST]
        if retired:
            yield Cause.RETIREMENT, "; ".join(f"{self._call(one)}: {_retired(new.retired.get(one))}" for one in retired)
        changed = {one for one in together if old.excluded.get(one) != new.excluded.get(one)} - set(retired)
        excluded = sorted(changed)[:_NAMED_AT_MOST]
        if excluded:
            yield Cause.EXCLUSION, "; ".join(f"{self._call(one)}: {new.excluded.get(one) or 'taken back in'}" for one in excluded)
        yield from self._evidence(uid, together)
        policy = [
            f"{name}: {old.policy.get(name)} -> {new.policy.get(name)}"
            for name in sorted(old.policy.keys() | new.policy.keys())
            if old.policy.get(name) != new.policy.get(name)
        ]
        if policy:
            yield Cause.POLICY, "; ".join(policy)

    def _evidence(self, uid: str, together: set[str]) -> Iterator[tuple[Cause, str]]:
        """What is known otherwise than before."""
        edges_before, edges_after = self._old.edges(together), self._new.edges(together)
        if edges_after - edges_before:
            yield Cause.DEPENDENCY_APPEARED, self._edges(edges_after - edges_before)
        if edges_before - edges_after:
            yield Cause.DEPENDENCY_VANISHED, self._edges(edges_before - edges_after)
        a, b = self._old.groups.get(uid), self._new.groups.get(uid)
        if a is None or b is None:
            return
        for cause, field in (
            (Cause.RISK_CHANGED, "risk_level"),
            (Cause.ENVIRONMENT_CHANGED, "environment"),
            (Cause.SHARED_SERVICE, "shared_service"),
        ):
            if a[field] != b[field]:
                yield cause, f"{a[field] or 'not known'} -> {b[field] or 'not known'}"

    def _followed(self, uid: str) -> tuple[Cause, str]:
        """Whom it follows: what it needs or is needed by and led it, rather to its wave; else what its waves or the goals say.

        Nothing follows what follows it: who is named lies nearer to a cause.
        """
        to_wave = self._new.wave(uid)
        own = self._steps.get(uid, 0)
        leading = [
            (self._new.wave(one) != to_wave, self._steps[one], one, needed)
            for one, needed in self._beside(uid)
            if self._steps.get(one, own) < own
        ]
        if leading:
            _, _, other, needed = min(leading)
            before, after = (f"wave {wave}" if wave else "no wave" for wave in self.waves(other))
            return Cause.KNOCK_ON, f"follows {self._call(other)}, which {'it needs' if needed else 'needs it'}: {before} -> {after}"
        return self._unled(uid)

    def _unled(self, uid: str) -> tuple[Cause, str]:
        """What keeps it out of its wave of before, and kept it out of its wave of now; where nothing does, what that serves."""
        from_wave, to_wave = self.waves(uid)
        if from_wave is None:
            return Cause.KNOCK_ON, f"no longer stays: {self._old.reasons[uid]}"
        if to_wave is None:
            return Cause.KNOCK_ON, f"now stays: {self._new.reasons[uid]}"
        now, then = self._new.elsewhere, self._old.elsewhere
        if from_wave > now.last:
            return Cause.WEIGHED, f"the plan ends with wave {now.last}"
        # Of the new plan alone: that its wave of now was not open to it before, what moved along with it would say of it in turn.
        shut = now.shut(uid, from_wave)
        order = [f"wave {from_wave} is not open to it any more: {shut}"] if shut else []
        together = self._old.members(uid) | self._new.members(uid)
        came, left = (set(inside[wave]) - together for inside, wave in ((self._came, from_wave), (self._left, to_wave)))
        room = [
            f"{f'{gives} {self._some(others)} in wave {wave}' if others else f'wave {wave} {has} for it'} ({limit})"
            for gives, has, wave, others, limit in (
                ("makes room for", "has no room any more", from_wave, came, now.limit([uid], from_wave)),
                ("takes the room of", "had no room before", to_wave, left, then.limit([uid], to_wave)),
            )
            if limit
        ]
        if order or room:
            return Cause.KNOCK_ON if order else Cause.ROOM, ", ".join(order + room)
        along = self._along(uid)
        limit = now.limit([uid, *along], from_wave)
        if limit and came - set(along):
            return (
                Cause.ROOM,
                f"together with {self._some(along)} makes room for {self._some(came - set(along))} in wave {from_wave} ({limit})",
            )
        return Cause.WEIGHED, f"wave {from_wave} would take it too; {self._weighed(uid, from_wave)}"

    def _along(self, uid: str) -> list[str]:
        """What needs it or is needed by it, also through others that do, and went the same way; sorted, without its own group."""
        found, waiting, own = {uid}, deque([uid]), self._new.members(uid)
        while waiting:
            for other, _ in self._beside(waiting.popleft()):
                if other not in found and self.waves(other) == self.waves(uid):
                    found.add(other)
                    waiting.append(other)
        return sorted(found - own)

    def _weighed(self, uid: str, from_wave: int) -> str:
        """Which goal its wave of now serves better than *from_wave*, as far as the plans tell."""
        to_wave, before, now = self._new.wave(uid), self._old.crossing(uid), self._new.crossing(uid)
        spared = sum(before.values()) - sum(now.values())
        joined = {self._old.label(other) for other in before if self._new.wave(other) == to_wave}
        if joined and spared > 0:
            return f"{size_words(spared)} less runs across waves, beside {_some(joined)}"
        told = self._new.elsewhere.worse(uid, from_wave)
        unseen = "; traffic within a wave is no part of a plan" if self._new.traffic else ""
        return told or f"no need, limit or goal in the plans tells the two apart{unseen}"

    def _beside(self, uid: str) -> set[tuple[str, bool]]:
        """What needs its group or is needed by it, and whether it is needed; held-out shared services order nothing and lead nothing."""
        together = self._new.members(uid)
        if self._is_held_out(uid):
            return set()
        return {
            (other, source in together)
            for source, target in self._new.edges(together)
            if not {source, target} <= together and not self._is_held_out(other := target if source in together else source)
        }

    def _is_held_out(self, uid: str) -> bool:
        group = self._new.groups.get(uid)
        return group is not None and group["shared_service"] is not None

    @cached_property
    def _steps(self) -> Mapping[str, int]:
        """Resource that moved -> its steps, over others that moved, to one with a cause of its own; missing where none leads to it."""
        found = {uid: 0 for uid in sorted(self.known) if self.moved(uid) and self._own.get(uid, True)}
        waiting, seen = deque(found), set[str]()
        while waiting:
            uid = waiting.popleft()
            if uid in seen:
                continue
            seen |= self._new.members(uid)
            for other, _ in sorted(self._beside(uid)):
                for one in sorted(self._new.members(other)):
                    if one not in found and self.moved(one):
                        found[one] = found[uid] + 1
                        waiting.append(one)
        return found

    def _call(self, uid: str) -> str:
        return self._called.get(uid, uid)

    def _some(self, uids: Iterable[str]) -> str:
        return _some(map(self._call, uids))

    def _edges(self, edges: Iterable[tuple[str, str]]) -> str:
        return _some(f"{self._call(source)} needs {self._call(target)}" for source, target in edges)


def _pin(wave: int | None) -> str:
    return "not pinned" if wave is None else f"wave {wave}"


def _retired(reason: str | None) -> str:
    if reason is None:
        return "no wave retires it any more"
    return f"retired by its wave: {reason}" if reason else "retired by its wave"


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    more = f" and {len(found) - _NAMED_AT_MOST} more" if len(found) > _NAMED_AT_MOST else ""
    return ", ".join(found[:_NAMED_AT_MOST]) + more
