"""`cloudmigrate migrate`: a wave of a plan carried out, or what it would do, step by step."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, FAILED, EstateOption, JsonOption, PlanArgument, WaveOption
from cloudmigrate.app.output import print_json, printable_lines, say
from cloudmigrate.domain.counting import counted
from cloudmigrate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasks.migrating import DryRun

migrate_app = App(name="migrate", help="Carry out a wave of a plan, or see what it would do.")


@migrate_app.default
def migrate(
    plan: PlanArgument = None,
    *,
    wave: WaveOption,
    dry_run: Annotated[bool, Parameter(help="Check, ask AWS with DryRun where it takes it, print every call; write nothing.")] = False,
    estate: EstateOption = DEFAULT_ESTATE,
    as_json: JsonOption = False,
) -> int:
    """Carry out a wave of a plan: check everything, ask for each gate, and write what people let it; a group that fails goes back.

    Exit code 4: it waits for people, and goes on with `cloudmigrate resume`. With --dry-run: print every call that would be made, in order,
    with times and the way back, and the preflight; exit code 1 where something would stop it.
    """
    if not dry_run:
        if as_json:
            raise UsageError("--json tells of a dry run. Next: add --dry-run, or see `cloudmigrate status --format json` afterwards.")
        from cloudmigrate.app.wave_commands import run_wave

        return run_wave(estate, plan, wave)
    from cloudmigrate.app.preflight_commands import show
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.settings import acting_user
    from tasks.migrating import plan_named, world_of
    from tasks.wave_preparing import prepare
    from tasks.wave_runs import check_prepared
    from tasks.wave_runs import dry_run as rehearsed

    workspace = open_workspace(estate)
    prepared = prepare(workspace, plan_named(workspace, plan), wave)
    found = rehearsed(prepared, world_of(workspace.estate))
    preflight, _ = check_prepared(prepared, by=acting_user(), rehearsal=found)
    for one in sorted(prepared.begun_groups):
        say(printable_lines(f"{one} was begun: its steps are told, and not asked about"))
    for one in prepared.changes:
        say(printable_lines(f"changed since the wave began: {one}"))
    if as_json:
        print_json({**found.document(), "preflight": preflight.document()})
    else:
        for line in lines_of(found):
            print(printable_lines(line))
        show(preflight)
    for step_id, why in found.refused.items():
        say(printable_lines(f"would be refused: {step_id}: {why}"))
    return FAILED if found.refused or preflight.blocks else DONE


def lines_of(found: "DryRun") -> "Iterator[str]":
    """The dry run for a person."""
    document = found.document()
    yield f"wave {found.wave} of {found.plan_id}: {counted(len(found.steps), 'step')}, likely {_told(found.likely)}"
    yield f"hash of the steps: {document['steps_hash']}"
    for one in document["steps"]:
        gate = f"  [gate: {one['gate']}]" if one["gate"] else ""
        back = "  [no return]" if one["reversal"] == "no_return" else ""
        said = f"  {one['said']}" if one["said"] else ""
        yield f"{_told(timedelta(seconds=one['starts_after_s'])):>9}  {one['step_id']}: {one['says']}{gate}{back}{said}"
        for call in one["calls"]:
            yield f"{'':11}{_call(call)}"
    yield "the way back, newest first:"
    for one in document["rollback"]:
        for call in one["calls"]:
            yield f"{'':11}{one['step_id']}: {_call(call)}"


def _call(call: dict[str, Any]) -> str:
    if call["operation"] is None:
        return f"a call that needs the answer of {', '.join(call['depends_on'])}"
    from cloudmigrate.ledger.columns import canonical_json

    where = f"{call['account_id']} {call['region']}"
    return f"{'write' if call['writes'] else 'read '} {where} {call['service']}:{call['operation']} {canonical_json(call['params'])}"


def _told(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
