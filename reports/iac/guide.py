"""Pages of the tree for people: in which order it is applied, and what was left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.iac.cloudformation import BUCKET, PREFIX
from cloudmigrate.domain.iac.findings import FindingsDelta
from cloudmigrate.domain.iac.model import Blueprint, Unit
from cloudmigrate.domain.iac.stacks import Stack
from cloudmigrate.domain.iac.terraform_files import not_in_terraform
from cloudmigrate.domain.iac.terraform_root import wave_folder
from reports.markdown import table, text

NEEDS_NAMES = "CAPABILITY_NAMED_IAM"
LARGE = "A template above 51,200 bytes goes by way of a bucket: add `--s3-bucket`."


@dataclass(frozen=True, slots=True)
class WrittenStack:
    """A stack with the files of its templates; the first is what is deployed, others are nested in it."""

    stack: Stack
    templates: Mapping[str, int]  # path -> how many resources it has


def guide_page(
    blueprint: Blueprint, stacks: Sequence[WrittenStack], counts: Mapping[str, Mapping[str, int]], found: FindingsDelta | None = None
) -> str:
    """How to apply the tree, in order. *counts*: of each unit, how many attributes came how."""
    made, units = counted(sum(len(unit.resources) for unit in blueprint.units), "resource"), counted(len(blueprint.units), "unit")
    lines = [f"# Infrastructure as code of plan {text(blueprint.plan_id)}", "", f"Hash of the plan: {blueprint.plan_hash}", ""]
    lines += [f"{made} in {units}. Not generated: {counted(len(blueprint.left_out), 'source')}, see left-out.md.", ""]
    lines += [
        "Take Terraform or CloudFormation, not both: each makes everything. Apply the units in this order; each needs earlier ones only.",
        "",
    ]
    rows = ([str(n), *cells] for n, cells in enumerate((_unit_row(unit, counts[unit.name]) for unit in blueprint.units), 1))
    lines += table(("", "unit", "wave", "account", "region", "resources", "unknown", "secrets"), rows)
    lines += ["", "`fidelity/` has a table for each unit: where every attribute comes from. `fidelity.json` has them for machines.", ""]
    if found is not None:
        lines += [f"security.md: what {text(found.scanner)} finds; {counted(len(found.new), 'finding')} that the source does not have.", ""]
    lines += ["## CloudFormation", "", "Each command makes a change set and executes nothing: look at it, then execute it.", ""]
    lines += [f"Parameters without a default are given by `--parameter-overrides Name=value`; secrets have no echo. {LARGE}", ""]
    for one in stacks:
        lines += [*_deploy(one), ""]
    lines += _terraform(blueprint)
    return "\n".join(lines)


def left_out_page(blueprint: Blueprint) -> str:
    """What could not be generated and why, and which members of sources nothing was made of."""
    lines = ["# Not generated", "", f"{counted(len(blueprint.left_out), 'source')} of plan {text(blueprint.plan_id)}.", ""]
    if blueprint.left_out:
        lines += table(("source", "type", "why"), ([one.uid, one.type, one.reason] for one in blueprint.left_out))
    lines += ["", "# Not carried", "", "Members of sources' configuration that nothing was made of: check whether they matter.", ""]
    if blueprint.not_carried:
        lines += table(("source", "members"), ([uid, ", ".join(some)] for uid, some in blueprint.not_carried.items()))
    alone = not_in_terraform(blueprint)
    if alone:
        lines += ["", "# Only in CloudFormation", "", "Terraform is not made of these types.", ""]
        lines += table(("type", "name"), ([one.type, one.name] for one in alone))
    return "\n".join((*lines, ""))


def _unit_row(unit: Unit, counts: Mapping[str, int]) -> list[str]:
    told = (unit.wave, unit.place.account_id, unit.place.region, len(unit.resources), counts["unknown"], counts["secret"])
    return [f"{unit.name} ({unit.title})", *map(str, told)]


def _terraform(blueprint: Blueprint) -> Iterator[str]:
    yield from ("## Terraform", "", "A root for each wave calls the modules of its units. Apply the waves in this order:", "", "```sh")
    for wave in sorted({unit.wave for unit in blueprint.units}):
        folder = f"terraform/waves/{wave_folder(wave)}"
        yield f"terraform -chdir={folder} init && terraform -chdir={folder} apply"
    yield from ("```", "")
    yield "Variables without a default are asked for; give secrets by `TF_VAR_name`. `assume_role_arns` names a role for each account."
    yield "State is local, and holds secrets: keep it out of Git. `versions.tf` says how it is kept in S3."
    yield ""


def _deploy(one: WrittenStack) -> Iterator[str]:
    unit, name = one.stack.unit, one.stack.name
    first, *nested = one.templates
    yield f"### {name}, account {unit.place.account_id}"
    yield ""
    if any(resource.exists_as is not None for resource in unit.resources):
        yield f"Some of it is there already: import it first, by a change set of type IMPORT with what `{name}.import.json` lists."
        yield ""
    yield "```sh"
    for part in nested:
        yield f'aws s3 cp {part} "s3://$BUCKET/$PREFIX{PurePosixPath(part).name}"'
    yield f"aws cloudformation deploy --no-execute-changeset --region {unit.place.region} --stack-name {name} \\"
    overrides = f' --parameter-overrides {BUCKET}="$BUCKET" {PREFIX}="$PREFIX"' if nested else ""
    yield f"  --template-file {first} --capabilities {NEEDS_NAMES}{overrides}"
    yield "```"
