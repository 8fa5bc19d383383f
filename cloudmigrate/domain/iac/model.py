"""What is to be there in the target: resources in units that are applied as one, waves of them, and what could not be made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cloudmigrate.domain.iac.naming import logical_id, terraform_name
from cloudmigrate.domain.iac.values import Branch, Leaf, Node, Ref, Value, Variable, leaves, parts_of, plain


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """An account and a region of the target."""

    account_id: str
    region: str


@dataclass(frozen=True)  # no slots: what is worked out of it once is kept beside it
class TargetResource:
    """One thing of the target."""

    key: str  # unique in the blueprint: the source's uid, with "#part" where one source becomes several
    type: str  # CloudFormation's
    name: str  # for people, and for the names in the code; hostile
    place: Place
    properties: Mapping[str, Node]  # by CloudFormation's names
    uid: str | None = None  # the source that it stands for; None: it is made for others
    stateful: bool = False  # deleting it loses data: kept on deletion and replacement
    needs: tuple[str, ...] = ()  # keys of what has to be there first, though no attribute refers to it
    together_with: str = ""  # key of what has to be in the same template, as an attribute of that one follows from this one
    exists_as: str | None = None  # its id in the target, where it is there already: it is imported
    only_with: tuple[str, ...] = ()  # keys without which it would lead nowhere: where one of them is not made, it is left out

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """Its attributes without origins; what is left out is not in it."""
        return {name: value for name, node in self.properties.items() if (value := plain(node)) is not None}

    @cached_property
    def _asking(self) -> tuple[Ref | Variable, ...]:
        return tuple(one for value in self.values.values() for one in parts_of(value) if isinstance(one, Ref | Variable))

    @cached_property
    def logical_id(self) -> str:
        """What it is called in CloudFormation: the same in every template of every plan."""
        return logical_id(self.name, self.key)

    @cached_property
    def block_name(self) -> str:
        """What its block is called in Terraform."""
        return terraform_name(self.name, self.key)

    def references(self) -> list[Ref]:
        """Every reference within its attributes."""
        return [one for one in self._asking if isinstance(one, Ref)]

    def variables(self) -> list[Variable]:
        """Every variable within its attributes."""
        return [one for one in self._asking if isinstance(one, Variable)]

    def attributes(self) -> Iterator[tuple[str, Leaf]]:
        """Every attribute with its path and origin."""
        return leaves(Branch(self.properties))


def keys_of(leaf: Leaf | None) -> tuple[str, ...]:
    """The key of what an attribute refers to, for `TargetResource.only_with`."""
    return (leaf.value.key,) if leaf is not None and isinstance(leaf.value, Ref) else ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A source for which nothing is made."""

    uid: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What is applied as one: a Terraform module, a CloudFormation stack. Its resources are all in one place."""

    name: str  # unique in the blueprint, made of lower-case letters, digits and hyphens
    title: str  # for people; hostile
    wave: int  # 0: what is prepared before the first
    place: Place
    resources: tuple[TargetResource, ...]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The target of a plan: units in an order in which each refers to earlier ones only, and what was left out."""

    plan_id: str
    plan_hash: str
    units: tuple[Unit, ...]
    left_out: tuple[LeftOut, ...] = ()
    not_carried: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # uid -> members of the source that nothing was made of
