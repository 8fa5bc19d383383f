"""The blueprint of a plan: its resources made into those of the target, with the networks, identities and keys that they refer to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from cloudmigrate.domain.iac.catalogue import BY_TYPE
from cloudmigrate.domain.iac.distinct_names import Claimants, Names, distinct_names
from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.kinds.security_groups import mapped_groups
from cloudmigrate.domain.iac.making import Decided, Making
from cloudmigrate.domain.iac.model import Blueprint, Place, TargetResource, Unit
from cloudmigrate.domain.iac.naming import slug, terraform_name
from cloudmigrate.domain.iac.observed import Traffic
from cloudmigrate.domain.iac.replacing import with_exchanged
from cloudmigrate.domain.iac.values import Came, Origin, Ref, Value, Variable
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy

FOUNDATION = "foundation"


def blueprint(plan: Mapping[str, Any], resources: Iterable[Resource], policy: TargetPolicy, decided: Decided) -> Blueprint:
    """The target of all waves of a plan's document. The same input gives the same blueprint."""
    inventory = {one.uid: one for one in resources}
    waves = {uid: (int(group["wave"]), group["id"]) for group in plan["groups"] for uid in group["members"]}
    groups = {uid: group for uid, (_, group) in waves.items()}
    mapped = frozenset(map(str, policy.vpcs))
    seen = Traffic(inventory, groups, decided.needed_rules, mapped) if decided.observed_rules else None
    wave_of = {uid: wave for uid, (wave, _) in waves.items()}
    making = _made(Making(inventory, policy, decided, seen), groups)
    names = _names(making, wave_of)
    if names.renamed or names.taken:  # made anew, as policies name others by their names
        making = _made(Making(inventory, policy, decided, seen, names), groups)
    units = _units(making, wave_of, decided)
    left = sorted(making.left_out.values(), key=lambda one: one.uid)
    return Blueprint(plan["plan_id"], plan["content_hash"], units, tuple(left), dict(sorted(making.not_carried.items())))


def target_names(plan: Mapping[str, Any], resources: Iterable[Resource], policy: TargetPolicy, decided: Decided) -> Names:
    """What the blueprint of these calls otherwise than its source, and leaves out for its name; so does the execution engine."""
    inventory = {one.uid: one for one in resources}
    groups = {uid: group["id"] for group in plan["groups"] for uid in group["members"]}
    waves = {uid: int(group["wave"]) for group in plan["groups"] for uid in group["members"]}
    return _names(_made(Making(inventory, policy, decided), groups), waves)


def _names(making: Making, waves: Mapping[str, int]) -> Names:
    """The names of what was made. *waves*: by uid."""
    return distinct_names(
        Claimants(
            (one for made in making.made.values() for one in made),
            making.inventory,
            waves,
            making.decided.existing,
            {one.uid for one in making.policy.databases.overrides if one.name or one.endpoints},
            mapped_groups(making.inventory.values(), making.policy, making.place_of),
        )
    )


def _made(making: Making, groups: Mapping[str, str]) -> Making:
    """With all that is in a wave, and what that needs. *groups*: uid -> move group."""
    for uid in sorted(groups):
        making.moving(uid, groups[uid])
    making.shared()
    making.without_dead_ends()
    return making


def _units(making: Making, waves: Mapping[str, int], decided: Decided) -> tuple[Unit, ...]:
    parts: defaultdict[tuple[int, str, Place], list[TargetResource]] = defaultdict(list)
    for uid, made in sorted(making.made.items()):
        wave = waves.get(uid, 0)
        workload = decided.workloads.get(uid, FOUNDATION if wave == 0 else making.inventory[uid].name)
        for one in made:
            parts[wave, FOUNDATION if wave == 0 else workload, one.place].append(one)
    seen: defaultdict[tuple[str, Place], int] = defaultdict(int)
    units = []
    for (wave, workload, place), resources in sorted(parts.items(), key=lambda pair: pair[0]):
        seen[workload, place] += 1
        number = seen[workload, place]
        suffix = f"-{number}" if number > 1 else ""
        name = f"{slug(workload, f'{workload}|{place.account_id}|{place.region}')}{suffix}"
        units.append(Unit(name, workload, wave, place, tuple(resources)))
    return _referring_back(_in_order(units), making)


def _in_order(units: list[Unit]) -> list[Unit]:
    """The units of each wave so that each comes after those that it refers to, as far as they do not refer to one another in a circle."""
    unit_of = {resource.key: unit.name for unit in units for resource in unit.resources}
    by_name = {unit.name: unit for unit in units}
    needs = {
        unit.name: {unit_of[one.key] for resource in unit.resources for one in resource.references() if one.key in unit_of} - {unit.name}
        for unit in units
    }
    ordered: list[Unit] = []
    placed: set[str] = set()

    def place(name: str, path: frozenset[str]) -> None:
        if name in placed or name in path:
            return
        for other in sorted(needs[name]):
            if by_name[other].wave == by_name[name].wave:
                place(other, path | {name})
        placed.add(name)
        ordered.append(by_name[name])

    for unit in sorted(units, key=lambda one: (one.wave, one.name)):
        place(unit.name, frozenset())
    return ordered


def _referring_back(units: list[Unit], making: Making) -> tuple[Unit, ...]:
    """The units with no reference to what is not made, or only by a later unit."""
    order = {unit.name: number for number, unit in enumerate(units)}
    unit_of = {resource.key: unit.name for unit in units for resource in unit.resources}
    done = []
    for unit in units:
        exchange = partial(_exchange, unit=unit, order=order, unit_of=unit_of, making=making)
        done.append(replace(unit, resources=tuple(with_exchanged(one, exchange) for one in unit.resources)))
    return tuple(done)


def _exchange(ref: Ref, *, unit: Unit, order: Mapping[str, int], unit_of: Mapping[str, str], making: Making) -> tuple[Value, Origin] | None:
    """What stands in the place of a reference that cannot be one; None for one that can."""
    made_by = unit_of.get(ref.key)
    if made_by is not None and order[made_by] <= order[unit.name]:
        return None
    uid = ref.key.split("#", 1)[0]
    source = making.inventory[uid]
    kind: Kind | None = BY_TYPE.get(source.type)
    arn = making.named_arn(source) if kind and ref.attribute == kind.arn else None
    if made_by is not None and arn is not None:
        return arn, Origin(Came.TRANSFORMED, f"its ARN as unit {made_by}, which is applied later, will give it", uid)
    why = f"the target of {uid} is made later, by unit {made_by}" if made_by else f"nothing is made of {uid}: {making.reason(uid)}"
    name = terraform_name(f"{source.name} {ref.attribute or 'id'}", f"{ref.key}\0{ref.attribute}")
    return Variable(name, f"{why}."), Origin(Came.UNKNOWN, why, uid)
