"""The sections of a plan document: groups, waves, crossings, constraints, as JSON values."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cloudmigrate.domain.constraints import Constraints
from cloudmigrate.domain.crossings import Link, transfer_usd_per_day
from cloudmigrate.domain.effort import effort_hours
from cloudmigrate.domain.move_groups import MoveGroup, PlanItem
from cloudmigrate.domain.wave_words import Told, group_reasons, listed, wave_reasons
from cloudmigrate.domain.waves import waves_of

NOBODY: Mapping[str, Sequence[str]] = MappingProxyType({})
_PIECES = frozenset({"AWS::EC2::Volume", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::Lambda::EventSourceMapping"})


def label_of(group: MoveGroup, workloads: Sequence[str], names: Mapping[str, PlanItem]) -> str:
    """What people call the group: its most telling member, with the workloads behind it, as many groups may share those."""
    if len(group.members) == 1:
        [alone] = group.members
        return names[alone].name or alone
    lead = min((names[uid] for uid in group.members), key=_telling)
    called = lead.name or lead.uid
    others = [one for one in workloads if one != called]
    return f"{called} ({listed(others)})" if others else f"{called} and {len(group.members) - 1} more"


def _telling(item: PlanItem) -> tuple[bool, float, str]:
    """Named ones first (a name that is the end of the ARN of a piece says nothing), then what takes most work, then by uid."""
    return (not item.name or item.type in _PIECES, -effort_hours(item.type), item.uid)


def group_records(told: Told, groups: Sequence[MoveGroup]) -> list[dict[str, Any]]:
    """The groups, in their order, each with its wave and the reasons for it."""
    found = []
    for number, group in enumerate(groups):
        facts = told.problem.facts[number]
        found.append(
            {
                "id": group.id,
                "label": told.labels[number],
                "members": list(group.members),
                "layer": group.layer,
                "cyclic": group.cyclic,
                "cycle": list(group.cycle),
                "needs": list(group.needs),
                "needed_by": list(group.needed_by),
                "needs_unplanned": list(group.needs_unplanned),
                "retires": group.retires,
                "workloads": list(facts.workloads),
                "risk_level": facts.risk_level,
                "environment": facts.environment,
                "shared_service": facts.shared_service,
                "resources": facts.resources,
                "servers": facts.servers,
                "effort_hours": facts.effort_hours,
                "wave": told.waves[number],
                "reasons": list(group_reasons(told, number)),
            }
        )
    return found


def wave_records(told: Told, groups: Sequence[MoveGroup], crossing: Iterable[Link]) -> list[dict[str, Any]]:
    """The waves, from the first to the last."""
    problem = told.problem
    calendar = problem.calendar
    number = {group.id: at for at, group in enumerate(groups)}
    bytes_of: Counter[int] = Counter()
    for link in crossing:
        for end in (link.source, link.target):
            bytes_of[told.waves[end]] += round(link.bytes_per_day)
    found = []
    for wave in waves_of(groups, told.waves):
        inside = [number[group] for group in wave.groups]
        facts = [problem.facts[one] for one in inside]
        dates = calendar.dates(wave.wave)
        reasons = wave_reasons(told, wave.wave, inside)
        found.append(
            {
                "wave": wave.wave,
                "layer": wave.layer,
                "groups": list(wave.groups),
                "resources": wave.resources,
                "servers": sum(one.servers for one in facts),
                "effort_hours": sum(one.effort_hours for one in facts),
                "starts_on": dates.starts_on.isoformat() if dates else None,
                "ends_on": dates.ends_on.isoformat() if dates else None,
                "pilot": wave.wave <= problem.policy.pilot_waves,
                "reason": reasons[0],
                "reasons": list(reasons),
                "risk_levels": dict(sorted(Counter(one.risk_level or "not assessed" for one in facts).items())),
                "cross_wave_bytes_per_day": bytes_of[wave.wave],
            }
        )
    return found


def crossing_records(told: Told, crossing: Iterable[Link]) -> list[dict[str, Any]]:
    """The traffic between groups of different waves, most bytes first."""
    usd = told.problem.policy.transfer_usd_per_gb
    ids, waves = told.problem.ids, told.waves
    return [
        {
            "source_group": ids[one.source],
            "target_group": ids[one.target],
            "source_wave": waves[one.source],
            "target_wave": waves[one.target],
            "bytes_per_day": round(one.bytes_per_day),
            "edges": one.edges,
            "transfer_usd_per_day": transfer_usd_per_day(one.bytes_per_day, usd),
            "shared_service": one.shared,
        }
        for one in sorted(crossing, key=lambda one: (-one.bytes_per_day, one.source, one.target))
    ]


def constraint_records(
    constraints: Constraints,
    refused: Mapping[str, Sequence[str]],
    breaks: Mapping[str, Sequence[str]],
    stranded: Mapping[str, Sequence[str]] = NOBODY,
) -> dict[str, Any]:
    """Pins, exclusions and what is retired.

    *refused* says for a uid why its pin could not be obeyed, *breaks* which groups need what is excluded, *stranded* which uids that stay
    need what is retired.
    """
    return {
        "pins": [
            {"uid": one.uid, "wave": one.wave, "reason": one.reason, "by": one.by, "refused": list(refused.get(one.uid, ()))}
            for one in constraints.pins
        ],
        "excluded": [
            {"uid": one.uid, "reason": one.reason, "by": one.by, "breaks": list(breaks.get(one.uid, ()))} for one in constraints.excluded
        ],
        "retired": [
            {"uid": one.uid, "reason": one.reason, "by": one.by, "breaks": list(stranded.get(one.uid, ()))} for one in constraints.retired
        ],
    }
