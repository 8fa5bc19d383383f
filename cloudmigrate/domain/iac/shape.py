"""How a type of CloudFormation is said in Terraform: one record per type, in the words of the AWS provider.

Source: Terraform Registry, hashicorp/aws, version 6.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from cloudmigrate.domain.iac.values import Document, Value


@dataclass(frozen=True, slots=True)
class Argument:
    """A property that is one argument."""

    name: str
    via: Callable[[Value], Value] | None = None  # what form it has there; None: the same


@dataclass(frozen=True, slots=True)
class Nested:
    """A property that is a block, once; of a list, the block repeats."""

    name: str
    members: Mapping[str, "Member"]


@dataclass(frozen=True, slots=True)
class Within:
    """A property that is a part of a block, which all properties within one share."""

    block: str
    member: "Member"


@dataclass(frozen=True, slots=True)
class Inlined:
    """A property whose members are arguments of the resource itself."""

    members: Mapping[str, "Member"]


@dataclass(frozen=True, slots=True)
class Reshaped:
    """A property whose value has another structure there: it is exchanged, and then said by *member*."""

    via: Callable[[Value], Value]
    member: "Member"


@dataclass(frozen=True, slots=True)
class NotThere:
    """A property that the provider has no word for; says why nothing is lost."""

    reason: str


Member: TypeAlias = "Argument | Nested | Within | Inlined | Reshaped | NotThere"


@dataclass(frozen=True, slots=True)
class Beside:
    """A resource of its own that Terraform has for some properties of another one."""

    type: str
    parent: Mapping[str, str]  # argument -> attribute of the parent that it gets
    members: Mapping[str, Member]
    each: str = ""  # path of a property that is a list, of which each item has such a resource; empty: one
    after: str = ""  # the type of one beside the same resource that has to be there first


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of CloudFormation in Terraform."""

    type: str  # of CloudFormation
    resource: str  # of the provider
    members: Mapping[str, Member]
    attributes: Mapping[str, str] = field(default_factory=lambda: {"": "id", "Arn": "arn"})  # Fn::GetAtt -> attribute; "": Ref
    beside: tuple[Beside, ...] = ()
    # What the provider takes as the id of what exists: "id", "name", "arn", "url", or text with {id} and {Property} within.
    import_id: str = "id"  # see import_ids
    instead: tuple["Instead", ...] = ()  # the first that holds is said in its place


@dataclass(frozen=True, slots=True)
class Instead:
    """Another resource of the provider for some resources of a type: those that have a property, or have it with this value."""

    property: str
    shape: Shape
    value: str | None = None


def tag_map(value: Value) -> Value:
    """Tags as a map: ``[{Key, Value}]`` is ``{key: value}``."""
    found = value if isinstance(value, tuple) else ()
    return {str(one["Key"]): one["Value"] for one in found if isinstance(one, Mapping)}


TAGS = Argument("tags", tag_map)


def the_one(value: Value) -> Value:
    """The one item of a list."""
    return value[0] if isinstance(value, tuple) else value


def as_document(value: Value) -> Value:
    """The value as a JSON document."""
    return value if isinstance(value, Document) else Document(value)


def named(**names: str) -> dict[str, Member]:
    """Properties that are arguments of the same form: ``named(QueueName="name")``."""
    return {property_: Argument(name) for property_, name in names.items()}
