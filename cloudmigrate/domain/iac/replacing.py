"""Parts of attributes exchanged for others: what cannot be referred to becomes a variable, or what it will be called."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.values import Branch, Document, Items, Joined, Leaf, Node, Origin, Ref, Slash64, Value, Variable

Exchange = Callable[[Ref], tuple[Value, Origin] | None]  # None: it stays


def with_exchanged(resource: TargetResource, exchange: Exchange) -> TargetResource:
    """The resource with every reference exchanged that *exchange* says something of."""
    properties = {name: _node(node, exchange) for name, node in resource.properties.items()}
    return replace(resource, properties=properties)


def _node(node: Node, exchange: Exchange) -> Node:
    if isinstance(node, Branch):
        return Branch({name: _node(member, exchange) for name, member in node.members.items()})
    if isinstance(node, Items):
        return Items(tuple(_node(item, exchange) for item in node.items))
    origins: list[Origin] = []
    value = _value(node.value, exchange, origins)
    return Leaf(value, origins[0]) if origins else node


def _value(value: Value, exchange: Exchange, origins: list[Origin]) -> Value:  # noqa: PLR0911 - one return for each form
    if isinstance(value, Ref):
        told = exchange(value)
        if told is None:
            return value
        origins.append(told[1])
        return told[0]
    if isinstance(value, Slash64):
        of = _value(value.of, exchange, origins)
        return replace(value, of=of) if isinstance(of, Ref | Variable) else value
    if isinstance(value, Joined):
        return _joined(tuple(_value(one, exchange, origins) for one in value.parts))
    if isinstance(value, Document):
        return Document(_value(value.content, exchange, origins))
    if isinstance(value, Mapping):
        return {name: _value(item, exchange, origins) for name, item in value.items()}
    return tuple(_value(item, exchange, origins) for item in value) if isinstance(value, tuple) else value


def _joined(parts: tuple[Value, ...]) -> Value:
    """Text again, where all of it is known."""
    if all(type(one) is str for one in parts):
        return "".join(str(one) for one in parts)
    return Joined(parts)  # type: ignore[arg-type]  # no part becomes more than text, a reference or a variable
