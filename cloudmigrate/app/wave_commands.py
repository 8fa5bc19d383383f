"""`cloudmigrate resume`, `rollback`, `confirm`, `status`, `orphans`: a wave that runs, waits or failed, and what it left."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import (
    A_WAVE,
    DEFAULT_ESTATE,
    DONE,
    FAILED,
    GAPS,
    WAITING,
    EstateOption,
    FormatOption,
    PlanArgument,
    WaveOption,
)
from cloudmigrate.app.output import Format, print_json, print_rows, printable_lines, say
from cloudmigrate.errors import UsageError
from cloudmigrate.masking import masked_text

if TYPE_CHECKING:
    from cloudmigrate.domain.steps import Step
    from tasks.wave_reading import AskedGate, WaveReading

WAVE_COLUMNS = ("plan", "wave", "state", "groups", "steps_done", "started_by", "started_at", "last_line", "holder")
GROUP_COLUMNS = ("moves", "state", "done", "steps", "undone", "past_return", "group")
TIMELINE_COLUMNS = ("at", "state", "took_s", "step", "says", "gave", "error", "by")
ORPHAN_COLUMNS = ("account_id", "region", "kind", "thing_id", "plan_id", "wave", "step_id", "why")

AsOption = Annotated[
    str | None, Parameter(name="--as", help="Your name in the estate file; CLOUDMIGRATE_USER or the login name by default.")
]


def register(app: App) -> None:
    """Put the commands into *app*."""
    for command in (resume, rollback, confirm, status, orphans):
        app.command(command)


def resume(plan: PlanArgument = None, *, wave: WaveOption, estate: EstateOption = DEFAULT_ESTATE) -> int:
    """Carry on a wave: one that waits for an answer, also the first, that failed and went back, or whose process died.

    Exit code 4: it waits for people again.
    """
    from cloudmigrate.app.reading import open_workspace
    from tasks.migrating import plan_named
    from tasks.wave_preparing import begun
    from tasks.wave_reading import asked_since

    workspace = open_workspace(estate)
    found = plan_named(workspace, plan)
    if asked_since(workspace, found, wave) is None:
        begun(workspace, found, wave)  # told at once, without starting Prefect
    return run_wave(estate, plan, wave)


def run_wave(estate: Path, plan: str | None, wave: int) -> int:
    """Run the flow migrate-wave here, tell how it ended, and give the exit code."""
    from cloudmigrate import settings
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.app.running import prefect_api
    from tasks.migrating import plan_named

    workspace = open_workspace(estate)
    found = plan_named(workspace, plan)
    with told_if_interrupted(found.plan_id, wave), prefect_api():
        from flows.migrate_wave import migrate_wave

        told: str = migrate_wave(str(estate), wave, found.plan_id, settings.acting_user())
    _print(told)
    return WAITING if told.endswith(f"cloudmigrate resume {found.plan_id} --wave {wave}") else DONE


@contextmanager
def told_if_interrupted(plan_id: str, wave: int) -> Iterator[None]:
    """Ctrl-C inside the block ends it with a word on what is on record, and how the wave goes on."""
    try:
        yield
    except KeyboardInterrupt:
        place = f"{plan_id} --wave {wave}"
        raise KeyboardInterrupt(
            "each step that was begun is on record, done or not. "
            f"Next: see `cloudmigrate status {place}`, then `cloudmigrate resume {place}`, or `cloudmigrate rollback {place} --reason ...`."
        ) from None


def rollback(
    plan: PlanArgument = None,
    *,
    wave: WaveOption,
    reason: Annotated[str, Parameter(help="Why, or a ticket's number; kept on the audit chain.")],
    group: Annotated[list[str], Parameter(help="Only this move group, and what was built on it; repeat for several.", negative="")] = [],  # noqa: B006 - read only
    despite_writes: Annotated[
        bool, Parameter(help="Go back although users may have written to the target since cutover: that is lost.", negative="")
    ] = False,
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Take back what a wave did, newest first: sources are started again, names lead back, what was made in the target is removed.

    Refused behind a point of no return, and, until you say so, where users may have written to the target.
    Exit code 1: something could not be undone; `cloudmigrate status` gives the commands for it.
    """
    from cloudmigrate import settings
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.app.running import prefect_api
    from tasks.migrating import plan_named
    from tasks.wave_preparing import begun

    workspace = open_workspace(estate)
    found = plan_named(workspace, plan)
    begun(workspace, found, wave)
    with told_if_interrupted(found.plan_id, wave), prefect_api():
        from flows.roll_back_wave import roll_back_wave

        told: str = roll_back_wave(
            str(estate),
            wave,
            masked_text(reason),  # Prefect keeps it
            found.plan_id,
            groups=tuple(group),
            despite_writes=despite_writes,
            requested_by=settings.acting_user(),
        )
    _print(told)
    return DONE


def confirm(
    plan: Annotated[str, Parameter(name="plan", help="The plan's id.")],
    step: Annotated[str, Parameter(help="The step by hand, by its id.")],
    *,
    wave: WaveOption,
    withdraw: Annotated[bool, Parameter(help="Say instead that it was taken back at the cloud.", negative="")] = False,
    note: Annotated[str, Parameter(help="What was done, or a ticket's number; signed with it.")] = "",
    name: AsOption = None,
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Sign, with your private key, that a step by hand is done. What depends on it goes on with `cloudmigrate resume`."""
    from cloudmigrate import settings
    from cloudmigrate.app.private_keys import open_key
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.domain.confirmations import Confirmation, ConfirmationError, fault_of, hash_of, signed
    from cloudmigrate.domain.steps import Gate
    from cloudmigrate.workspace import utc_now
    from tasks.migrating import plan_named
    from tasks.wave_preparing import begun

    workspace = open_workspace(estate)
    found = plan_named(workspace, plan)
    steps = {one.step_id: one for one in begun(workspace, found, wave).steps if one.gate is Gate.BY_HAND}
    if step not in steps:
        known = ", ".join(steps) or "none"
        raise UsageError(f"wave {wave} of plan {plan} has no step by hand {step!r}. Next: name one of these: {known}.")
    who = name or settings.acting_user()
    key = open_key(settings.keys_folder(), who)
    word = Confirmation(
        workspace.estate.estate, plan, found.content_hash, wave, step, hash_of(steps[step]), not withdraw, who, note, utc_now()
    )
    try:
        said: Confirmation = signed(word, key.sign)
    except ConfirmationError as error:
        raise UsageError(f"confirm: {error}. Next: mend it and run again.") from None
    fault = fault_of(said, workspace.estate.people)
    if fault:
        raise UsageError(f"confirm: {fault}. Next: `cloudmigrate people check`.")
    workspace.ledger.confirm_step(said, workspace.estate.people)
    _told(steps[step], who, found.plan_id, wave, withdraw=withdraw)
    return DONE


def _told(step: "Step", who: str, plan_id: str, wave: int, *, withdraw: bool) -> None:
    say(f"recorded, signed by {who}: {'taken back' if withdraw else 'done'}: {step.says}")
    say(f"Next: cloudmigrate {'rollback' if withdraw else 'resume'} {plan_id} --wave {wave}")


def status(
    plan: PlanArgument = None,
    *,
    wave: Annotated[int | None, Parameter(help="The wave's number; every wave that was begun by default.", validator=A_WAVE)] = None,
    estate: EstateOption = DEFAULT_ESTATE,
    form: FormatOption = Format.TABLE,
) -> int:
    """Show where a wave is: its move groups, gates, what waits for a person, what could not be undone and how, and when what was done."""
    from cloudmigrate.app.reading import open_workspace
    from tasks.migrating import plan_named
    from tasks.wave_reading import asked_since, read_wave, wave_rows

    workspace = open_workspace(estate)
    if wave is None:
        chosen = plan and plan_named(workspace, plan).plan_id
        rows = [row for row in wave_rows(workspace) if chosen in (None, row["plan"])]
        print_rows(WAVE_COLUMNS, rows, form)
        say(
            "Next: `cloudmigrate status PLAN --wave N` tells of a wave what was done when, and by whom."
            if rows
            else "no wave was begun yet. Next: `cloudmigrate migrate --wave 1 --dry-run`."
        )
        return DONE
    row = plan_named(workspace, plan)
    found = read_wave(workspace, row, wave)
    asked = asked_since(workspace, row, wave) if found is None else None
    if asked is not None:
        return _show_asked(asked, form)
    if found is None:
        raise UsageError(f"wave {wave} was never begun. Next: `cloudmigrate status` lists those that were.")
    if form is Format.JSON:
        print_json(found.document())
    elif form is Format.CSV:
        print_rows(TIMELINE_COLUMNS, found.timeline(), form)
    else:
        _show(found)
    return FAILED if found.stuck() else DONE


def _show_asked(asked: "AskedGate", form: Format) -> int:
    """Tell of a wave that was not begun yet and what it waits for."""
    plan_id, wave = asked.request.plan_id, asked.request.wave
    if form is Format.JSON:
        print_json({"plan_id": plan_id, "wave": wave, "state": "not begun", "gates": [asked.document()]})
        return DONE
    _print(f"wave {wave} of {plan_id} is not begun: {asked.sentence()}")
    say(f"Next: `cloudmigrate approvals {plan_id}`; once it is open, `cloudmigrate migrate {plan_id} --wave {wave}`.")
    return DONE


def _print(text: str) -> None:
    print(printable_lines(text))


def _show(found: "WaveReading") -> None:
    document = found.document()
    _print(f"wave {document['wave']} of {document['plan_id']}: {document['state']}")
    _print(f"begun by {document['started_by']} at {document['started_at']}; last run by {document['holder']}")
    print_rows(GROUP_COLUMNS, document["groups"], Format.TABLE)
    for gate in document["gates"]:
        _print(f"gate {gate['gate']}: {gate['standing']}")
    if found.asked_anew is not None:
        _print(f"groups that went back take new steps: {found.asked_anew.sentence()}")
    print_rows(TIMELINE_COLUMNS, document["timeline"], Format.TABLE)
    for one in document["waiting"]:
        _print(f"waits until {one['until']} at the earliest: {one['says']}")
    for one in document["by_hand"]:
        _print(f"by hand: {one['says']}")
        _print(f"  cloudmigrate confirm {document['plan_id']} {one['step']} --wave {document['wave']}")
    for one in document["stuck"]:
        _print(f"could not be undone: {one['step']}: {one['error']}")
        for command in one["commands"] or ["  (no command is known: look for what it made with `cloudmigrate orphans`)"]:
            _print(f"  {command}")
    if document["stuck"]:
        _print(f"Next: run these, then cloudmigrate rollback {document['plan_id']} --wave {document['wave']} --reason ...")


def orphans(*, estate: EstateOption = DEFAULT_ESTATE, form: FormatOption = Format.TABLE) -> int:
    """List what bears our tags in the estate's accounts and no live step answers for. Nothing is removed.

    Exit code 1: there is some; 3: some place could not be looked at.
    """
    from cloudmigrate.app.reading import open_workspace
    from tasks.wave_reading import find_orphans

    found, unseen = find_orphans(open_workspace(estate))
    rows: list[dict[str, Any]] = [
        {**{name: getattr(one.thing, name) for name in ORPHAN_COLUMNS if name != "why"}, "why": one.why} for one in found
    ]
    print_rows(ORPHAN_COLUMNS, rows, form)
    for one in unseen:
        say(one)
    if found:
        say("Next: look at each in its console; what nobody answers for is removed by hand.")
        return FAILED
    return GAPS if unseen else DONE
