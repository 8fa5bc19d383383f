"""All files of a blueprint: Terraform, CloudFormation, where each attribute comes from, what was left out, and how to apply it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.iac.cloudformation import StackTemplates, identifier, stacks_of
from cloudmigrate.domain.iac.existing import IMPORTED_BY
from cloudmigrate.domain.iac.findings import FindingsDelta
from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.model import Blueprint
from cloudmigrate.domain.iac.terraform_files import terraform_files
from reports.iac.fidelity import fidelity_counts, fidelity_document, fidelity_page
from reports.iac.guide import guide_page, left_out_page
from reports.iac.hcl_text import hcl_text
from reports.iac.security import PAGE, security_counts, security_page
from reports.iac.yaml_text import yaml_text

INDEX = "iac.json"  # what the tree is of, and the hash of every other file of it
MAKER = "cloudmigrate iac"
NOT_KEPT = ".terraform/\n*.tfstate\n*.tfstate.*\n*.tfvars\n*.tfplan\n"  # they hold secrets; of a lock file a repository holds its own


@dataclass(frozen=True, slots=True)
class Tree:
    """Files by path, with what an index says of them."""

    files: Mapping[str, bytes]
    index: Mapping[str, Any]


def iac_tree(blueprint: Blueprint, found: FindingsDelta | None = None) -> Tree:
    """Every file of the tree by its path, with what a scanner found where one looked. The same blueprint gives the same bytes."""
    links = links_of(blueprint.units)
    texts = {f"terraform/{path}": hcl_text(found) for path, found in terraform_files(blueprint, links).items()}
    stacks = [stack for unit in blueprint.units for stack in stacks_of(blueprint, unit, links, _size)]
    for stack in stacks:
        texts |= _cloudformation(stack)
    texts |= {f"fidelity/{unit.name}.md": fidelity_page(blueprint, unit, links) for unit in blueprint.units}
    texts["fidelity.json"] = _json_by_line(fidelity_document(blueprint, links))
    texts["left-out.md"] = left_out_page(blueprint)
    texts["README.md"] = guide_page(blueprint, stacks, found)
    if found is not None:
        texts[PAGE] = security_page(found)
    texts["terraform/.gitignore"] = NOT_KEPT
    files = {path: text.encode("utf-8", "replace") for path, text in sorted(texts.items())}
    index = _index(blueprint, stacks, files, found)
    return Tree({**files, INDEX: _json(index).encode()}, index)


def stack_folder(stack: StackTemplates) -> str:
    """Where the templates of a stack lie."""
    return f"cloudformation/wave-{stack.stack.unit.wave}"


def _cloudformation(stack: StackTemplates) -> dict[str, str]:
    """The templates of a stack by path, and what it would import of what is there already."""
    texts = {f"{stack_folder(stack)}/{name}.yaml": yaml_text(template) for name, template in stack.templates.items()}
    imports = [
        {"ResourceType": one.type, "LogicalResourceId": identifier(one), "ResourceIdentifier": {IMPORTED_BY[one.type]: one.exists_as}}
        for part in stack.stack.parts
        for one in sorted(part, key=identifier)
        if one.exists_as is not None and one.type in IMPORTED_BY
    ]
    return {**texts, f"{stack_folder(stack)}/{stack.stack.name}.import.json": _json(imports)} if imports else texts


def _size(template: Mapping[str, Any]) -> int:
    return len(yaml_text(template).encode("utf-8", "replace"))


def _index(
    blueprint: Blueprint, stacks: Sequence[StackTemplates], files: Mapping[str, bytes], found: FindingsDelta | None
) -> dict[str, Any]:
    return {
        "made_by": MAKER,
        "plan_id": blueprint.plan_id,
        "plan_hash": blueprint.plan_hash,
        "units": [
            {
                "name": unit.name,
                "wave": unit.wave,
                "account_id": unit.place.account_id,
                "region": unit.place.region,
                "resources": len(unit.resources),
                "attributes": fidelity_counts(unit),
            }
            for unit in blueprint.units
        ],
        "stacks": [
            {
                "name": one.stack.name,
                "unit": one.stack.unit.name,
                "templates": {f"{stack_folder(one)}/{name}.yaml": len(found["Resources"]) for name, found in one.templates.items()},
            }
            for one in stacks
        ],
        "left_out": [{"uid": one.uid, "type": one.type, "reason": one.reason} for one in blueprint.left_out],
        **({} if found is None else {"security": security_counts(found)}),
        "not_carried": {uid: list(members) for uid, members in blueprint.not_carried.items()},
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in files.items()},
    }


def _json_by_line(value: Mapping[str, Any]) -> str:
    """A document with a line for each member: large ones are written many times as fast so."""
    members = ",\n".join(f"{json.dumps(name)}: {json.dumps(item)}" for name, item in value.items())
    return f"{{\n{members}\n}}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, indent=1) + "\n"
