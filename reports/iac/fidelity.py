"""Where each attribute of the target comes from: a table for people, and rows for machines. No secret's value stands in either."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.iac.cloudformation import identifier, parameter_id
from cloudmigrate.domain.iac.links import Links
from cloudmigrate.domain.iac.model import Blueprint, TargetResource, Unit
from cloudmigrate.domain.iac.values import Came, Document, Here, Joined, Leaf, Ref, Slash64, Value, Variable, Zone
from reports.markdown import table, text

LONGEST_SHOWN = 300  # characters of a value in a table
COLUMNS = ("attribute", "came", "value", "from", "by")


def fidelity_counts(unit: Unit) -> dict[str, int]:
    """How many attributes came how, for each way."""
    found = Counter(leaf.origin.came for resource in unit.resources for _, leaf in resource.attributes())
    return {came.value: found[came] for came in Came}


def fidelity_of(unit: Unit, links: Links) -> dict[str, Any]:
    """The tables of a unit as JSON values: how many attributes came how, and rows by logical id."""
    return {
        "counts": fidelity_counts(unit),
        "resources": {
            identifier(resource): {"type": resource.type, "source": resource.uid, "attributes": attribute_rows(resource, links)}
            for resource in sorted(unit.resources, key=identifier)
        },
    }


def fidelity_page(blueprint: Blueprint, unit: Unit, told: Mapping[str, Any]) -> str:
    """The tables of a unit as Markdown: one for each resource, in the order of the template. *told*: the same as JSON values."""
    counts = ", ".join(f"{number} {came}" for came, number in told["counts"].items())
    lines = [f"# Where {unit.name} comes from", "", f"Plan {text(blueprint.plan_id)}, wave {unit.wave}: {counts}.", ""]
    lines += ["* copied: as the source has it", "* transformed: by the rule named, out of the member named"]
    lines += [
        "* defaulted: the source does not say; why it is so stands beside it",
        "* unknown: nobody knows it yet; a variable, or left out",
    ]
    lines += ["* secret: a variable or a reference to Secrets Manager; its value is nowhere here"]
    for resource in sorted(unit.resources, key=identifier):
        lines += ["", f"## {identifier(resource)}", "", f"{resource.type}, {text(resource.name)}{_of(resource)}", ""]
        lines += table(COLUMNS, ([one[name] for name in COLUMNS] for one in told["resources"][identifier(resource)]["attributes"]))
    return "\n".join((*lines, ""))


def attribute_rows(resource: TargetResource, links: Links) -> list[dict[str, str]]:
    """A row for each attribute."""
    return [
        {
            "attribute": path,
            "came": leaf.origin.came.value,
            "value": shown(leaf, links.resources),
            "from": leaf.origin.source or (leaf.origin.says if leaf.origin.came is Came.COPIED else ""),
            "by": "" if leaf.origin.came is Came.COPIED else leaf.origin.says,
        }
        for path, leaf in resource.attributes()
    ]


def shown(leaf: Leaf, resources: Mapping[str, TargetResource]) -> str:
    """The value as a person reads it. Of a secret only the name of its variable, or nothing."""
    if leaf.value is None:
        return "(left out)"
    if leaf.origin.came is Came.SECRET:
        return f"(variable {parameter_id(leaf.value)})" if isinstance(leaf.value, Variable) else "(not shown)"
    told = _told(leaf.value, resources)
    whole = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
    return whole if len(whole) <= LONGEST_SHOWN else f"{whole[: LONGEST_SHOWN - 3]}..."


def _told(value: Value, resources: Mapping[str, TargetResource]) -> Any:  # noqa: PLR0911 - one return for each form
    if isinstance(value, Ref):
        return f"(of {identifier(resources[value.key])}{f': {value.attribute}' if value.attribute else ''})"
    if isinstance(value, Variable):
        return f"(variable {parameter_id(value)})"
    if isinstance(value, Here):
        return f"({value.value})"
    if isinstance(value, Zone):
        return f"(availability zone {value.number + 1} of the region)"
    if isinstance(value, Slash64):
        return f"(/64 number {value.number} of {_told(value.of, resources)})"
    if isinstance(value, Joined):
        return "".join(str(_told(one, resources)) for one in value.parts)
    if isinstance(value, Document):
        return _told(value.content, resources)
    if isinstance(value, Mapping):
        return {name: _told(item, resources) for name, item in value.items()}
    return [_told(item, resources) for item in value] if isinstance(value, tuple) else value


def _of(resource: TargetResource) -> str:
    return f", of {text(resource.uid)}" if resource.uid else ""
