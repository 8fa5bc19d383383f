"""What checkov finds in the Terraform that we make and would not find in the source: a delta, as most of what it finds is the source's.

    python -m venv .venv-checkov && .venv-checkov/bin/pip install checkov==3.3.30
    python -m tests.check_iac.checkov_delta .venv-checkov/bin/checkov

The source as code is the same blueprint without every attribute that we put there (came: defaulted). checkov runs without network; it tells
no severities then, so any finding that the source would not have fails, but for those named here with a reason.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.model import Blueprint, TargetResource
from cloudmigrate.domain.iac.terraform_files import terraform_files
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node
from reports.iac.hcl_text import hcl_text
from tests.domain.iac.sample_estate import VARIANTS

VARIANT = "elsewhere"
ACCEPTED: Mapping[str, str] = {}  # check -> why code of ours may fail it where the source's would not
Finding = tuple[str, str, str]  # check, resource, what it asks for


def main() -> int:
    """Print the delta; 1 where something is new and not accepted."""
    made = VARIANTS[VARIANT]()
    ours, theirs = _findings(made), _findings(as_the_source_is(made))
    print(f"checkov finds {len(ours)} in the code of {VARIANT}, {len(theirs)} in the source as code: {len(theirs - ours)} are gone.")
    for (check, asks), count in sorted(Counter((one[0], one[2]) for one in theirs - ours).items()):
        print(f"  gone: {check} {asks} ({count})")
    new = sorted(ours - theirs)
    for check, resource, asks in new:
        print(f"  new: {check} {asks} in {resource}; {ACCEPTED.get(check, 'the source does not have it')}")
    return 1 if any(check not in ACCEPTED for check, _, _ in new) else 0


def as_the_source_is(blueprint: Blueprint) -> Blueprint:
    """The blueprint with nothing of ours in it."""
    units = tuple(replace(unit, resources=tuple(map(_without_ours, unit.resources))) for unit in blueprint.units)
    return replace(blueprint, units=units)


def _without_ours(resource: TargetResource) -> TargetResource:
    kept = {name: one for name, node in resource.properties.items() if (one := _kept(node)) is not None}
    return replace(resource, properties=kept)


def _kept(node: Node) -> Node | None:
    if isinstance(node, Leaf):
        return None if node.origin.came is Came.DEFAULTED else node
    if isinstance(node, Branch):
        members = {name: one for name, member in node.members.items() if (one := _kept(member)) is not None}
        return Branch(members) if members else None
    items = tuple(one for item in node.items if (one := _kept(item)) is not None)
    return Items(items) if items else None


def _findings(blueprint: Blueprint) -> set[Finding]:
    with tempfile.TemporaryDirectory() as made:
        for path, blocks in terraform_files(blueprint, links_of(blueprint.units)).items():
            if path.startswith("modules/"):
                target = Path(made) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(hcl_text(blocks), encoding="utf-8")
        words = ("-d", made, "--framework", "terraform", "--skip-download", "--compact", "--quiet", "-o", "json")
        done = subprocess.run([sys.argv[1], *words], capture_output=True, text=True, check=False)
    told: dict[str, Any] = json.loads(done.stdout)
    assert not told["summary"]["parsing_errors"], told["results"]["parsing_errors"]
    return {(one["check_id"], one["resource"], one["check_name"]) for one in told["results"]["failed_checks"]}


if __name__ == "__main__":
    sys.exit(main())
