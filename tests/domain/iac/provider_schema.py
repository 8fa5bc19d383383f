"""What the AWS provider of Terraform knows (aws_provider_schema.json), and what of our shapes and blocks it does not."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code, Encoded, Expression, Merged, Text, codes
from cloudmigrate.domain.iac.shape import Argument, Inlined, Member, Nested, NotThere, Reshaped, Shape, Within

Schema = Mapping[str, Any]
META_ARGUMENTS = {"count", "depends_on", "for_each", "provider"}
META_BLOCKS = {"lifecycle", "timeouts"}
USUAL_ATTRIBUTES = Shape("", "", {}).attributes  # nobody said that the type has an ARN; a reference to it is looked at where it is made
_REFERENCE = re.compile(r"\b(data\.)?(aws_\w+)\.\w+(?:\[[^\]]*\])?\.(\w+)")


@cache
def tables() -> Mapping[str, Mapping[str, Schema]]:
    return json.loads((Path(__file__).parent / "aws_provider_schema.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def resource_schema(type_: str) -> Schema | None:
    return tables()["resources"].get(type_)


def can_be_read(schema: Schema, attribute: str) -> bool:
    """Whether a reference may name it; of a path such as ``endpoint[0].address`` its first part is looked at."""
    first = re.split(r"[.\[]", attribute, maxsplit=1)[0]
    return first == "id" or any(first in schema.get(part, ()) for part in ("arguments", "blocks", "attributes"))


def complaints_of_shape(shape: Shape) -> Iterator[str]:
    """Every name in a shape, and in those that stand in its place, that the provider has no such thing for."""
    for one in shape.instead:
        yield from complaints_of_shape(one.shape)
    schema = resource_schema(shape.resource)
    if schema is None:
        yield f"{shape.type}: no resource {shape.resource}"
        return
    yield from (f"{shape.type}: {one}" for one in _of_members(shape.members, schema, shape.resource))
    for attribute in shape.attributes.values() if shape.attributes != USUAL_ATTRIBUTES else ():
        if not can_be_read(schema, attribute):
            yield f"{shape.type}: {shape.resource} has no attribute {attribute}"
    for beside in shape.beside:
        own = resource_schema(beside.type)
        if own is None:
            yield f"{shape.type}: no resource {beside.type}"
            continue
        yield from (f"{shape.type}: {one}" for one in _of_members(beside.members, own, beside.type))
        for argument, attribute in beside.parent.items():
            if argument not in own.get("arguments", {}):
                yield f"{shape.type}: {beside.type} has no argument {argument}"
            if not can_be_read(schema, attribute):
                yield f"{shape.type}: {shape.resource} has no attribute {attribute}"


def _of_members(members: Mapping[str, Member], schema: Schema, path: str) -> Iterator[str]:
    for member in members.values():
        yield from _of_member(member, schema, path)


def _of_member(member: Member, schema: Schema, path: str) -> Iterator[str]:
    if isinstance(member, NotThere):
        return
    if isinstance(member, Within):
        yield from _of_member(Nested(member.block, {"": member.member}), schema, path)
    elif isinstance(member, Reshaped):
        yield from _of_member(member.member, schema, path)
    elif isinstance(member, Inlined):
        yield from _of_members(member.members, schema, path)
    elif isinstance(member, Argument):
        if member.name not in schema.get("arguments", {}) and not schema.get("blocks", {}).get(member.name, {}).get("attribute"):
            yield f"{path} has no argument {member.name}"
    else:
        assert isinstance(member, Nested)
        inner = schema.get("blocks", {}).get(member.name)
        if inner is None:
            yield f"{path} has no block {member.name}"
        elif "again" not in inner:
            yield from _of_members(member.members, inner, f"{path}.{member.name}")


def complaints_of_blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Everything in blocks ``resource`` and ``data`` that the provider would not take, and every reference to what it does not give."""
    for block in blocks:
        yield from _of_references(block)
        if block.type not in ("resource", "data") or block.labels[0] == "terraform_remote_state":
            continue
        schema = tables()["resources" if block.type == "resource" else "data_sources"].get(block.labels[0])
        if schema is None:
            yield f"no {block.type} {block.labels[0]}"
        else:
            yield from _of_body(block, schema, f"{block.labels[0]}.{block.labels[1]}", META_ARGUMENTS, META_BLOCKS)


def _of_body(
    block: Block, schema: Schema, path: str, more_arguments: set[str] = frozenset(), more_blocks: set[str] = frozenset()
) -> Iterator[str]:
    arguments, inner = schema.get("arguments", {}), schema.get("blocks", {})
    given = [one.name if isinstance(one, Attribute) else one.type for one in block.body]
    yield from (f"{path} lacks {name}" for name in schema.get("required", ()) if name not in given)
    for one in block.body:
        if isinstance(one, Attribute):
            if given.count(one.name) > 1:
                yield f"{path} has {one.name} twice"
            if one.name in arguments:
                yield from _of_type(one.value, arguments[one.name], f"{path}.{one.name}")
            elif one.name not in more_arguments and not inner.get(one.name, {}).get("attribute"):
                yield f"{path} has no argument {one.name}"
        elif one.type in inner:
            if given.count(one.type) > inner[one.type].get("most", 10_000):
                yield f"{path} has {one.type} {given.count(one.type)} times"
            if "again" not in inner[one.type]:
                yield from _of_body(one, inner[one.type], f"{path}.{one.type}")
        elif one.type not in more_blocks:
            yield f"{path} has no block {one.type}"


def _of_type(value: Expression, type_: str, path: str) -> Iterator[str]:
    if value is None or isinstance(value, Code):
        return
    if isinstance(value, tuple):
        right = type_.startswith(("list(", "set(")) or type_ not in ("string", "number", "bool")
        yield from (wrong for one in value if right and "(" in type_ for wrong in _of_type(one, type_.split("(", 1)[1].rstrip(")"), path))
    elif isinstance(value, Mapping | Merged):
        right = type_ not in ("string", "number", "bool") and not type_.startswith(("list(", "set("))
    elif isinstance(value, bool):
        right = type_ in ("bool", "string", "any")
    elif isinstance(value, int | float):
        right = type_ in ("number", "string", "any")
    elif isinstance(value, str):
        right = type_ in ("string", "any") or (type_ == "number" and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None)
        right = right or (type_ == "bool" and value in ("true", "false"))
    else:
        assert isinstance(value, Text | Encoded)
        right = type_ in ("string", "any")
    if not right:
        yield f"{path} is {type_}, and gets {value!r:.80}"


def _of_references(block: Block) -> Iterator[str]:
    for text in codes(block):
        for data, type_, attribute in _REFERENCE.findall(text):
            schema = tables()["data_sources" if data else "resources"].get(type_)
            if schema is None:
                yield f"{text}: no {type_}"
            elif not can_be_read(schema, attribute):
                yield f"{text}: {type_} has no attribute {attribute}"
