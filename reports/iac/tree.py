"""All files of a blueprint: Terraform, CloudFormation, where each attribute comes from, what was left out, and how to apply it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.iac.cloudformation import template
from cloudmigrate.domain.iac.hcl import Block, Code, Remark
from cloudmigrate.domain.iac.links import Links, links_of
from cloudmigrate.domain.iac.model import Blueprint
from cloudmigrate.domain.iac.terraform import address, attribute_of, blocks
from cloudmigrate.domain.iac.values import Ref
from reports.iac.fidelity import fidelity_counts, fidelity_document, fidelity_page
from reports.iac.guide import guide_page, left_out_page
from reports.iac.hcl_text import hcl_text
from reports.iac.yaml_text import yaml_text

INDEX = "iac.json"  # what the tree is of, and the hash of every other file of it
MAKER = "cloudmigrate iac"


@dataclass(frozen=True, slots=True)
class Tree:
    """Files by path, with what an index says of them."""

    files: Mapping[str, bytes]
    index: Mapping[str, Any]


def iac_tree(blueprint: Blueprint) -> Tree:
    """Every file of the tree by its path. The same blueprint gives the same bytes."""
    links = links_of(blueprint.units)
    texts = {f"terraform/{path}": hcl_text(found) for path, found in terraform_files(blueprint, links).items()}
    for unit in blueprint.units:
        texts[f"cloudformation/wave-{unit.wave}/{unit.name}.yaml"] = yaml_text(template(blueprint, unit, links))
        texts[f"fidelity/{unit.name}.md"] = fidelity_page(blueprint, unit, links)
    texts["fidelity.json"] = _json(fidelity_document(blueprint, links))
    texts["left-out.md"] = left_out_page(blueprint)
    texts["README.md"] = guide_page(blueprint, links)
    files = {path: text.encode("utf-8", "replace") for path, text in sorted(texts.items())}
    index = _index(blueprint, files)
    return Tree({**files, INDEX: _json(index).encode()}, index)


def terraform_files(blueprint: Blueprint, links: Links) -> dict[str, tuple[Block | Remark, ...]]:
    """The Terraform of every unit, by path."""

    def refer(ref: Ref) -> Code:
        of = links.resources[ref.key]
        return Code(f"{address(of)}.{attribute_of(of.type, ref.attribute)}")

    return {f"{unit.name}/main.tf": tuple(block for one in unit.resources for block in blocks(one, refer)) for unit in blueprint.units}


def _index(blueprint: Blueprint, files: Mapping[str, bytes]) -> dict[str, Any]:
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
        "left_out": [{"uid": one.uid, "type": one.type, "reason": one.reason} for one in blueprint.left_out],
        "not_carried": {uid: list(members) for uid, members in blueprint.not_carried.items()},
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in files.items()},
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, indent=1) + "\n"
