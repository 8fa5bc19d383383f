"""What stands where in the section of waves: lanes, move groups worth knowing, and reasons for having no wave."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from cloudmigrate.domain.naming import short_type
from reports.readiness import charts, words
from reports.readiness.page import plain
from reports.readiness.plan_view import MoveGroup, NoWaveRow, Plan, Wave
from reports.readiness.text import visible
from reports.readiness.view import ReadinessView

LANES_AT_FIRST = 12
GROUPS_IN_LANE = 12
GROUPS_IN_LATER_LANES = 4  # of those that are folded away: at 10,000 resources there are hundreds


@dataclass(frozen=True, slots=True)
class LaneGroup:
    """One move group in its wave."""

    group: MoveGroup
    name: str
    members: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class NotableGroup:
    """A move group worth knowing, and the relations inside it."""

    item: LaneGroup
    bound_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason for having no wave."""

    reason: str
    resources: int
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One wave."""

    wave: Wave
    chart: Markup
    types: str
    groups: tuple[LaneGroup, ...]
    more_groups: int


def reasons(plan: Plan) -> tuple[ReasonRow, ...]:
    """Why resources have no wave, the commonest reason first."""
    found: dict[str, list[NoWaveRow]] = {}
    for row in plan.no_wave:
        found.setdefault(row.reason, []).append(row)
    rows = [
        ReasonRow(
            reason=reason,
            resources=sum(row.resources for row in hit),
            types=tuple(f"{row.resources:,} × {short_type(row.type)}" for row in sorted(hit, key=lambda row: (-row.resources, row.type))),
        )
        for reason, hit in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.resources, row.reason)))


def lanes(view: ReadinessView, plan: Plan) -> tuple[Lane, ...]:
    """Every wave with its first move groups."""
    groups = {group.id: group for group in plan.groups}
    names = {row.uid: row.name for row in view.resources}
    top = max((wave.resources for wave in plan.waves), default=0)
    result = []
    for at, wave in enumerate(plan.waves):
        shown_at_most = GROUPS_IN_LANE if at < LANES_AT_FIRST else GROUPS_IN_LATER_LANES
        inside = sorted((groups[one] for one in wave.groups), key=lambda group: (not group.cyclic, -len(group.members), group.id))
        shown = tuple(lane_group(group, names) for group in inside[:shown_at_most])
        types = words.listing([f"{amount:,} × {short_type(kind)}" for kind, amount in wave.types], at_most=4)
        result.append(Lane(wave, charts.bar(wave.resources, top, part=wave.stateful), types, shown, len(inside) - len(shown)))
    return tuple(result)


def lane_group(group: MoveGroup, names: Mapping[str, str], *, at_most: int = 6) -> LaneGroup:
    """*group* with the names of its first members."""
    found = [visible(names.get(uid, uid), at_most=60) for uid in group.members]
    return LaneGroup(group, words.listing(found, at_most=3) if found else group.id, tuple(found[:at_most]), max(len(found) - at_most, 0))


def notable_groups(view: ReadinessView, plan: Plan, *, at_most: int = 15) -> tuple[NotableGroup, ...]:
    """Groups bound in a cycle, then the largest of more than one member, each with the kinds of relation that bind it."""
    names = {row.uid: row.name for row in view.resources}
    found = [group for group in plan.groups if group.cyclic or len(group.members) > 1]
    found.sort(key=lambda group: (not group.cyclic, -len(group.members), group.id))
    group_of = {uid: group.id for group in found[:at_most] for uid in group.members}
    settings = set(view.settings_kinds)
    bound: dict[str, Counter[str]] = {}
    for row in view.relations:
        group = group_of.get(row.source_uid)
        if group is not None and group == group_of.get(row.target_uid) and row.kind not in settings:
            bound.setdefault(group, Counter())[row.kind] += 1
    return tuple(
        NotableGroup(
            lane_group(group, names), tuple(f"{amount:,} × {plain(kind)}" for kind, amount in sorted(bound.get(group.id, {}).items()))
        )
        for group in found[:at_most]
    )
