"""What a scanner finds in the code that we make and would not find in the source: most of what it finds is the source's own."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cloudmigrate.domain.iac.model import Blueprint, TargetResource
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One check that one resource fails."""

    check: str  # the scanner's id of it
    resource: str  # as the scanner names it
    asks: str  # what the check asks for


@dataclass(frozen=True, slots=True)
class FindingsDelta:
    """Findings in the code against findings in the source as code; each in order."""

    scanner: str  # name and version
    new: tuple[Finding, ...]  # the source would not have them
    kept: tuple[Finding, ...]  # the source has them too
    gone: tuple[Finding, ...]  # only the source has them


def findings_delta(scanner: str, ours: Iterable[Finding], theirs: Iterable[Finding]) -> FindingsDelta:
    """The delta of both sets."""
    made, source = frozenset(ours), frozenset(theirs)
    return FindingsDelta(scanner, tuple(sorted(made - source)), tuple(sorted(made & source)), tuple(sorted(source - made)))


def counted(findings: Iterable[Finding]) -> Mapping[tuple[str, str], int]:
    """(check, what it asks for) -> how many resources fail it, in order."""
    return dict(sorted(Counter((one.check, one.asks) for one in findings).items()))


def as_the_source_is(blueprint: Blueprint) -> Blueprint:
    """The same resources without every attribute that we put there (came: defaulted): the source as code."""
    units = tuple(replace(unit, resources=tuple(map(_without_ours, unit.resources))) for unit in blueprint.units)
    return replace(blueprint, units=units)


def _without_ours(resource: TargetResource) -> TargetResource:
    kept = {name: one for name, node in resource.properties.items() if (one := _kept(node)) is not None}
    return replace(resource, properties=kept)


def _kept(node: Node) -> Node | None:
    if isinstance(node, Leaf):
        return None if node.origin.came is Came.DEFAULTED else node
    if isinstance(node, Branch):
        members = {name: one for name, member in node.members.items() if (one := _kept(member)) is not None}
        return Branch(members) if members else None
    items = tuple(one for item in node.items if (one := _kept(item)) is not None)
    return Items(items) if items else None
