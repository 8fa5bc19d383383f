"""`cloudmigrate iac`: Terraform and CloudFormation of a plan, from the lake alone; no cloud call, no Prefect."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, EstateOption, JsonOption, PlanArgument
from cloudmigrate.app.output import print_json, say
from cloudmigrate.domain.counting import counted


def register(app: App) -> None:
    """Put the command into *app*."""
    app.command(iac)


def iac(
    plan: PlanArgument = None,
    *,
    out: Annotated[Path, Parameter(help="The folder to write; one that this command wrote is replaced, any other is refused.")],
    estate: EstateOption = DEFAULT_ESTATE,
    as_json: JsonOption = False,
) -> int:
    """Write a plan's target as Terraform and as CloudFormation, with where each attribute comes from and what was left out."""
    from cloudmigrate.app.reading import open_workspace
    from tasks.iac import generate
    from tasks.iac_folder import write_folder
    from tasks.migrating import plan_named

    workspace = open_workspace(estate)
    tree = generate(workspace, plan_named(workspace, plan))
    write_folder(tree, out)
    index = tree.index
    if as_json:
        print_json({"folder": str(out), **index})
        return DONE
    units, left = index["units"], index["left_out"]
    print(
        f"{counted(sum(one['resources'] for one in units), 'resource')} in {counted(len(units), 'unit')} of plan {index['plan_id']}: {out}"
    )
    if left:
        say(f"not generated: {len(left)}, see {out / 'left-out.md'}")
    if index.get("security", {}).get("new"):
        say(f"checkov: {counted(index['security']['new'], 'finding')} that the source does not have, see {out / 'security.md'}")
    if index["not_carried"]:
        say(f"not carried: members of {counted(len(index['not_carried']), 'source')}, see {out / 'left-out.md'}")
    return DONE
