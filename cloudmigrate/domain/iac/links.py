"""What the resources of a blueprint give one another, within units and across them."""

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
    users: Mapping[str, Mapping[Ref, frozenset[str]]]  # key of a resource -> what others refer to of it -> keys of those others

    def taken_outside(self, keys: set[str]) -> tuple[Ref, ...]:
        """What others need of the resources of these keys, in order."""
        found = (ref for key in keys for ref, users in self.users.get(key, {}).items() if not users <= keys)
        return tuple(sorted(found, key=lambda ref: (ref.key, ref.attribute)))


def links_of(units: Sequence[Unit]) -> Links:
    """The links of units, none of which refers to anything that is not made."""
    unit_of = {resource.key: unit for unit in units for resource in unit.resources}
    resources = {resource.key: resource for unit in units for resource in unit.resources}
    users: defaultdict[str, defaultdict[Ref, set[str]]] = defaultdict(lambda: defaultdict(set))
    for resource in resources.values():
        for ref in resource.references():
            if ref.key != resource.key:
                users[ref.key][ref].add(resource.key)
    return Links(unit_of, resources, {key: {ref: frozenset(some) for ref, some in found.items()} for key, found in users.items()})
