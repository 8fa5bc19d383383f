"""What people decided about a plan: pins, exclusions, what is retained or retired, brought to bear on what was found."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.move_groups import Grouping, PlanItem
from cloudmigrate.domain.resources import Relation, RelationRole
from cloudmigrate.domain.strategies import Strategy


@dataclass(frozen=True, slots=True)
class Pin:
    """A resource whose wave a person chose."""

    uid: str
    wave: int
    reason: str
    by: str
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A resource that a person left out of the plan, or whose strategy, as a person decided it, leaves it out."""

    uid: str
    reason: str
    by: str
    strategy: Strategy | None = None  # retain; or retire, where no wave carries that out
    why: str = ""  # why none does


@dataclass(frozen=True, slots=True)
class Retirement:
    """A resource of which a person decided that it is retired."""

    uid: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Constraints:
    """Everything that people decided; sorted by uid."""

    pins: tuple[Pin, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    retired: tuple[Retirement, ...] = ()


def constraints_of(decisions: Iterable[Decision]) -> Constraints:
    """The pins, exclusions and retirements among *decisions*, which all hold. An exclusion counts before a strategy."""
    pins: dict[str, Pin] = {}
    excluded: dict[str, Exclusion] = {}
    retained: dict[str, Exclusion] = {}
    retired: dict[str, Retirement] = {}
    for one in decisions:
        if one.kind is DecisionKind.PIN and one.value is not None:
            pins[one.subject] = Pin(one.subject, int(one.value), one.reason, one.decided_by, one.decided_at)
        elif one.kind is DecisionKind.EXCLUDE and one.value is not None:
            excluded[one.subject] = Exclusion(one.subject, one.value, one.decided_by)
        elif one.kind is DecisionKind.STRATEGY and one.value == Strategy.RETAIN:
            retained[one.subject] = Exclusion(one.subject, one.reason, one.decided_by, Strategy.RETAIN)
        elif one.kind is DecisionKind.STRATEGY and one.value == Strategy.RETIRE:
            retired[one.subject] = Retirement(one.subject, one.reason, one.decided_by)
    excluded = retained | excluded
    return Constraints(
        tuple(pins[uid] for uid in sorted(pins)),
        tuple(excluded[uid] for uid in sorted(excluded)),
        tuple(retired[uid] for uid in sorted(retired) if uid not in excluded),
    )


def left_behind(excluded: Iterable[Exclusion], parts: Iterable[tuple[str, str]]) -> dict[str, Exclusion]:
    """uid -> the exclusion that keeps it from moving: its own, or that of something of one piece with it (*parts*: pairs of uids)."""
    causes = {one.uid: one for one in excluded}
    if not causes:
        return {}
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for a, b in parts:
        beside[a].append(b)
        beside[b].append(a)
    for uid in sorted(causes):
        stack = [uid]
        while stack:
            for other in beside[stack.pop()]:
                if other not in causes:
                    causes[other] = causes[uid]
                    stack.append(other)
    return causes


def without_excluded(items: Iterable[PlanItem], causes: Mapping[str, Exclusion]) -> list[PlanItem]:
    """*items* of which those in *causes* stay, with the reason."""
    return [_staying(item, causes[item.uid]) if item.moves and item.uid in causes else item for item in items]


def _staying(item: PlanItem, cause: Exclusion) -> PlanItem:
    return replace(item, moves=False, why_not=_why(cause) if item.uid == cause.uid else _why_part(cause))


def _why(cause: Exclusion) -> str:
    if cause.strategy is None:
        return f"excluded by {cause.by}: {cause.reason}"
    return f"{cause.strategy}, decided by {cause.by}: {cause.reason}" + (f" ({cause.why})" if cause.why else "")


def _why_part(cause: Exclusion) -> str:
    if cause.strategy is None:
        return f"of one piece with {cause.uid}, which is excluded"
    return f"of one piece with {cause.uid}, for which {cause.by} decided on {cause.strategy}"


def broken_by(causes: Mapping[str, Exclusion], grouping: Grouping, served: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Excluded uid -> ids of the groups that need it or its pieces, also through what else stays: what reaches back once it has moved.

    *served* are those that use an excluded shared service, which is held out of what *grouping* knows of needs.
    """
    needed_by: defaultdict[str, list[str]] = defaultdict(list)  # uid that stays -> groups and uids that stay
    for group in grouping.groups:
        for uid in group.needs_unplanned:
            needed_by[uid].append(group.id)
    for entry in grouping.unplanned:
        for uid in entry.needs_unplanned:
            needed_by[uid].append(entry.uid)
    pieces: defaultdict[str, list[str]] = defaultdict(list)
    for uid, cause in causes.items():
        pieces[cause.uid].append(uid)
    staying = {entry.uid for entry in grouping.unplanned}
    found = {}
    for uid, own in sorted(pieces.items()):
        seen, stack = set(own), list(own)
        while stack:
            for one in needed_by.get(stack.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    if one in staying:
                        stack.append(one)
        found[uid] = sorted((seen - staying).union(served.get(uid, ())))
    return found


def part_pairs(relations: Iterable[Relation], roles: Mapping[str, RelationRole], fused: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Every pair of uids that is of one piece: parts, and plumbing with what it is folded into."""
    parts = {kind for kind, role in roles.items() if role is RelationRole.PART}
    return [*((one.source_uid, one.target_uid) for one in relations if one.kind in parts), *fused]
