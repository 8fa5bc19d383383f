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
from reports.iac.fidelity import fidelity_of, fidelity_page
from reports.iac.guide import WrittenStack, guide_page, left_out_page
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
    """Every file of the tree by its path, with what a scanner found where one looked. The same blueprint gives the same bytes.

    What was written is let go: of many resources the blocks, templates and tables together are several times as large as their files.
    """
    links = links_of(blueprint.units)
    files = {f"terraform/{path}": _bytes(hcl_text(blocks)) for path, blocks in terraform_files(blueprint, links).items()}
    stacks: list[WrittenStack] = []
    for unit in blueprint.units:
        for one in stacks_of(blueprint, unit, links, _size):
            files |= _cloudformation(one)
            stacks.append(WrittenStack(one.stack, {_path(one, name): len(said["Resources"]) for name, said in one.templates.items()}))
    counts: dict[str, Mapping[str, int]] = {}
    members: dict[str, str] = {}
    for unit in blueprint.units:
        told = fidelity_of(unit, links)
        files[f"fidelity/{unit.name}.md"] = _bytes(fidelity_page(blueprint, unit, told))
        counts[unit.name], members[unit.name] = told["counts"], json.dumps(told)
    files["fidelity.json"] = _bytes(_json_by_line(members))
    files["left-out.md"] = _bytes(left_out_page(blueprint))
    files["README.md"] = _bytes(guide_page(blueprint, stacks, counts, found))
    if found is not None:
        files[PAGE] = _bytes(security_page(found))
    files["terraform/.gitignore"] = _bytes(NOT_KEPT)
    files = dict(sorted(files.items()))
    index = _index(blueprint, stacks, counts, files, found)
    return Tree({**files, INDEX: _bytes(_json(index))}, index)


def _path(one: StackTemplates, name: str, ending: str = "yaml") -> str:
    """Where a file of a stack lies."""
    return f"cloudformation/wave-{one.stack.unit.wave}/{name}.{ending}"


def _cloudformation(one: StackTemplates) -> dict[str, bytes]:
    """The templates of a stack by path, and what it would import of what is there already."""
    files = {_path(one, name): _bytes(yaml_text(template)) for name, template in one.templates.items()}
    imports = [
        {"ResourceType": made.type, "LogicalResourceId": identifier(made), "ResourceIdentifier": {IMPORTED_BY[made.type]: made.exists_as}}
        for part in one.stack.parts
        for made in sorted(part, key=identifier)
        if made.exists_as is not None and made.type in IMPORTED_BY
    ]
    return {**files, _path(one, one.stack.name, "import.json"): _bytes(_json(imports))} if imports else files


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _size(template: Mapping[str, Any]) -> int:
    return len(_bytes(yaml_text(template)))


def _index(
    blueprint: Blueprint,
    stacks: Sequence[WrittenStack],
    counts: Mapping[str, Mapping[str, int]],
    files: Mapping[str, bytes],
    found: FindingsDelta | None,
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
                "attributes": counts[unit.name],
            }
            for unit in blueprint.units
        ],
        "stacks": [{"name": one.stack.name, "unit": one.stack.unit.name, "templates": one.templates} for one in stacks],
        "left_out": [{"uid": one.uid, "type": one.type, "reason": one.reason} for one in blueprint.left_out],
        **({} if found is None else {"security": security_counts(found)}),
        "not_carried": {uid: list(members) for uid, members in blueprint.not_carried.items()},
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in files.items()},
    }


def _json_by_line(members: Mapping[str, str]) -> str:
    """A document with a line for each member, which is JSON already: large ones are written many times as fast so."""
    lines = ",\n".join(f"{json.dumps(name)}: {item}" for name, item in members.items())
    return f"{{\n{lines}\n}}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, indent=1) + "\n"
