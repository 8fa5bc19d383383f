"""Units as stacks: one template where it fits, else nested stacks, each of which takes only from earlier ones.

Source: AWS CloudFormation user guide, "CloudFormation quotas".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.iac.links import Links
from cloudmigrate.domain.iac.model import TargetResource, Unit

MOST_RESOURCES, MOST_PARAMETERS, MOST_OUTPUTS = 500, 200, 200
MOST_BYTES = 1_000_000  # of a template that lies in S3
BYTES_OF_OTHERS = 500_000  # kept free for parameters, outputs and exports where a template is cut
OWN_PARAMETERS = 2  # where the nested templates lie
Part = tuple[TargetResource, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """What is deployed as one; more than one part: each is a stack nested in it."""

    name: str
    unit: Unit
    parts: tuple[Part, ...]

    def part_of(self) -> dict[str, int]:
        """Key of a resource -> the place of its part."""
        return {one.key: number for number, part in enumerate(self.parts) for one in part}


def fits(template: Mapping[str, Any], size: Callable[[Mapping[str, Any]], int]) -> bool:
    """Whether CloudFormation takes the template as one."""
    counts = (("Resources", MOST_RESOURCES), ("Parameters", MOST_PARAMETERS), ("Outputs", MOST_OUTPUTS))
    return all(len(template.get(name, ())) <= most for name, most in counts) and size(template) <= MOST_BYTES


def cut_into_stacks(unit: Unit, links: Links, size_of: Callable[[TargetResource], int]) -> Iterator[Stack]:
    """The stacks of a unit that is too large for one template.

    A stack asks for as many values as a template may have parameters. Within it the parts keep all limits.
    """
    ordered = in_order(unit.resources)
    sizes = {one.key: size_of(one) for one in ordered}
    asking = list(_cut(ordered, lambda: _Room(links, unit, sizes, whole=True)))
    for number, resources in enumerate(asking, 1):
        parts = tuple(_cut(resources, lambda: _Room(links, unit, sizes, whole=False)))
        yield Stack(unit.name if number == 1 else f"{unit.name}-{_letter(number)}", unit, parts)


def in_order(resources: Iterable[TargetResource]) -> Part:
    """The resources so that each comes after those of them that it refers to or needs; of a circle, as they come.

    What has to be in one template with another comes right after it.
    """
    by_key = {one.key: one for one in sorted(resources, key=lambda one: one.key)}
    needs = {
        key: sorted(other for other in {*(ref.key for ref in one.references()), *one.needs} if other in by_key and other != key)
        for key, one in by_key.items()
    }
    following: defaultdict[str, list[str]] = defaultdict(list)
    for key, one in by_key.items():
        following[one.together_with].append(key)
    done: dict[str, None] = {}
    for start in by_key:
        stack = [(start, iter(needs[start]))]
        open_ = {start}
        while stack:
            key, waiting = stack[-1]
            first = next((one for one in waiting if one not in done and one not in open_), None)
            if first is None:
                done |= dict.fromkeys((key, *following[key]))
                stack.pop()
            else:
                open_.add(first)
                stack.append((first, iter(needs[first])))
    return tuple(by_key[key] for key in done)


def _cut(resources: Iterable[TargetResource], begin: Callable[[], "_Room"]) -> Iterator[Part]:
    part: list[TargetResource] = []
    room = begin()
    for some in _together(resources):
        if part and not room.takes(some):
            yield tuple(part)
            part, room = [], begin()
        for one in some:
            room.add(one)
        part += some
    if part:
        yield tuple(part)


def _together(resources: Iterable[TargetResource]) -> Iterator[list[TargetResource]]:
    """Runs of resources, in order, each of which has to be in one template."""
    run: list[TargetResource] = []
    for one in resources:
        if run and one.together_with not in {before.key for before in run}:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


@dataclass
class _Room:
    """How full a template is, counted so that it is never fuller than that."""

    links: Links
    unit: Unit
    sizes: Mapping[str, int]  # bytes of each resource's text, by key
    whole: bool  # a stack with its nested ones, of which only parameters count
    keys: set[str] = field(default_factory=set)
    asked: set[object] = field(default_factory=set)
    outputs: int = 0
    size: int = 0

    def takes(self, some: Sequence[TargetResource]) -> bool:
        """Whether they still fit."""
        asked = len(self.asked.union(*map(self._asked, some)))
        if self.whole:
            return asked <= MOST_PARAMETERS - OWN_PARAMETERS
        return (
            asked <= MOST_PARAMETERS
            and len(self.keys) + len(some) <= MOST_RESOURCES
            and self.outputs + sum(len(self.links.users.get(one.key, ())) for one in some) <= MOST_OUTPUTS
            and self.size + sum(self.sizes[one.key] for one in some) <= MOST_BYTES - BYTES_OF_OTHERS
        )

    def add(self, one: TargetResource) -> None:
        """It is in."""
        self.keys.add(one.key)
        self.asked |= self._asked(one)
        if not self.whole:
            self.outputs += len(self.links.users.get(one.key, ()))
            self.size += self.sizes[one.key]

    def _asked(self, one: TargetResource) -> set[object]:
        """What the template has to be given for it."""
        names: set[object] = {variable.name for variable in one.variables()}
        for ref in one.references():
            of = self.links.unit_of[ref.key]
            is_beside = of is self.unit and ref.key != one.key and ref.key not in self.keys
            if of.place != self.unit.place or (is_beside and not self.whole):
                names.add(ref)
        return names


def _letter(number: int) -> str:
    """b, c, ... z, then their numbers: names of a unit in several waves end in a number."""
    return chr(ord("a") + number - 1) if number <= 26 else f"z{number}"
