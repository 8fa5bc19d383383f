"""What an attribute of the target holds, and where that comes from. Names of attributes are those of CloudFormation's reference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Ref:
    """What another resource of the target is known by: its id or name, or one of its attributes."""

    key: str  # of the target resource
    attribute: str = ""  # as CloudFormation's Fn::GetAtt spells it; empty: what its Ref gives


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a person or a pipeline gives when the code is applied."""

    name: str  # in words of letters, digits and underscores; unique within a unit
    description: str
    is_secret: bool = False
    kind: str = "String"  # String, Number, List or Image: the id of a machine image
    default: str | int | None = None
    read_at: str = ""  # for a secret: JMESPath into the source's answer that has it, for who is allowed to read it


class Here(StrEnum):
    """What is known only where the code is applied; CloudFormation's pseudo parameters."""

    ACCOUNT = "AWS::AccountId"
    REGION = "AWS::Region"
    PARTITION = "AWS::Partition"


@dataclass(frozen=True, slots=True)
class Zone:
    """An availability zone of the target's region, by its place in the region's list."""

    number: int


@dataclass(frozen=True, slots=True)
class Slash64:
    """A /64 of the IPv6 addresses that AWS gives a VPC, a /56, by its place among them. They are known once the VPC has them."""

    of: "Ref | Variable"  # the addresses
    number: int  # 0 to 255


@dataclass(frozen=True, slots=True)
class Joined:
    """Text of which some parts are known only when it is applied."""

    parts: tuple["str | Ref | Variable | Here", ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document within an attribute, such as a policy; its members may hold references."""

    content: "Value"


Value: TypeAlias = (
    "bool | int | float | str | Ref | Variable | Here | Zone | Slash64 | Joined | Document | tuple[Value, ...] | Mapping[str, Value] | None"
)


class Came(StrEnum):
    """Where an attribute comes from."""

    COPIED = "copied"  # as the source has it
    TRANSFORMED = "transformed"  # by a rule, out of what the source has
    DEFAULTED = "defaulted"  # the source does not say; what is put there and why
    UNKNOWN = "unknown"  # needed, and nobody knows it yet: a variable without a default, or left out
    SECRET = "secret"  # noqa: S105 - a word, no password; a variable, or a reference to Secrets Manager


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attribute comes from, and by what."""

    came: Came
    says: str = ""  # the member of the source; the rule; why
    source: str = ""  # for a transformed one: the member of the source


@dataclass(frozen=True, slots=True)
class Leaf:
    """An attribute with its origin. Its value may be nested: then all of it comes from there. None: it is left out, and told."""

    value: Value
    origin: Origin


@dataclass(frozen=True, slots=True)
class Branch:
    """Attributes within an attribute."""

    members: Mapping[str, "Node"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Items:
    """Attributes that repeat, in order."""

    items: tuple["Node", ...] = ()


Node: TypeAlias = Leaf | Branch | Items


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Every attribute beneath a node with its path, such as ``BlockDeviceMappings[0].Ebs.VolumeSize``, in order."""
    if isinstance(node, Leaf):
        yield path, node
    elif isinstance(node, Branch):
        for name, member in node.members.items():
            yield from leaves(member, f"{path}.{name}" if path else name)
    else:
        for number, item in enumerate(node.items):
            yield from leaves(item, f"{path}[{number}]")


def plain(node: Node) -> Value:
    """The value of a node without origins; what is left out is not in it. None where nothing is left."""
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Branch):
        members = {name: value for name, member in node.members.items() if (value := plain(member)) is not None}
        return members or None
    items = tuple(value for item in node.items if (value := plain(item)) is not None)
    return items or None


def parts_of(value: Value) -> Iterator[Ref | Variable | Here | Zone]:
    """Every reference, variable and pseudo parameter within a value, in order; one may come more than once."""
    if isinstance(value, Ref | Variable | Here | Zone):
        yield value
    elif isinstance(value, Slash64):
        yield value.of
    elif isinstance(value, Joined):
        yield from (one for one in value.parts if not isinstance(one, str) or isinstance(one, Here))
    elif isinstance(value, Document):
        yield from parts_of(value.content)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from parts_of(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from parts_of(item)
