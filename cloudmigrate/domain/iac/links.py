"""What units give one another: the attributes of a unit's resources that later units refer to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloudmigrate.domain.iac.model import TargetResource, Unit
from cloudmigrate.domain.iac.values import Ref


@dataclass(frozen=True, slots=True)
class Links:
    """Who makes what, and who needs it."""

    unit_of: Mapping[str, Unit]  # key of a resource -> its unit
    resources: Mapping[str, TargetResource]  # by key
    given: Mapping[str, tuple[Ref, ...]]  # unit -> what others need of it, in order
    taken: Mapping[str, tuple[Ref, ...]]  # unit -> what it needs of others, in order


def links_of(units: Sequence[Unit]) -> Links:
    """The links between units, none of which refers to anything that is not made."""
    unit_of = {resource.key: unit for unit in units for resource in unit.resources}
    resources = {resource.key: resource for unit in units for resource in unit.resources}
    given: defaultdict[str, set[Ref]] = defaultdict(set)
    taken: defaultdict[str, set[Ref]] = defaultdict(set)
    for unit in units:
        for resource in unit.resources:
            for one in resource.references():
                if unit_of[one.key] is not unit:
                    taken[unit.name].add(one)
                    given[unit_of[one.key].name].add(one)
    return Links(unit_of, resources, _sorted(given), _sorted(taken))


def _sorted(found: Mapping[str, set[Ref]]) -> dict[str, tuple[Ref, ...]]:
    return {name: tuple(sorted(refs, key=lambda one: (one.key, one.attribute))) for name, refs in sorted(found.items())}
