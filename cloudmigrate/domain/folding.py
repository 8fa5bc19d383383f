"""Plumbing folded away: what is needed through a target group, an interface or a mapping, said of what they belong to.

A resource is plumbing where a `FoldRule` of its type names exactly one owner; one that serves several, or nobody, stays a resource of its
own. Two ways of folding, both of which leave what can be reached between the remaining resources exactly as it was:

* fused: the piece is its owner. What needs the interface needs the instance; what a mapping needs, its function needs.
* passed through: what needs the piece needs whatever lies behind it. A load balancer needs the instances of its target groups; nothing
  comes to need the load balancer by that.

A need of a resource for itself is dropped; circles stay.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cloudmigrate.domain.resources import Relation, RelationRole

_Step = tuple[str, str | None]  # the next resource, and the kind of relation that leads there; None: the two are fused


@dataclass(frozen=True, slots=True)
class FoldRule:
    """How a resource of one type finds the resource that it is plumbing of."""

    type: str
    kind: str  # of the relation that joins the two
    owner_is_source: bool  # which end of that relation the owner is
    is_fused: bool  # else needs pass through it
    reason: str


@dataclass(frozen=True, slots=True)
class Plumbing:
    """One folded resource and where it moves; a row of the dataset `plumbing`."""

    uid: str
    into_uid: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConfiguredNeed:
    """The source needs the target by configuration, plumbing folded; grain: one per pair, never a pair of one with itself."""

    source_uid: str
    target_uid: str
    statements: tuple[str, ...]  # kinds of relations on the ways between them, sorted
    via: tuple[str, ...]  # uids of what was folded on these ways, sorted


@dataclass(frozen=True, slots=True)
class Folding:
    """Everything folded, and the needs between what remains; both sorted."""

    plumbing: tuple[Plumbing, ...]
    needs: tuple[ConfiguredNeed, ...]

    def homes(self) -> dict[str, str]:
        """Folded uid -> uid that stands for it."""
        return {one.uid: one.into_uid for one in self.plumbing}


def fold(
    types: Mapping[str, str],
    relations: Iterable[Relation],
    roles: Mapping[str, RelationRole],
    rules: Sequence[FoldRule],
    *,
    held: Mapping[str, str] | None = None,
) -> Folding:
    """What of the inventory is plumbing, and the needs between the rest.

    *types* maps every uid of the inventory to its type. *held* names owners that no relation states (an interface's holder); it counts
    only where no relation does. A kind without a role counts as NEEDS, as in planning. The order of the input does not matter.
    """
    listed = sorted(set(relations), key=lambda one: (one.source_uid, one.target_uid, one.kind))
    owners = _owners(types, listed, rules, held or {})
    homes = _homes(owners)
    plumbing = tuple(Plumbing(uid, home, owners[uid].reason) for uid, home in sorted(homes.items()))
    fused = frozenset(uid for uid in homes if owners[uid].is_fused)
    return Folding(plumbing, _needs(listed, roles, homes, fused))


@dataclass(slots=True)
class _Owned:
    """A piece of plumbing with those that it may belong to."""

    reason: str
    is_fused: bool
    owners: set[str]


def _owners(
    types: Mapping[str, str], relations: Sequence[Relation], rules: Sequence[FoldRule], held: Mapping[str, str]
) -> dict[str, _Owned]:
    """Every resource of a type with a rule, and all that the inventory knows as its owners."""
    by_kind = {(rule.type, rule.kind): rule for rule in rules}
    kinds = {rule.kind for rule in rules}
    found: dict[str, _Owned] = {}
    for one in relations:
        if one.kind not in kinds or one.source_uid == one.target_uid:
            continue
        for uid, owner, owner_is_source in ((one.source_uid, one.target_uid, False), (one.target_uid, one.source_uid, True)):
            rule = by_kind.get((types.get(uid, ""), one.kind))
            if rule is not None and rule.owner_is_source is owner_is_source and owner in types:
                found.setdefault(uid, _Owned(rule.reason, rule.is_fused, set())).owners.add(owner)
    by_type = {rule.type: rule for rule in reversed(rules)}
    for uid, owner in held.items():
        rule = by_type.get(types.get(uid, ""))
        if rule is not None and uid not in found and owner in types and owner != uid:
            found[uid] = _Owned(rule.reason, rule.is_fused, {owner})
    return found


def _homes(owned: Mapping[str, _Owned]) -> dict[str, str]:
    """Each piece's one owner that is no plumbing itself. What has several, or owns itself in a circle, is no plumbing."""
    waiting = {uid: {owner for owner in one.owners if owner in owned} for uid, one in owned.items()}
    owns: dict[str, list[str]] = defaultdict(list)
    for uid, pieces in waiting.items():
        for piece in pieces:
            owns[piece].append(uid)
    homes: dict[str, str] = {}
    ready = deque(uid for uid, pieces in waiting.items() if not pieces)
    while ready:
        uid = ready.popleft()
        ends = {homes.get(owner, owner) for owner in owned[uid].owners}
        if len(ends) == 1:
            homes[uid] = ends.pop()
        for above in owns[uid]:
            waiting[above].discard(uid)
            if not waiting[above]:
                ready.append(above)
    return homes


def _needs(
    relations: Sequence[Relation], roles: Mapping[str, RelationRole], homes: Mapping[str, str], fused: frozenset[str]
) -> tuple[ConfiguredNeed, ...]:
    steps: dict[str, list[_Step]] = defaultdict(list)
    for one in relations:
        if roles.get(one.kind, RelationRole.NEEDS) is RelationRole.NEEDS and one.source_uid != one.target_uid:
            steps[one.source_uid].append((one.target_uid, one.kind))
    for uid in sorted(fused):
        steps[uid].append((homes[uid], None))
        steps[homes[uid]].append((uid, None))
    statements: dict[tuple[str, str], set[str]] = defaultdict(set)
    via: dict[tuple[str, str], set[str]] = defaultdict(set)
    behind: dict[str, list[_Exit]] = {}
    for source in [uid for uid in steps if uid not in homes]:
        for target, kind in steps[source]:
            if target in homes and target not in behind:
                behind[target] = _exits(target, steps, homes)
            for way in behind[target] if target in homes else (_Exit(target, (), ()),):
                if way.target != source:
                    statements[source, way.target].update(filter(None, (kind, *way.kinds)))
                    via[source, way.target].update(way.via)
    return tuple(ConfiguredNeed(*pair, tuple(sorted(kinds)), tuple(sorted(via[pair]))) for pair, kinds in sorted(statements.items()))


@dataclass(frozen=True, slots=True)
class _Exit:
    """A way out of plumbing to a resource that remains."""

    target: str
    kinds: tuple[str, ...]
    via: tuple[str, ...]


def _exits(piece: str, steps: Mapping[str, Sequence[_Step]], homes: Mapping[str, str]) -> list[_Exit]:
    """The shortest ways from a piece of plumbing, through plumbing only, to each step out of it."""
    reached: dict[str, _Exit] = {piece: _Exit(piece, (), (piece,))}
    found: list[_Exit] = []
    queue = deque([piece])
    while queue:
        here = reached[queue.popleft()]
        for target, kind in steps.get(here.target, ()):
            kinds = (*here.kinds, kind) if kind else here.kinds
            if target not in homes:
                found.append(_Exit(target, kinds, here.via))
            elif target not in reached:
                reached[target] = _Exit(target, kinds, (*here.via, target))
                queue.append(target)
    return found
