"""Values of strangers that CloudFormation would read as its own: it has no escape for them, so they are changed or left out, and told.

Source: AWS CloudFormation user guide, "Dynamic references", "Intrinsic function reference".
"""

from collections.abc import Mapping
from dataclasses import replace

from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.values import Branch, Came, Document, Items, Joined, Leaf, Node, Origin, Value

RESOLVED, HARMLESS = "{{resolve:", "{{ resolve:"
SPACED = f"a space keeps CloudFormation from reading {RESOLVED} as a reference to a secret"
AS_FUNCTION = "it has a member called Ref or Fn::..., which CloudFormation would read as a function of its own"


def with_harmless_values(resource: TargetResource) -> TargetResource:
    """The resource, without anything of strangers that is a function or a dynamic reference."""
    properties = {name: _node(node) for name, node in resource.properties.items()}
    return resource if properties == resource.properties else replace(resource, properties=properties)


def _node(node: Node) -> Node:
    if isinstance(node, Branch):
        return Branch({name: _node(member) for name, member in node.members.items()})
    if isinstance(node, Items):
        return Items(tuple(map(_node, node.items)))
    if node.origin.came is Came.SECRET:  # what is there is of our making
        return node
    if _has_function(node.value):
        return Leaf(None, Origin(Came.UNKNOWN, AS_FUNCTION, node.origin.source or node.origin.says))
    spaced = _spaced(node.value)
    return node if spaced == node.value else Leaf(spaced, Origin(Came.TRANSFORMED, SPACED, node.origin.source or node.origin.says))


def _has_function(value: Value) -> bool:
    if isinstance(value, Document):
        return _has_function(value.content)
    if isinstance(value, Mapping):
        return any(name == "Ref" or name.startswith("Fn::") or _has_function(item) for name, item in value.items())
    return isinstance(value, tuple) and any(map(_has_function, value))


def _spaced(value: Value) -> Value:
    if type(value) is str:
        return value.replace(RESOLVED, HARMLESS)
    if isinstance(value, Joined):
        return Joined(tuple(one.replace(RESOLVED, HARMLESS) if type(one) is str else one for one in value.parts))
    if isinstance(value, Document):
        return Document(_spaced(value.content))
    if isinstance(value, Mapping):
        return {name: _spaced(item) for name, item in value.items()}
    return tuple(map(_spaced, value)) if isinstance(value, tuple) else value
