"""Which workload each resource belongs to: as people say, as tags and stacks say, as traffic suggests; each with its reason.

In this order, the first that says something holds: a person's decision; the user's file; a tag; a CloudFormation stack; an Auto Scaling
group or ECS service; traffic. What is of one piece (an instance and its volumes) or folded (a target group) goes with its owner. A
resource that nothing speaks of has no workload, and so has one whose traffic points several ways: a database of three applications is
nobody's alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.pieces import Pieces
from cloudmigrate.domain.resources import Relation, RelationRole
from cloudmigrate.domain.workload_mapping import WorkloadMapping
from cloudmigrate.domain.workload_names import shown, workload_name, workload_tag
from cloudmigrate.domain.workload_traffic import Links, Suggested, suggested

STACK, GROUP, SERVICE = "AWS::CloudFormation::Stack", "AWS::AutoScaling::AutoScalingGroup", "AWS::ECS::Service"
STACK_CONFIDENCE, NAMED_CONFIDENCE = 0.85, 0.7
STATED = ("decision", "mapping")  # what people said, which holds for a whole piece
RANKS = {name: rank for rank, name in enumerate((*STATED, "tag", "stack", "auto_scaling_group", "ecs_service", "traffic"))}
# Stacks that accounts are set up with; what is in them is no application.
_HOUSEKEEPING = ("CDKToolkit", "StackSet-AWSControlTower", "awsconfigconforms-", "aws-sam-cli-managed-")
_FOLLOWS = "task-definition"  # its target goes with those that use it, if they agree


@dataclass(frozen=True, slots=True)
class Tagged:
    """One resource as far as its workload is concerned."""

    uid: str
    type: str
    name: str
    tags: Mapping[str, str]
    moves: bool  # whether it can migrate; what cannot is told a workload only by people, or with what it is a piece of


@dataclass(frozen=True, slots=True)
class Placed:
    """A resource in its workload; a row of the dataset `workloads`."""

    uid: str
    workload: str
    source: str  # decision, mapping, tag, stack, auto_scaling_group, ecs_service, traffic
    reason: str
    confidence: float  # 0..1; judgements

    def row(self) -> dict[str, Any]:
        """Its row."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Workloads:
    """Every resource with a workload, sorted by uid, and the uids that people named and the inventory lacks."""

    placed: tuple[Placed, ...]
    unknown_uids: tuple[str, ...]


def workloads(
    resources: Sequence[Tagged],
    relations: Iterable[Relation],
    roles: Mapping[str, RelationRole],
    *,
    homes: Mapping[str, str],
    links: Links,
    held_out: Iterable[str] = (),
    mapping: WorkloadMapping | None = None,
    decisions: Iterable[Decision] = (),
) -> Workloads:
    """The workloads of a snapshot; the same input gives the same names.

    *homes* are folded resources with what they are folded into; *links* weigh how much pairs of resources have to do with one another;
    *held_out* shared services bind nothing together.
    """
    known = {one.uid: one for one in resources}
    listed = sorted(relations, key=lambda one: (one.source_uid, one.target_uid, one.kind))
    mapping = mapping or WorkloadMapping()
    decided = {one.subject: one for one in decisions if one.kind is DecisionKind.WORKLOAD and one.value is not None}
    pieces = Pieces(
        known, [*((one.source_uid, one.target_uid) for one in listed if roles.get(one.kind) is RelationRole.PART), *homes.items()]
    )
    placed = _one_spelling(_own(known, listed, mapping, decided))
    placed |= _inherited(known, pieces, placed, homes)
    placed |= _followers(known, listed, placed)
    placed |= _from_traffic(known, pieces, placed, links, frozenset(held_out))
    unknown = {uid for uid in (*mapping.by_uid, *decided) if uid not in known}
    return Workloads(tuple(placed[uid] for uid in sorted(placed)), tuple(sorted(unknown)))


def _own(
    known: Mapping[str, Tagged], relations: Sequence[Relation], mapping: WorkloadMapping, decided: Mapping[str, Decision]
) -> dict[str, Placed]:
    """What is said of each resource itself."""
    stacks = _stacks(known, relations)
    found: dict[str, Placed] = {}
    for uid, one in known.items():
        own = _stated(uid, mapping, decided) or (_proposed(one, stacks.get(uid)) if one.moves else None)
        if own is not None:
            found[uid] = own
    return found


def _stated(uid: str, mapping: WorkloadMapping, decided: Mapping[str, Decision]) -> Placed | None:
    decision = decided.get(uid)
    name = workload_name(decision.value or "") if decision else None
    if decision is not None and name is not None:
        why = f": {shown(decision.reason)}" if decision.reason else ""
        return Placed(uid, name, "decision", f"{shown(decision.decided_by)} decided{why}", 1.0)
    mapped = mapping.by_uid.get(uid)
    return Placed(uid, mapped.workload, "mapping", f"line {mapped.line} of {mapping.source}", 1.0) if mapped else None


def _proposed(one: Tagged, stack: str | None) -> Placed | None:
    tag = workload_tag(one.tags)
    if tag is not None and tag.source == "tag":
        return Placed(one.uid, tag.name, "tag", f"tag {tag.key} = {tag.name}", tag.confidence)
    if stack is not None:
        return Placed(one.uid, stack, "stack", f"member of CloudFormation stack {stack}", STACK_CONFIDENCE)
    if tag is not None and not (tag.source == "stack" and tag.name.startswith(_HOUSEKEEPING)):
        return Placed(one.uid, tag.name, tag.source, f"tag {tag.key} = {tag.name}", tag.confidence)
    name = workload_name(one.name)
    if one.type == GROUP and name is not None:
        return Placed(one.uid, name, "auto_scaling_group", f"Auto Scaling group {name}", NAMED_CONFIDENCE)
    if one.type == SERVICE and name is not None:
        return Placed(one.uid, name, "ecs_service", f"ECS service {name}", NAMED_CONFIDENCE)
    return None


def _stacks(known: Mapping[str, Tagged], relations: Sequence[Relation]) -> dict[str, str]:
    """The name of the outermost stack that each resource is a member of."""
    above = {one.source_uid: one.target_uid for one in relations if one.kind == "parent-stack"}
    found: dict[str, str] = {}
    for one in relations:
        if one.kind != "stack-member" or one.source_uid not in known:
            continue
        stack, passed = one.source_uid, {one.source_uid}
        while above.get(stack) in known and above[stack] not in passed:
            stack = above[stack]
            passed.add(stack)
        name = workload_name(known[stack].name)
        if name is not None and not name.startswith(_HOUSEKEEPING):
            found[one.target_uid] = min(name, found.get(one.target_uid, name))
    return found


def _one_spelling(placed: Mapping[str, Placed]) -> dict[str, Placed]:
    """The same with one spelling where names differ in case alone: what people said, else the most frequent."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for one in placed.values():
        spellings[one.workload.casefold()][one.workload] += len(placed) if one.source in STATED else 1
    best = {folded: min(counted, key=lambda name: (-counted[name], name)) for folded, counted in spellings.items()}
    return {uid: replace(one, workload=best[one.workload.casefold()]) for uid, one in placed.items()}


def _inherited(known: Mapping[str, Tagged], pieces: Pieces, placed: Mapping[str, Placed], homes: Mapping[str, str]) -> dict[str, Placed]:
    """What goes with its piece: a member of which nothing is said, or less surely than of another; what is folded goes with its owner."""
    found: dict[str, Placed] = {}
    for members in pieces.joined():
        said = [uid for uid in members if uid in placed and uid not in homes] or [uid for uid in members if uid in placed]
        strongest = min((RANKS[placed[uid].source] for uid in said), default=0)
        for uid, owner in pieces.nearest(uid for uid in said if RANKS[placed[uid].source] == strongest).items():
            if uid not in placed or RANKS[placed[uid].source] > strongest:
                found[uid] = _with(uid, placed[owner], "of one piece with", known)
    for uid, home in homes.items():
        own, holder = placed.get(uid), found.get(home) or placed.get(home)
        if holder is not None and (own is None or own.source not in STATED):
            found[uid] = _with(uid, holder, "folded into", known)
    return found


def _with(uid: str, owner: Placed, how: str, known: Mapping[str, Tagged]) -> Placed:
    """The owner's placement for another resource."""
    if uid == owner.uid:
        return owner
    return replace(owner, uid=uid, reason=f"{how} {shown(known[owner.uid].name) or owner.uid}: {owner.reason}")


def _followers(known: Mapping[str, Tagged], relations: Sequence[Relation], placed: Mapping[str, Placed]) -> dict[str, Placed]:
    """Task definitions of which nothing is said, with the services that use them, where these agree."""
    users: dict[str, list[str]] = defaultdict(list)
    for one in relations:
        if one.kind == _FOLLOWS and one.target_uid in known and one.target_uid not in placed and one.source_uid in known:
            users[one.target_uid].append(one.source_uid)
    return {
        uid: _with(uid, placed[of[0]], "used by", known)
        for uid, of in users.items()
        if all(one in placed for one in of) and len({placed[one].workload for one in of}) == 1
    }


def _from_traffic(
    known: Mapping[str, Tagged], pieces: Pieces, placed: Mapping[str, Placed], links: Links, held_out: frozenset[str]
) -> dict[str, Placed]:
    """What traffic and statements suggest for the pieces of which nothing else speaks."""
    apart = {pieces.of(uid) for uid in held_out if uid in known}
    moving = {pieces.of(uid) for uid, one in known.items() if one.moves} - apart
    between: dict[tuple[str, str], float] = defaultdict(float)
    weight_of: dict[str, float] = defaultdict(float)
    for (a, b), weight in links.items():
        ends = [pieces.of(end) for end in (a, b) if end in known]
        if len(ends) == 2 and ends[0] != ends[1] and moving.issuperset(ends):
            between[min(ends), max(ends)] += weight
            weight_of[a] += weight
            weight_of[b] += weight
    labels = {pieces.of(uid): one.workload for uid, one in sorted(placed.items(), reverse=True)}
    # A piece is named by its member that talks most.
    spoken = {pieces.of(uid): uid for uid in sorted(weight_of, key=lambda one: (weight_of[one], one))}
    names = {piece: workload_name(known[uid].name) or uid for piece, uid in spoken.items() if piece not in labels}
    found: dict[str, Placed] = {}
    for piece, one in suggested(between, labels, names).items():
        found |= _placed_piece(known, pieces.members(piece), spoken[piece], one)
    return {uid: one for uid, one in found.items() if uid not in placed}


def _placed_piece(known: Mapping[str, Tagged], members: Sequence[str], speaker: str, one: Suggested) -> dict[str, Placed]:
    owner = Placed(speaker, one.workload, "traffic", one.reason, one.confidence)
    return {uid: _with(uid, owner, "of one piece with", known) for uid in members}
