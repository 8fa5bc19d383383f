"""HCL as values: blocks, attributes and expressions. Its text is written elsewhere, and only there is anything quoted."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Code:
    """An expression of ours, such as ``aws_vpc.shop_1a2b3c.id``; never made of what a stranger wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text of which some parts are expressions."""

    parts: tuple["str | Code", ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value as a JSON document: ``jsonencode(...)``."""

    content: "Expression"


@dataclass(frozen=True, slots=True)
class Merged:
    """Several maps as one: ``merge(...)``."""

    maps: tuple["Expression", ...]


Expression: TypeAlias = (
    "bool | int | float | str | Code | Text | Encoded | Merged | tuple[Expression, ...] | Mapping[str, Expression] | None"
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """``name = value``"""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" { ... }``"""

    type: str
    labels: tuple[str, ...] = ()
    body: tuple["Attribute | Block", ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment of one line, in the place of a block."""

    text: str


def codes(value: "Block | Remark | Expression") -> Iterator[str]:
    """The text of every expression of ours within, in order."""
    if isinstance(value, Code):
        yield value.text
        return
    parts: Iterable[Block | Expression] = ()
    if isinstance(value, Block):
        parts = (one.value if isinstance(one, Attribute) else one for one in value.body)
    elif isinstance(value, Encoded):
        parts = (value.content,)
    elif isinstance(value, Merged):
        parts = value.maps
    elif isinstance(value, Text):
        parts = value.parts
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, tuple):
        parts = value
    for one in parts:
        yield from codes(one)
