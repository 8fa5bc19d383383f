"""A plan drafted from what a snapshot gives and what people decided. The same input says the same at any time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from cloudmigrate.domain.conflicts import conflict_words, minimal_conflict
from cloudmigrate.domain.constraints import (
    Constraints,
    Exclusion,
    Pin,
    Retirement,
    broken_by,
    left_behind,
    part_pairs,
    without_excluded,
)
from cloudmigrate.domain.crossings import Links, crossing, links, transfer_usd_per_day
from cloudmigrate.domain.cuts import inner_of, propose_cuts
from cloudmigrate.domain.move_groups import Grouping, PlanItem, move_groups
from cloudmigrate.domain.naming import called
from cloudmigrate.domain.plan import Plan, named_plan
from cloudmigrate.domain.plan_input import NO_CONSTRAINTS, Evidence, PlanInput
from cloudmigrate.domain.plan_sections import constraint_records, crossing_records, group_records, label_of, wave_records
from cloudmigrate.domain.resources import RelationRole
from cloudmigrate.domain.retirements import retirements, with_retired
from cloudmigrate.domain.unwatched import unwatched
from cloudmigrate.domain.wave_filling import Filling
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.wave_problem import Problem, exchanged_between, problem_of
from cloudmigrate.domain.wave_words import Told, listed
from cloudmigrate.domain.waves import Ordered, order_waves

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Prepared:
    """A plan's input, grouped and weighed, before any wave is given."""

    items: Sequence[PlanItem]
    grouping: Grouping
    problem: Problem  # without pins
    links: Links
    group_of: Mapping[str, int]
    labels: Sequence[str]
    causes: Mapping[str, Exclusion]
    pins: Sequence[Pin]  # of groups that move, oldest first
    idle_pins: Mapping[str, str] = field(default_factory=dict)  # uid -> why a pin says nothing
    shared: Mapping[str, str] = field(default_factory=dict)  # uid -> service, of those held out
    retired: Mapping[str, Retirement] = field(default_factory=dict)  # uid -> the decision by which its wave retires it
    constraints: Constraints = NO_CONSTRAINTS  # as they came out: what no wave retires is among the excluded
    served: Mapping[str, Collection[str]] = field(default_factory=dict)  # excluded uid -> ids of groups that use it as a shared service

    @cached_property
    def retires(self) -> Sequence[bool]:
        """Of each group whether it is retired; () where none is."""
        found = [group.retires for group in self.grouping.groups]
        return found if any(found) else ()

    @cached_property
    def stranded(self) -> Mapping[str, list[str]]:
        """uid of which a person decided that it is retired -> uids that stay and need it or what goes with it."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for uid, retired in self.grouping.stranded:
            found[self.retired[retired].uid if retired in self.retired else retired].add(uid)
        return {uid: sorted(needing) for uid, needing in found.items()}

    @cached_property
    def called(self) -> Mapping[str, str]:
        """What people call each resource."""
        return called((item.uid, item.name, item.type) for item in self.items)


@unwatched
def draft_plan(found: PlanInput, policy: WavePolicy, *, snapshot_id: str, created_at: datetime) -> Plan:
    """The plan for one snapshot. Pins that cannot be obeyed are left out, newest first, and the plan says why.

    Raises ValueError on a naive *created_at* or a uid given twice.
    """
    prepared = prepare(found, policy)
    ordered, obeyed, refused = obey(prepared)
    pinned_by = {prepared.group_of[one.uid]: f"{one.by}: {one.reason}" if one.reason else one.by for one in obeyed}
    told = Told(
        ordered.problem,
        ordered.waves,
        ordered.filling,
        ordered.goals,
        prepared.labels,
        traffic=found.evidence.traffic,
        risks=found.evidence.risks,
        pinned_by=pinned_by,
        retired_by={prepared.group_of[uid]: f"{one.by}: {one.reason}" if one.reason else one.by for uid, one in prepared.retired.items()},
    )
    idle = {uid: (why,) for uid, why in prepared.idle_pins.items()}
    crossing_links = crossing(prepared.links, ordered.waves, prepared.retires)
    groups = prepared.grouping.groups
    sections = {
        "constraints": constraint_records(
            prepared.constraints, idle | dict(refused), broken_by(prepared.causes, prepared.grouping, prepared.served), prepared.stranded
        ),
        "groups": group_records(told, groups),
        "waves": wave_records(told, groups, crossing_links),
        "crossings": crossing_records(told, crossing_links),
        "cuts": cut_records(found, prepared, ordered.filling),
        "held_out": held_out_records(found, prepared.shared),
        "unplanned": [
            {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(one).items()}
            for one in prepared.grouping.unplanned
        ],
        "score": score_record(ordered, crossing_links),
        "evidence": asdict(found.evidence),
        "notes": [*notes(found.evidence), *unkept(told), *missed(prepared)],
    }
    return named_plan(
        sections,
        snapshot_id=snapshot_id,
        created_at=created_at,
        policy=policy,
        groups=groups,
        waves=tuple(ordered.waves),
        unplanned=prepared.grouping.unplanned,
    )


@unwatched
def prepare(found: PlanInput, policy: WavePolicy) -> Prepared:
    """The groups of the input with their sizes and what they exchange. Raises ValueError on a uid given twice."""
    parts = part_pairs(found.relations, found.roles, found.fused)
    causes = left_behind(found.constraints.excluded, parts)
    retired, staying = retirements(found.constraints.retired, found.items, parts, causes)
    causes = left_behind(staying, parts) | causes
    items = with_retired(without_excluded(found.items, causes), retired)
    # What is retired waits for all that use it, whether or not it serves everybody.
    shared = {uid: service for uid, service in found.shared.items() if uid not in retired}
    grouping = move_groups(
        items,
        found.relations,
        found.roles,
        fused=found.fused,
        observed=map(itemgetter(0, 1), found.exchanges),
        held_out=shared,
    )
    group_of = {uid: number for number, group in enumerate(grouping.groups) for uid in group.members}
    held = {group_of[uid] for uid in shared if uid in group_of}
    between = links(grouping.observed, [one.bytes_per_day for one in found.exchanges], held)
    own = between.where(~between.shared)
    exchanged = exchanged_between(own.source, own.target, own.bytes_per_day)
    problem = problem_of(grouping, items, policy, exchanged=exchanged, shared=shared)
    names = {item.uid: item for item in items}
    labels = [label_of(group, facts.workloads, names) for group, facts in zip(grouping.groups, problem.facts, strict=True)]
    idle = {
        one.uid: "it does not move" if one.uid in names else "it is not in the inventory any more"
        for one in found.constraints.pins
        if one.uid not in group_of
    }
    pins = sorted((one for one in found.constraints.pins if one.uid in group_of), key=lambda one: (one.decided_at or _LONG_AGO, one.uid))
    constraints = settled(found.constraints, staying)
    served = _served(found, causes, shared, {uid: grouping.groups[number].id for uid, number in group_of.items()})
    return Prepared(items, grouping, problem, between, group_of, labels, causes, pins, idle, shared, retired, constraints, served)


def _served(
    found: PlanInput, causes: Mapping[str, Exclusion], shared: Collection[str], group_of: Mapping[str, str]
) -> Mapping[str, Collection[str]]:
    """Excluded uid -> ids of the groups that need a shared service which stays by that."""
    held = {uid: causes[uid].uid for uid in shared if uid in causes}
    users: defaultdict[str, set[str]] = defaultdict(set)
    if held:
        needs = (one for one in found.relations if found.roles.get(one.kind, RelationRole.NEEDS) is RelationRole.NEEDS)
        stated = [(one.source_uid, one.target_uid) for one in needs]
        seen = [(one.source_uid, one.target_uid) for one in found.exchanges]
        for source, target in (*stated, *seen):
            if target in held and source in group_of:
                users[held[target]].add(group_of[source])
    return users


def settled(constraints: Constraints, staying: Iterable[Exclusion]) -> Constraints:
    """*constraints* in which the retirements that no wave carries out are exclusions."""
    stay = {one.uid: one for one in staying}
    excluded = sorted((*constraints.excluded, *stay.values()), key=lambda one: one.uid)
    return replace(constraints, excluded=tuple(excluded), retired=tuple(one for one in constraints.retired if one.uid not in stay))


@unwatched
def obey(prepared: Prepared) -> tuple[Ordered, Sequence[Pin], Mapping[str, Sequence[str]]]:
    """The waves under as many pins as can be obeyed, those pins, and for each other one why not."""
    pins, refused = list(prepared.pins), dict[str, Sequence[str]]()
    while True:
        ordered = ordered_under(prepared, pins)
        if ordered is not None:
            return ordered, pins, refused
        conflict = minimal_conflict(prepared.problem, pins, prepared.group_of)
        named = [one.pin for one in conflict if one.pin is not None]
        newest = max(named, key=pins.index)
        refused[newest.uid] = conflict_words(prepared.problem, conflict, prepared.group_of, prepared.labels, prepared.called)
        pins.remove(newest)


def last_wave_without(prepared: Prepared, asked: Collection[str]) -> int:
    """How many waves the plan has where the pins of the uids *asked* do not count."""
    ordered, _, _ = obey(replace(prepared, pins=[one for one in prepared.pins if one.uid not in asked]))
    return max(ordered.waves, default=0)


def conflict_with(prepared: Prepared, asked: Collection[str], *, leaving_out: Collection[str] = ()) -> tuple[str, ...]:
    """Why the pins of the uids *asked* cannot be obeyed together with the older ones; () where they can."""
    older = [one for one in prepared.pins if one.uid not in asked and one.uid not in leaving_out]
    while conflict := minimal_conflict(prepared.problem, older, prepared.group_of):
        older.remove(max((one.pin for one in conflict if one.pin is not None), key=older.index))
    newest = [one for one in prepared.pins if one.uid in asked]
    found = minimal_conflict(prepared.problem, [*older, *newest], prepared.group_of)
    return conflict_words(prepared.problem, found, prepared.group_of, prepared.labels, prepared.called)


def ordered_under(prepared: Prepared, pins: Iterable[Pin]) -> Ordered | None:
    """The waves under *pins*; None where they cannot be obeyed together."""
    wanted: dict[int, int] = {}
    for one in pins:
        if wanted.setdefault(prepared.group_of[one.uid], one.wave) != one.wave:
            return None
    return order_waves(replace(prepared.problem, pins=wanted))


def cut_records(found: PlanInput, prepared: Prepared, filling: Filling) -> list[dict[str, Any]]:
    """A proposal for each group that exceeds a limit by itself."""
    large = [(number, law) for number, facts in enumerate(prepared.problem.facts) if (law := filling.exceeded(facts)) is not None]
    if not large:
        return []
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for a, b in part_pairs(found.relations, found.roles, found.fused):
        parts[a].append(b)
        parts[b].append(a)
    stated = [
        (one.source_uid, one.target_uid) for one in found.relations if found.roles.get(one.kind, RelationRole.NEEDS) is RelationRole.NEEDS
    ]
    items = {item.uid: item for item in prepared.items}
    records = []
    for number, law in large:
        group = prepared.grouping.groups[number]
        inner = inner_of(group.id, group.members, parts=parts, exchanges=found.exchanges, stated=stated)
        records += propose_cuts(inner, items, law, prepared.problem.policy)
    return records


def held_out_records(found: PlanInput, shared: Mapping[str, str]) -> list[dict[str, Any]]:
    """The shared services whose traffic neither groups nor orders, each with how much of it there is."""
    edges: Counter[str] = Counter()
    carried: Counter[str] = Counter()
    for one in found.exchanges:
        for end in {one.source_uid, one.target_uid} & shared.keys():
            edges[end] += 1
            carried[end] += round(one.bytes_per_day)
    return [{"uid": uid, "service": service, "edges": edges[uid], "bytes_per_day": carried[uid]} for uid, service in sorted(shared.items())]


def score_record(ordered: Ordered, crossing_links: Links) -> dict[str, Any]:
    """The goals' numbers, and what crosses waves in all."""
    score = ordered.goals.of(ordered.waves)
    carried = round(sum(one.bytes_per_day for one in crossing_links))
    return {
        **{name: round(value, 6) for name, value in asdict(score).items()},
        "total": round(score.total, 6),
        "weighed_bytes_per_day": round(score.traffic * ordered.goals.bytes_per_day, 3),
        "observed_bytes_per_day": round(ordered.goals.bytes_per_day, 3),
        "cross_wave_bytes_per_day": carried,
        "cross_wave_edges": sum(one.edges for one in crossing_links),
        "transfer_usd_per_day": transfer_usd_per_day(carried, ordered.problem.policy.transfer_usd_per_gb),
    }


def notes(evidence: Evidence) -> Iterable[str]:
    """What the whole plan could not take into account."""
    if not evidence.traffic:
        yield "traffic was not observed: only what configuration states groups and orders, and nothing is known of what crosses waves"
    if not evidence.risks:
        yield "risk was not assessed: it played no part in the order"
    if not evidence.workloads:
        yield "no workloads are known: groups are named after their first resource"


def missed(prepared: Prepared) -> Iterable[str]:
    """A warning for each retirement that something which stays will miss."""
    for uid, needing in sorted(prepared.stranded.items()):
        by = prepared.retired[uid].by if uid in prepared.retired else "a person"
        names = listed(prepared.called[one] for one in needing)
        yield (
            f"{prepared.called[uid]} is retired, as {by} decided, and {names}, which {'stays' if len(needing) == 1 else 'stay'}, "
            f"{'needs' if len(needing) == 1 else 'need'} it: move or retire that as well, or take the decision back."
        )


def unkept(told: Told) -> Iterable[str]:
    """A warning where groups of no known environment move while some environments are frozen."""
    calendar = told.problem.calendar
    inside = [
        told.labels[group]
        for group, facts in enumerate(told.problem.facts)
        if facts.environment is None and calendar.scoped(told.waves[group]) is not None
    ]
    if inside:
        yield (
            f"{listed(inside)} move{'s' if len(inside) == 1 else ''} while some environments are frozen: neither tags nor a workload say "
            "which environment that is. Tag what belongs to a frozen one, or pin it to another wave."
        )
