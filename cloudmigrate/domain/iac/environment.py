"""Environment variables of functions and containers: their values are in no inventory, only their hashes.

A value whose hash is that of a name which the inventory knows is that name; every other one may be a secret.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cloudmigrate.domain.iac.source import Source, transformed
from cloudmigrate.domain.iac.values import Leaf, Ref

# What a variable holds that names a resource: attribute of the target by how the source's name begins.
QUEUE, TABLE = "AWS::SQS::Queue", "AWS::DynamoDB::Table"


def environment_of(source: Source, path: str, variables: Iterable[Mapping[str, Any]], read_at: Callable[[str], str]) -> dict[str, Leaf]:
    """name -> its value in the target: a reference where the source's value is exactly the name of a resource, else a secret variable.

    *read_at*: name -> JMESPath to that variable's value in the source's answer.
    """
    found = {}
    for one in variables:
        name = str(one["name"])
        found[name] = _named(source, path, one) or source.secret(
            path,
            f"the value of variable {name}, as the source has it",
            read_at=read_at(name),
            part=f"{path} {name}",
        )
    return found


def _named(source: Source, path: str, variable: Mapping[str, Any]) -> Leaf | None:
    for text in (variable.get("endpoints") or ()) if source.names_in_values else ():
        if hashlib.sha256(str(text).encode("utf-8", "surrogatepass")).hexdigest() != variable.get("sha256"):
            continue
        known = source.find(source.resource, str(text), None)
        if known is None:
            continue
        rule = "its value is exactly the name of a source, and becomes that of its target"
        where = f"{path}.{variable['name']}"
        if known.key is not None:
            return Leaf(Ref(known.key, known.arn if str(text).startswith("arn:") else ""), transformed(where, rule))
        return Leaf(known.literal, transformed(where, known.rule))
    return None
