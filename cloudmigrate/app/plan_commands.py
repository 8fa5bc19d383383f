"""`cloudmigrate plan`: plan waves, pin and exclude, ask what if, compare plans, read an edited table back."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import (
    DEFAULT_ESTATE,
    DONE,
    EstateArgument,
    EstateOption,
    FormatOption,
    JsonOption,
    PlanOption,
    SnapshotOption,
)
from cloudmigrate.app.output import Format, print_json, print_rows, say
from cloudmigrate.domain.unwatched import unwatched

plan_app = App(name="plan", help="Plan waves; pin and exclude; ask what if; compare plans. Makes no cloud call.")

_NAME = "an ARN, an id, a name that one resource bears, or a workload's name"
DIFF_COLUMNS = ("cause", "resource", "from_wave", "to_wave", "detail", "uid")


@plan_app.default
def plan(
    estate: EstateArgument = DEFAULT_ESTATE,
    *,
    snapshot: SnapshotOption = None,
    max_resources_per_wave: Annotated[int | None, Parameter(help="Upper size of a wave, for this plan; a group is never split.")] = None,
    pin: Annotated[list[str], Parameter(help=f"NAME=WAVE: keep it in that wave from now on; NAME is {_NAME}.", negative="")] = [],  # noqa: B006 - read only
    unpin: Annotated[list[str], Parameter(help="NAME: take its pin back.", negative="")] = [],  # noqa: B006
    exclude: Annotated[list[str], Parameter(help="NAME=REASON: leave it where it is from now on.", negative="")] = [],  # noqa: B006
    include: Annotated[list[str], Parameter(help="NAME: take its exclusion back.", negative="")] = [],  # noqa: B006
    reason: Annotated[str, Parameter(help="Why, to be kept with these decisions.")] = "",
    as_json: JsonOption = False,
) -> int:
    """Plan waves from a snapshot, under all decisions that hold. A pin that cannot be obeyed is refused, with what it conflicts with."""
    from cloudmigrate.app.planning import plan_snapshot

    wishes = {"pin": pin, "unpin": unpin, "exclude": exclude, "include": include}
    return plan_snapshot(estate, snapshot, max_resources_per_wave, wishes, reason=reason, as_json=as_json)


@plan_app.command(name="what-if")
@unwatched
def what_if(
    *,
    move: Annotated[list[str], Parameter(help=f"NAME=WAVE, several if need be; NAME is {_NAME}.", negative="")],
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
    plan_id: PlanOption = None,
    everything: Annotated[bool, Parameter(name="--all", help="List all moves, rules, laws, not ten of each.", negative="")] = False,
    as_json: JsonOption = False,
) -> int:
    """Tell what a move would change: bytes across waves, cost, latency, rules to open, laws broken. Changes nothing."""
    from cloudmigrate.app.planning import answer
    from cloudmigrate.app.what_if_words import what_if_lines

    found = answer(estate, snapshot, plan_id, move)
    if as_json:
        print_json(found.document())
    else:
        for line in what_if_lines(found, everything=everything):
            print(line)
    return DONE


@plan_app.command
def diff(
    before: Annotated[str, Parameter(help="The older plan's id.")],
    after: Annotated[str, Parameter(help="The newer plan's id.")],
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    form: FormatOption = Format.TABLE,
) -> int:
    """List the resources whose wave differs between two plans, with the causes."""
    from cloudmigrate.app.planning import plan_changes

    rows = plan_changes(estate, before, after)
    print_rows(DIFF_COLUMNS, rows, form)
    if not rows:
        say("no difference: both plans give every resource the same wave.")
    return DONE


@plan_app.command(name="import")
def import_table(
    table: Annotated[
        Path, Parameter(help="A CSV with the columns uid, and wave or workload; `cloudmigrate graph export -f csv` writes one.")
    ],
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    reason: Annotated[str, Parameter(help="Why, to be kept with these decisions.")] = "",
    dry_run: Annotated[bool, Parameter(help="Only tell what would be taken.", negative="")] = False,
    as_json: JsonOption = False,
) -> int:
    """Take an edited table of workloads and waves as decisions, and plan again.

    A table of at most 30 MB; one of 100,000 resources has some 10. Rows that cannot be obeyed are refused by their line, and the exit code
    is 3; a file that is no such table is bad usage: 2.
    """
    from cloudmigrate.app.plan_tables import import_file

    return import_file(estate, table, reason=reason, dry_run=dry_run, as_json=as_json)
