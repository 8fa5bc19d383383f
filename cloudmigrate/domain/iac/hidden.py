"""Values that the inventory holds only the hash of: each becomes a secret variable."""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.iac.source import Source, frozen, transformed
from cloudmigrate.domain.iac.values import Branch, Items, Leaf, Node


def shown(source: Source, value: Any, path: str, part: str) -> Node | None:
    """The value as it is, but for what is hidden in it."""
    if value in (None, "", [], {}):
        return None
    if isinstance(value, Mapping) and set(value) == {"sha256"}:
        return source.secret(
            path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0], "a value of the source that is in no inventory", part=part
        )
    if isinstance(value, Mapping):
        members = {str(name): shown(source, item, f"{path}.{name}", f"{part} {name}") for name, item in value.items()}
        return Branch({name: node for name, node in members.items() if node is not None})
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping | list) for one in value):
        nodes = (shown(source, one, f"{path}[{at}]", f"{part} {at}") for at, one in enumerate(value))
        return Items(tuple(one for one in nodes if one is not None))
    return Leaf(frozen(value), transformed(path, "as it is"))


def hidden_by_name(source: Source, variables: Any, path: str, part: str) -> Branch | None:
    """Variables of which the inventory holds names and hashes: name -> a secret variable."""
    stem = path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
    found = {
        str(one["name"]): source.secret(stem, f"the value of {one['name']}, as the source has it", part=f"{part} {one['name']}")
        for one in variables or ()
    }
    return Branch(dict(found)) if found else None
