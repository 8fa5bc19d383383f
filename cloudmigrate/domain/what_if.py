"""What would change if groups moved in other waves: what crosses, what it costs, which rules to open, which laws break.

It looks at the plan as it stands with only these groups elsewhere; nothing else gives way. What planning again would make of the same
wish, a pin tells (`cloudmigrate plan --pin`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from cloudmigrate.domain.constraints import Pin
from cloudmigrate.domain.crossings import Link, ends_of, links, transfer_usd_per_day
from cloudmigrate.domain.naming import end_of
from cloudmigrate.domain.plan_input import Exchange
from cloudmigrate.domain.stored_plan import StoredPlan
from cloudmigrate.domain.wave_filling import Law
from cloudmigrate.domain.wave_goals import apart, between
from cloudmigrate.domain.wave_improvement import window
from cloudmigrate.domain.wave_words import exceeded_words, law_words, needs_words


class Rule(NamedTuple):
    """A row of the dataset ``needed_rules``, as far as it matters here."""

    move_group: str
    direction: str
    protocol: int
    port: int
    peer: str
    peer_kind: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What runs between sites under one order of waves, and how well that serves the goals."""

    cross_wave_bytes_per_day: int
    cross_wave_edges: int
    transfer_usd_per_day: float
    score: float


@dataclass(frozen=True, slots=True)
class Breach:
    """One law, or goal, that a move breaks: which one, by which group. Those of one *law* can be counted together."""

    law: str
    words: str
    goal: bool = False  # a goal is in nobody's way


@dataclass(frozen=True, slots=True)
class Moved:
    """One group in another wave; *first* and *last* are the waves that its needs and what needs it leave it."""

    group: str
    label: str
    from_wave: int
    to_wave: int
    first: int
    last: int
    resources: int  # that move in it


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer. ``laws_broken`` are the words of ``breaches``, goals among them."""

    plan_id: str
    moves: tuple[Moved, ...]
    before: Figures
    after: Figures
    edges_newly_crossing: int
    edges_no_longer_crossing: int
    added_latency_ms: float  # for each round trip over an edge that newly crosses
    rules_to_open: tuple[Rule, ...]  # that newly run between sites
    laws_broken: tuple[str, ...]
    called: Mapping[str, str] = field(default_factory=dict)  # id of a group in rules_to_open -> what people call it
    breaches: tuple[Breach, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the move may be made as it is: goals may be missed, laws may not be broken."""
        return all(one.goal for one in self.breaches)

    def document(self) -> dict[str, Any]:
        """The answer as JSON values."""
        return {**asdict(self), "rules_to_open": [one._asdict() for one in self.rules_to_open], "allowed": self.allowed}


def what_if(plan: StoredPlan, moves: Mapping[int, int], exchanges: Iterable[Exchange], rules: Iterable[Rule]) -> WhatIf:
    """The answer to giving each group of *moves* that wave.

    *exchanges* are at least those with an end in a moved group, *rules* at least those with such a group at one end.
    """
    waves = list(plan.waves)
    for group, wave in moves.items():
        waves[group] = wave
    held = [group for group, facts in enumerate(plan.problem.facts) if facts.shared_service]
    exchanges = list(exchanges)
    every = links(ends_of(exchanges, plan.group_of), [one.bytes_per_day for one in exchanges], held)
    touched = [one for one in every if one.source in moves or one.target in moves]
    before, after = ({one for one in touched if parted(plan, one, at)} for at in (plan.waves, waves))
    newly = sum(one.edges for one in after - before)
    last = max([*waves, *plan.waves], default=1)
    told = []
    for group in sorted(moves):
        first_wave, last_wave = window(plan.problem, waves, group, last)
        size = plan.problem.facts[group].resources
        told.append(Moved(plan.problem.ids[group], plan.labels[group], plan.waves[group], waves[group], first_wave, last_wave, size))
    found = breaches(plan, waves, moves)
    opened = tuple(sorted({one for one in rules if _newly_between(plan, one, waves)}))
    return WhatIf(
        plan_id=plan.plan_id,
        moves=tuple(told),
        before=figures(plan, plan.waves, ()),
        after=figures(plan, waves, touched),
        edges_newly_crossing=newly,
        edges_no_longer_crossing=sum(one.edges for one in before - after),
        added_latency_ms=plan.problem.policy.link_latency_ms if newly else 0.0,
        rules_to_open=opened,
        laws_broken=tuple(one.words for one in found),
        called={one: plan.labels[plan.number[one]] for rule in opened for one in (rule.move_group, rule.peer)},
        breaches=found,
    )


def figures(plan: StoredPlan, waves: Sequence[int], touched: Sequence[Link]) -> Figures:
    """The figures of *waves*: those of the plan, changed by what the *touched* links do otherwise than in it."""

    def changed(worth: Callable[[Link, Sequence[int]], float]) -> float:
        return sum(worth(one, waves) - worth(one, plan.waves) for one in touched)

    carried = plan.score.get("cross_wave_bytes_per_day", 0) + changed(lambda one, at: one.bytes_per_day * bool(parted(plan, one, at)))
    edges = plan.score.get("cross_wave_edges", 0) + changed(lambda one, at: one.edges * bool(parted(plan, one, at)))
    weighed = plan.score.get("weighed_bytes_per_day", 0) + changed(
        lambda one, at: 0.0 if one.shared else one.bytes_per_day * apart(parted(plan, one, at))
    )
    score = replace(plan.goals(waves).of(waves), traffic=weighed / (plan.score.get("observed_bytes_per_day") or 1.0))
    usd = transfer_usd_per_day(carried, plan.problem.policy.transfer_usd_per_gb)
    return Figures(round(carried), round(edges), usd, round(score.total, 6))


def parted(plan: StoredPlan, link: Link, waves: Sequence[int]) -> int:
    """For how many waves the ends of the link are at different sites."""
    facts = plan.problem.facts
    return between(waves[link.source], waves[link.target], facts[link.source].retires, facts[link.target].retires)


def _newly_between(plan: StoredPlan, rule: Rule, waves: Sequence[int]) -> bool:
    """Whether the rule's ends are in different waves now and were in one before."""
    own, peer = plan.number.get(rule.move_group), plan.number.get(rule.peer) if rule.peer_kind == "move_group" else None
    if own is None or peer is None:
        return False
    return waves[own] != waves[peer] and plan.waves[own] == plan.waves[peer]


def laws_broken(plan: StoredPlan, waves: Sequence[int], moved: Iterable[int]) -> tuple[str, ...]:
    """Every law that *waves* break because of the groups that *moved*, in words."""
    return tuple(one.words for one in breaches(plan, waves, moved))


def breaches(plan: StoredPlan, waves: Sequence[int], moved: Iterable[int]) -> tuple[Breach, ...]:
    """Every law that *waves* break, and goal that they miss, because of the groups that *moved*; no two with the same words."""
    moved = sorted(moved)
    found: list[Breach] = []
    filling = plan.filling(waves, without=moved)
    order = f"what is needed moves {_than(plan)} what needs it"
    for group in moved:
        found += (Breach(order, words) for words in _order(plan, waves, group))
        law = filling.refuses(group, waves[group], pilot=True)
        if law is not None:
            exceeded = filling.exceeded(plan.problem.facts[group]) if law is Law.ALONE else None
            found.append(_no_room(plan, group, waves[group], law, exceeded))
        filling.add(group, waves[group])
    found += [
        Breach("pins", f"{_pinned(plan, one)} is pinned to wave {one.wave} by {one.by}")
        for one in plan.pins
        if plan.group_of[one.uid] in moved and waves[plan.group_of[one.uid]] != one.wave
    ]
    return tuple({one.words: one for one in found}.values())


def _no_room(plan: StoredPlan, group: int, wave: int, law: Law, exceeded: Law | None) -> Breach:
    """Why the group does not fit the wave; *exceeded* is the limit that it breaks by itself, where it has to be alone."""
    label, words = plan.labels[group], law_words(plan.problem, law)
    if law is Law.PILOT:
        return Breach(words, f"goal, not a law: {label} in wave {wave} is more than {words}", goal=True)
    if exceeded is not None:
        return Breach(words, f"{label} must be alone in its wave: {exceeded_words(plan.problem, plan.problem.facts[group], exceeded)}")
    return Breach(words, f"{label} does not fit wave {wave}: {words}")


def _than(plan: StoredPlan) -> str:
    return "before" if plan.problem.gap else "no later than"


def _pinned(plan: StoredPlan, pin: Pin) -> str:
    """What to call a pinned resource: its group, which is its name where it is alone in it, and else which of the group's."""
    group = plan.group_of[pin.uid]
    label = plan.labels[group]
    return label if plan.problem.facts[group].resources == 1 else f"{end_of(pin.uid)} of {label}"


def _order(plan: StoredPlan, waves: Sequence[int], group: int) -> Iterable[str]:
    """The needs of the group, and those of others on it, that would lie backwards."""
    gap, label, wave = plan.problem.gap, plan.labels[group], waves[group]
    than = _than(plan)
    for other in reached(plan, plan.problem.needs, group):
        if waves[other] > wave - gap:
            does = needs_words(plan.problem, group)
            yield f"{label} in wave {wave} {does} {plan.labels[other]} in wave {waves[other]}, which must move {than} it"
    for other in reached(plan, plan.problem.needed_by, group):
        if wave > waves[other] - gap:
            does = needs_words(plan.problem, other)
            yield f"{plan.labels[other]} in wave {waves[other]} {does} {label} in wave {wave}, which must move {than} it"


def reached(plan: StoredPlan, edges: Sequence[Sequence[int]], group: int) -> list[int]:
    """The groups next to *group* along *edges*, through what stays; sorted."""
    stack, seen, found = list(edges[group]), {group}, set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node < len(plan.waves):
            found.add(node)
        else:
            stack += edges[node]
    return sorted(found)
