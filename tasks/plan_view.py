"""The report's view of a plan document: of schema version 2, or 1, whose later fields are missing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from cloudmigrate.domain.plan import day_of
from reports.readiness import plan_view as p
from reports.readiness.view import ResourceRow

_LEVELS = ("critical", "high", "medium", "low", "not assessed")
_Document = Mapping[str, Any]


def build_plan(document: _Document, resources: Sequence[ResourceRow]) -> p.Plan:
    """The plan with its groups by wave, the largest first; *resources* carry their place in it."""
    wave_of = {group: wave["wave"] for wave in document["waves"] for group in wave["groups"]}
    groups = {group["id"]: _group(group, wave_of[group["id"]]) for group in document["groups"] if group["id"] in wave_of}
    by_uid = {row.uid: row for row in resources}
    policy = document.get("policy") or {}
    constraints = document.get("constraints") or {}
    is_observed = bool((document.get("evidence") or {}).get("traffic", True))
    return p.Plan(
        plan_id=document["plan_id"],
        content_hash=document.get("content_hash"),
        policy=_words(policy),
        groups=tuple(sorted(groups.values(), key=lambda group: (group.wave, -len(group.members), group.id))),
        waves=tuple(
            _wave(wave, groups, by_uid, is_observed=is_observed) for wave in sorted(document["waves"], key=lambda wave: wave["wave"])
        ),
        no_wave=_no_wave(resources),
        freeze_windows=tuple(sorted((_freeze(one) for one in policy.get("freeze_windows") or ()), key=lambda one: one.first_on)),
        pins=tuple(_pin(one) for one in constraints.get("pins", ())),
        excluded=tuple(_excluded(one) for one in constraints.get("excluded", ())),
        crossings=_crossings(document.get("crossings", ())),
        cuts=tuple(_cut(one) for one in document.get("cuts", ())),
        held_out=tuple(p.HeldOut(one["uid"], one["service"], _amount(one["edges"])) for one in document.get("held_out", ())),
        score=_words(document.get("score") or {}),
        notes=tuple(map(str, document.get("notes") or ())),
        retired=tuple(_retired(one) for one in constraints.get("retired", ())),
    )


def _group(group: _Document, wave: int) -> p.MoveGroup:
    return p.MoveGroup(
        id=group["id"],
        wave=wave,
        members=tuple(group["members"]),
        cyclic=bool(group["cyclic"]),
        cycle=tuple(group.get("cycle", ())),
        needs=tuple(group["needs"]),
        label=group.get("label"),
        workloads=tuple(group.get("workloads") or ()),
        risk_level=group.get("risk_level"),
        environment=group.get("environment"),
        shared_service=group.get("shared_service"),
        effort_hours=group.get("effort_hours"),
        servers=group.get("servers"),
        reasons=tuple(group.get("reasons") or ()),
        retires=bool(group.get("retires")),
    )


def _wave(wave: _Document, groups: Mapping[str, p.MoveGroup], by_uid: Mapping[str, ResourceRow], *, is_observed: bool) -> p.Wave:
    inside = [groups[group] for group in wave["groups"]]
    members = [by_uid[uid] for group in inside for uid in group.members if uid in by_uid]
    carried = [by_uid[uid] for group in inside if not group.retires for uid in group.members if uid in by_uid]
    needs = {groups[need].wave for group in inside for need in group.needs if need in groups} - {wave["wave"]}
    types = Counter(row.type for row in members)
    levels = wave.get("risk_levels") or {}
    return p.Wave(
        wave=wave["wave"],
        reason=wave.get("reason", ""),
        groups=tuple(wave["groups"]),
        resources=sum(len(group.members) for group in inside),
        stateful=sum(row.stateful for row in carried),
        storage_bytes=sum(row.storage_bytes or 0 for row in carried),
        needs_waves=tuple(sorted(needs)),
        types=tuple(sorted(types.items(), key=lambda item: (-item[1], item[0]))),
        servers=wave.get("servers"),
        effort_hours=wave.get("effort_hours"),
        starts_on=day_of(wave.get("starts_on")),
        ends_on=day_of(wave.get("ends_on")),
        pilot=bool(wave.get("pilot")),
        reasons=tuple(wave.get("reasons") or ()),
        risk_levels=tuple((level, levels[level]) for level in _LEVELS if levels.get(level)),
        cross_wave_bytes_per_day=wave.get("cross_wave_bytes_per_day") if is_observed else None,  # else 0 would look like a measurement
    )


def _no_wave(resources: Iterable[ResourceRow]) -> tuple[p.NoWaveRow, ...]:
    reasons = Counter((row.no_wave_reason, row.type) for row in resources if row.wave is None and row.no_wave_reason)
    rows = [p.NoWaveRow(reason=str(reason), type=kind, resources=found) for (reason, kind), found in reasons.items()]
    return tuple(sorted(rows, key=lambda row: (row.reason, -row.resources, row.type)))


def _freeze(one: _Document) -> p.FreezeWindow:
    environments = tuple(one.get("environments") or ())
    return p.FreezeWindow(date.fromisoformat(one["from"]), date.fromisoformat(one["to"]), one.get("reason") or "", environments)


def _pin(one: _Document) -> p.Pin:
    return p.Pin(one["uid"], one["wave"], one.get("reason") or "", one.get("by") or "", tuple(one.get("refused") or ()))


def _excluded(one: _Document) -> p.Excluded:
    return p.Excluded(one["uid"], one.get("reason") or "", one.get("by") or "", tuple(one.get("breaks") or ()))


def _retired(one: _Document) -> p.Retired:
    return p.Retired(one["uid"], one.get("reason") or "", one.get("by") or "", tuple(one.get("breaks") or ()))


def _crossings(rows: Iterable[_Document]) -> tuple[p.Crossing, ...]:
    found = [
        p.Crossing(
            row["source_group"], row["target_group"], row["source_wave"], row["target_wave"], row["bytes_per_day"], _amount(row["edges"])
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda row: (-row.bytes_per_day, row.source_group, row.target_group)))


def _cut(one: _Document) -> p.Cut:
    return p.Cut(
        group=one["group"],
        size=one["size"],
        limit=one["limit"],
        side_a=tuple(one["side_a"]),
        side_b=tuple(one["side_b"]),
        edges=tuple(
            p.CutEdge(edge["source_uid"], edge["target_uid"], edge.get("protocol"), edge.get("port"), edge["bytes_per_s"])
            for edge in one["edges"]
        ),
        bytes_per_s=one["bytes_per_s"],
        added_latency_ms=one.get("added_latency_ms"),
        transfer_usd_per_day=one.get("transfer_usd_per_day"),
        reason=one.get("reason") or "",
    )


def _amount(edges: Any) -> int:
    """How many: the number itself, or the length of a list."""
    return edges if isinstance(edges, int) else len(edges)


def _words(values: _Document) -> tuple[tuple[str, str], ...]:
    """Names and values as text; what is empty or a list of records is told elsewhere."""
    told = {str(name): str(value) for name, value in values.items() if value is not None and not isinstance(value, list | dict)}
    return tuple(sorted(told.items()))
