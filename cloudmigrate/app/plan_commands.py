"""`cloudmigrate plan`: plan waves, pin and exclude, ask what if, compare plans, read an edited table back."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from cloudmigrate.domain.protocols import protocol_name
from cloudmigrate.domain.unwatched import unwatched

if TYPE_CHECKING:
    from cloudmigrate.domain.what_if import Figures, Rule, WhatIf

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
    as_json: JsonOption = False,
) -> int:
    """Tell what a move would change: bytes across waves, cost, latency, rules to open, laws broken. Changes nothing."""
    from cloudmigrate.app.planning import answer

    found = answer(estate, snapshot, plan_id, move)
    if as_json:
        print_json(found.document())
    else:
        for line in what_if_lines(found):
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

    Rows that cannot be obeyed are refused by their line, and the exit code is 3.
    """
    from cloudmigrate.app.plan_tables import import_file

    return import_file(estate, table, reason=reason, dry_run=dry_run, as_json=as_json)


def what_if_lines(found: "WhatIf") -> list[str]:
    """The answer for a person."""
    lines = [f"plan: {found.plan_id}"]
    lines += [
        f"move: {one.label} from wave {one.from_wave} to {one.to_wave}"
        + (f" (its needs leave it waves {one.first} to {one.last})" if one.first <= one.last else " (its needs leave it no wave)")
        for one in found.moves
    ] or ["move: nothing, as all of it is in that wave already"]
    lines += [f"{name}: {before} -> {after}" for name, before, after in _figures(found.before, found.after)]
    newly = f"{found.edges_newly_crossing}, each with {found.added_latency_ms:g} ms more a round trip"
    lines.append(f"dependencies newly between sites: {newly}")
    lines.append(f"dependencies no longer between sites: {found.edges_no_longer_crossing}")
    lines.append(f"rules to open between sites: {len(found.rules_to_open)}")
    lines += [_rule_line(one, found.called) for one in found.rules_to_open]
    lines.append(f"laws broken: {len(found.laws_broken) or 'none'}")
    return lines + [f"  {one}" for one in found.laws_broken]


def _rule_line(rule: "Rule", called: Mapping[str, str]) -> str:
    own, peer = called.get(rule.move_group, rule.move_group), called.get(rule.peer, rule.peer)
    way = f"to {peer}" if rule.direction == "egress" else f"from {peer}"
    return f"  {rule.direction} of {own}: {protocol_name(rule.protocol)} {rule.port} {way}"


def _figures(before: "Figures", after: "Figures") -> list[tuple[str, Any, Any]]:
    return [
        ("bytes across waves a day", f"{before.cross_wave_bytes_per_day:,}", f"{after.cross_wave_bytes_per_day:,}"),
        ("dependencies across waves", before.cross_wave_edges, after.cross_wave_edges),
        ("transfer USD a day", f"{before.transfer_usd_per_day:.2f}", f"{after.transfer_usd_per_day:.2f}"),
        ("score (lower is better)", f"{before.score:.3f}", f"{after.score:.3f}"),
    ]
