"""Why a group is in its wave, and what a wave is, in words that a change board understands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cloudmigrate.domain.environments import rank
from cloudmigrate.domain.wave_filling import Filling, Law
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_improvement import window
from cloudmigrate.domain.wave_problem import GroupFacts, Problem

_NAMED_AT_MOST = 3
ENVIRONMENT_WORDS = {"dev": "development", "test": "test", "staging": "staging", "prod": "production"}


@dataclass(frozen=True)
class Told:
    """What the words draw on. *traffic*, *risks*: whether there was such evidence at all."""

    problem: Problem
    waves: Sequence[int]
    filling: Filling
    goals: Goals
    labels: Sequence[str]
    traffic: bool = True
    risks: bool = True
    pinned_by: Mapping[int, str] = field(default_factory=dict)  # group -> "alice: the reason"
    retired_by: Mapping[int, str] = field(default_factory=dict)  # the same


def counted(number: float, noun: str) -> str:
    """``1 server``, ``3 servers``."""
    return f"{number:g} {noun}" + ("" if number == 1 else "s")


def listed(names: Iterable[str]) -> str:
    """``a, b, c and 4 more``."""
    found = list(names)
    if len(found) > _NAMED_AT_MOST:
        return f"{', '.join(found[:_NAMED_AT_MOST])} and {len(found) - _NAMED_AT_MOST} more"
    return " and ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def size_words(bytes_per_day: float) -> str:
    """``1.2 GiB a day``; powers of 1024, as in the report's tables."""
    for unit, size in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if bytes_per_day >= size:
            return f"{bytes_per_day / size:.3g} {unit} a day"
    return f"{bytes_per_day:.0f} B a day"


def group_reasons(told: Told, group: int) -> tuple[str, ...]:
    """Why the group is in its wave: what is decided, what it needs, why not earlier, what is special, what was not known."""
    facts = told.problem.facts[group]
    found = [*_decided(told, group, facts), *_needs(told, group), *_not_earlier(told, group), *_goals(told, group, facts)]
    if not told.traffic:
        found.append("traffic was not observed: only what configuration states orders it")
    if not told.risks:
        found.append("risk was not assessed: it played no part")
    return tuple(found)


def _decided(told: Told, group: int, facts: GroupFacts) -> Iterable[str]:
    wave = told.waves[group]
    if facts.retires:
        yield f"retired by this wave, not moved, as decided by {told.retired_by.get(group, 'a person')}"
    if group in told.problem.pins:
        yield f"pinned to wave {wave} by {told.pinned_by.get(group, 'a person')}"
    if facts.shared_service is not None:
        yield f"shared service ({facts.shared_service}): held out of grouping and order, moved as early as limits allow"
    exceeded = told.filling.exceeded(facts)
    if exceeded is not None:
        yield f"{exceeded_words(told.problem, facts, exceeded)}; a group is never split, so it has a wave of its own"
    elif wave <= told.problem.policy.pilot_waves and facts.servers > told.problem.policy.pilot_max_servers:
        most = told.problem.policy.pilot_max_servers
        yield f"its {counted(facts.servers, 'server')} are more than the {most} that a pilot wave should hold; nothing smaller could move"


def exceeded_words(problem: Problem, facts: GroupFacts, law: Law) -> str:
    """Which limit a group exceeds by itself."""
    policy = problem.policy
    match law:
        case Law.SERVERS:
            return f"its {counted(facts.servers, 'server')} exceed the limit of {policy.max_servers_per_wave} a wave"
        case Law.EFFORT:
            return f"its {facts.effort_hours:g} hours of work exceed the limit of {policy.max_effort_hours_per_wave:g} a wave"
        case _:
            return f"its {counted(facts.resources, 'resource')} exceed the limit of {policy.max_resources_per_wave} a wave"


def _needs(told: Told, group: int) -> Iterable[str]:
    groups = len(told.waves)
    direct = [one for one in told.problem.needs[group] if one < groups]
    if told.problem.facts[group].retires:
        yield _waits(told, group, direct)
        return
    staying = len(told.problem.needs[group]) - len(direct)
    if not direct:
        yield "needs no other move group" if not staying else "needs no other move group itself; what it needs stays behind"
        return
    latest = max(told.waves[one] for one in direct)
    last = [told.labels[one] for one in direct if told.waves[one] == latest]
    named = listed(last) if len(last) == len(direct) else f"the last of them, {listed(last)},"
    if latest == told.waves[group]:
        when = f"{'moves' if len(last) == 1 else 'move'} in the same wave, before it"
    else:
        when = f"{'moves' if len(last) == 1 else 'move'} in wave {latest}"
    yield f"needs {counted(len(direct), 'move group')}: {named} {when}"


def _waits(told: Told, group: int, direct: Sequence[int]) -> str:
    """What is retired is stopped last: when all that depends on it has moved, or was retired itself."""
    if not direct:
        return "no other move group depends on it"
    latest = max(told.waves[one] for one in direct)
    last = listed(told.labels[one] for one in direct if told.waves[one] == latest)
    when = "in the same wave, before it" if latest == told.waves[group] else f"in wave {latest}"
    depend = "depends" if len(direct) == 1 else "depend"
    return f"{counted(len(direct), 'move group')} {depend} on it; it waits until the last is away: {last}, {when}"


def _not_earlier(told: Told, group: int) -> Iterable[str]:
    """Why not in an earlier wave than that: order, limits, or the goal that gains most by waiting."""
    wave = told.waves[group]
    if group in told.problem.pins or wave == 1:
        return
    first, _ = window(told.problem, told.waves, group, told.goals.last)
    if first >= wave:
        if told.problem.facts[group].retires:
            yield f"cannot be retired before wave {wave}, when the last that depends on it is away"
            return
        yield (
            f"wave {wave} is the first after all that it needs"
            if told.problem.gap
            else f"cannot move before wave {wave}, when what it needs does"
        )
        return
    refused = {earlier: told.filling.refuses(group, earlier) for earlier in range(first, wave)}
    laws = sorted({law for law in refused.values() if law is not None})
    room = [earlier for earlier, law in refused.items() if law is None]
    if not room:
        yield f"{_span(first, wave - 1)} no room for it: {', '.join(law_words(told.problem, law) for law in laws)}"
        return
    yield _waiting(told, group, room)


def _waiting(told: Told, group: int, room: Sequence[int]) -> str:
    """What it gains by waiting although an earlier wave has room."""
    wave, facts = told.waves[group], told.problem.facts[group]
    here = told.goals.alone(group, wave, told.waves)
    earlier = min(room, key=lambda one: sum(told.goals.alone(group, one, told.waves).values()))
    there = told.goals.alone(group, earlier, told.waves)
    gains = {goal: there[goal] - here[goal] for goal in ("traffic", "risk", "environments")}
    if rank(facts.environment) <= told.goals.first_rank:
        gains.pop("environments")  # nothing does less harm
    best = max(gains, key=lambda goal: gains[goal])
    if gains[best] <= 0:
        return f"earlier waves were full when its turn came, or wave {wave} evens out the work"
    if best == "traffic":
        beside = [(exchanged, other) for other, exchanged in told.goals.partners(group) if told.waves[other] == wave]
        total = sum(exchanged for exchanged, _ in beside)
        names = listed(told.labels[other] for _, other in sorted(beside, reverse=True))
        if names:
            return f"waits for wave {wave}, so that the {size_words(total)} that it exchanges with {names} do not run between sites"
        return f"waits for wave {wave}, to be nearer to what it exchanges data with"
    if best == "risk":
        pilots = told.problem.policy.pilot_waves
        when = f"kept out of the {counted(pilots, 'pilot wave')}" if wave > pilots else "not among the first"
        return f"{facts.risk_level} risk: {when}"
    return f"{ENVIRONMENT_WORDS.get(facts.environment or '', 'its environment')} waits for what does less harm"


def _goals(told: Told, group: int, facts: GroupFacts) -> Iterable[str]:
    if facts.environment is None:
        yield "its tags name no environment: ordered after staging, before production"
        frozen = told.problem.calendar.scoped(told.waves[group])
        if frozen is not None:
            yield (
                f"moves while {listed(frozen.environments)} is frozen from {frozen.from_on} to {frozen.to_on} ({frozen.reason}), as "
                "nothing says that it belongs there"
            )
    else:
        yield f"environment: {ENVIRONMENT_WORDS[facts.environment]}" + (f", {facts.environment_by}" if facts.environment_by else "")
    if facts.risky and told.waves[group] <= told.problem.policy.pilot_waves and group not in told.problem.pins:
        yield f"{facts.risk_level} risk, and yet in a pilot wave: order, room or a goal that weighs more outweighed that"


def needs_words(problem: Problem, group: int) -> str:
    """How a group stands to one that has to move first."""
    return "is retired and waits for" if problem.facts[group].retires else "needs"


def _span(first: int, last: int) -> str:
    return f"wave {first} has" if first == last else f"waves {first} to {last} have"


def law_words(problem: Problem, law: Law) -> str:
    """A law as the thing that is in the way."""
    policy = problem.policy
    match law:
        case Law.RESOURCES:
            return f"the limit of {counted(policy.max_resources_per_wave or 0, 'resource')} a wave"
        case Law.SERVERS:
            return f"the limit of {counted(policy.max_servers_per_wave or 0, 'server')} a wave"
        case Law.EFFORT:
            return f"the limit of {counted(policy.max_effort_hours_per_wave or 0, 'hour')} of work a wave"
        case Law.FREEZE:
            return "a freeze window of its environment"
        case Law.ALONE:
            return "a group that exceeds a limit by itself shares its wave with no other"
        case Law.PILOT:
            return f"the {counted(policy.pilot_max_servers, 'server')} that a pilot wave should hold"


def wave_reasons(told: Told, wave: int, groups: Sequence[int]) -> tuple[str, ...]:
    """What the wave is and why it looks as it does; the first sentence stands alone."""
    problem, policy = told.problem, told.problem.policy
    facts = [problem.facts[group] for group in groups]
    dates = problem.calendar.dates(wave)
    late = [f"shifted past the freeze of {one.from_on} to {one.to_on} ({one.reason})" for one in (dates.shifted_past if dates else ())]
    if not groups:
        return ("empty: nothing that is ready may move in it, and what is pinned to later waves keeps its number", *late)
    found = [
        f"{counted(len(groups), 'move group')}, {counted(sum(one.resources for one in facts), 'resource')}; {_after(told, wave, groups)}"
    ]
    servers = sum(one.servers for one in facts)
    if wave <= policy.pilot_waves:
        over = f", more than the {policy.pilot_max_servers} it should hold" if servers > policy.pilot_max_servers else ""
        found.append(f"pilot wave {wave} of {policy.pilot_waves}: {counted(servers, 'server')}{over}")
    for one in facts:
        exceeded = told.filling.exceeded(one)
        if exceeded is not None:
            found.append(f"one group alone: {exceeded_words(problem, one, exceeded)}; a cut is proposed")
    retired = [told.labels[group] for group in groups if problem.facts[group].retires]
    if retired:
        found.append(f"retired, not moved: {listed(retired)}")
    pinned = [told.labels[group] for group in groups if group in problem.pins]
    if pinned:
        found.append(f"pinned here: {listed(pinned)}")
    return (*found, *late)


def _after(told: Told, wave: int, groups: Sequence[int]) -> str:
    """What has to have moved before."""
    count = len(told.waves)
    before = {told.waves[one] for group in groups for one in told.problem.needs[group] if one < count}
    earlier = max((one for one in before if one < wave), default=0)
    return f"needs only what moves by wave {earlier}" if earlier else "needs nothing that moves in an earlier wave"
