"""Answers that bear every member of botocore's output shapes, so that each expression of the catalogue can be tried."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import boto3

from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.resource_type import Call, Item, ResourceType

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DEPTH = 9


@lru_cache
def client(service: str) -> Any:
    """A client that is only asked for its model."""
    return boto3.client(
        service,
        region_name="eu-central-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def operation_model(service: str, operation: str) -> Any:
    """Botocore's model of the operation. Raises KeyError when the client has no such method."""
    one = client(service)
    return one.meta.service_model.operation_model(one.meta.method_to_api_mapping[operation])


def sample(shape: Any, name: str = "", depth: int = DEPTH) -> Any:
    """A value of *shape* with every member set; strings look like ARNs where their name says so, else they mention a host."""
    if depth == 0:
        return None
    match shape.type_name:
        case "structure":
            return {member: sample(inner, member, depth - 1) for member, inner in shape.members.items()}
        case "list":
            return [sample(shape.member, name, depth - 1)]
        case "map":
            return {"key": sample(shape.value, name, depth - 1)}
        case "boolean":
            return True
        case "integer" | "long" | "float" | "double":
            return 7
        case "timestamp":
            return AT
        case "blob":
            return b"x"
        case _ if "arn" in name.lower() or "arn" in shape.name.lower():
            return f"arn:aws:svc:eu-central-1:111111111111:loadbalancer/{name or shape.name}/leaf"
        case _:
            return f"{name or shape.name}/leaf https://db.internal"


@lru_cache
def answer(service: str, operation: str) -> Any:
    """A full answer of one operation."""
    return sample(operation_model(service, operation).output_shape)


def items(row: ResourceType) -> list[Item]:
    """The items that a full answer of the row's listing gives, before any detail."""
    found = evaluate(row.path, answer(row.service, row.operation))
    assert isinstance(found, list), f"{row.path} gives no list"
    if row.parent is None:
        return [dict(one) for one in found]
    parents = evaluate(row.parent.path, answer(row.service, row.parent.operation))
    return [{**one, row.parent.into: parents[0]} for one in found]


def detail(row: ResourceType, call: Call, item: Item) -> Item:
    """The item with what a full answer of *call* adds."""
    value = evaluate(call.path, answer(call.service or row.service, call.operation))
    assert value is not None, f"{call.path} is not in the answer of {call.operation}"
    if call.batch > 1:
        assert isinstance(value, list)
        value = value[0]
    if call.each:
        elements = evaluate(call.each, item)
        assert elements, f"{call.each} is not in the item"
        value = [{"Key": elements[0], "Value": value}]
    return {**item, **value} if call.into == "@" else {**item, call.into: value}


def full_item(row: ResourceType) -> Item:
    """One item with everything that the row's listing and calls can give, not redacted."""
    item = items(row)[0]
    for call in row.calls:
        item = detail(row, call, item)
    return item
