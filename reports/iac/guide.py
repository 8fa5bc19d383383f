"""Pages of the tree for people: in which order it is applied, and what was left out."""

from collections.abc import Iterator

from cloudmigrate.domain.iac.links import Links
from cloudmigrate.domain.iac.model import Blueprint, Unit
from reports.iac.fidelity import fidelity_counts
from reports.iac.markdown import plain, table

NEEDS_NAMES = "CAPABILITY_NAMED_IAM"


def guide_page(blueprint: Blueprint, links: Links) -> str:
    """How to apply the tree, in order."""
    made = sum(len(unit.resources) for unit in blueprint.units)
    lines = [f"# Infrastructure as code of plan {plain(blueprint.plan_id)}", "", f"Hash of the plan: {blueprint.plan_hash}", ""]
    lines += [f"{made} resources in {len(blueprint.units)} units. Not generated: {len(blueprint.left_out)} sources, see left-out.md.", ""]
    lines += [
        "Take Terraform or CloudFormation, not both: each makes everything. Apply the units in this order; each needs earlier ones only.",
        "",
    ]
    rows = ([str(n), *cells] for n, cells in enumerate(map(_unit_row, blueprint.units), 1))
    lines += table(("", "unit", "wave", "account", "region", "resources", "unknown", "secrets"), rows)
    lines += ["", "`fidelity/` has a table for each unit: where every attribute comes from. `fidelity.json` has them for machines.", ""]
    lines += ["## CloudFormation", "", "Look at what a change set would do before it is executed:", ""]
    for unit in blueprint.units:
        lines += [*_deploy(unit), ""]
    return "\n".join(lines)


def left_out_page(blueprint: Blueprint) -> str:
    """What could not be generated and why, and which members of sources nothing was made of."""
    lines = ["# Not generated", "", f"{len(blueprint.left_out)} sources of plan {plain(blueprint.plan_id)}.", ""]
    if blueprint.left_out:
        lines += table(("source", "type", "why"), ([plain(one.uid), plain(one.type), plain(one.reason)] for one in blueprint.left_out))
    lines += ["", "# Not carried", "", "Members of sources' configuration that nothing was made of: check whether they matter.", ""]
    if blueprint.not_carried:
        lines += table(("source", "members"), ([plain(uid), plain(", ".join(some))] for uid, some in blueprint.not_carried.items()))
    return "\n".join((*lines, ""))


def _unit_row(unit: Unit) -> list[str]:
    counts = fidelity_counts(unit)
    told = (unit.wave, unit.place.account_id, unit.place.region, len(unit.resources), counts["unknown"], counts["secret"])
    return [f"{unit.name} ({plain(unit.title)})", *map(str, told)]


def _deploy(unit: Unit) -> Iterator[str]:
    yield "```sh"
    yield f"aws cloudformation deploy --no-execute-changeset --region {unit.place.region} --stack-name {unit.name} \\"
    yield f"  --template-file cloudformation/wave-{unit.wave}/{unit.name}.yaml --capabilities {NEEDS_NAMES}"
    yield "```"
