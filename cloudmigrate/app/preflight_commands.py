"""`cloudmigrate preflight`: everything that a wave needs, checked before anything is written."""

from typing import TYPE_CHECKING, Any

from cyclopts import App

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, FAILED, EstateOption, JsonOption, PlanArgument, WaveOption
from cloudmigrate.app.output import Format, print_json, print_rows, say
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.preflight.causes import by_cause
from cloudmigrate.domain.wave_words import listed

if TYPE_CHECKING:
    from cloudmigrate.domain.execution_policy import Waiver
    from cloudmigrate.domain.preflight.record import Check, CheckState, Preflight

COLUMNS = ("state", "check", "subject", "place", "evidence", "advice")


def register(app: App) -> None:
    """Put the command into *app*."""
    app.command(preflight)


def preflight(
    plan: PlanArgument = None,
    *,
    wave: WaveOption,
    estate: EstateOption = DEFAULT_ESTATE,
    as_json: JsonOption = False,
) -> int:
    """Check everything that a wave needs; nothing is written in the cloud. Exit code 1 where something keeps the wave from being begun.

    Of a wave that was begun, the groups of which nothing stands: those that were not begun, and those that went back.
    """
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.settings import acting_user
    from tasks.migrating import plan_named
    from tasks.wave_preparing import prepare
    from tasks.wave_runs import check_prepared

    workspace = open_workspace(estate)
    prepared = prepare(workspace, plan_named(workspace, plan), wave)
    found, _ = check_prepared(prepared, by=acting_user())
    for one in prepared.changes:
        say(f"changed since the wave began: {one}")
    if as_json:
        print_json(found.document())
    else:
        show(found)
    return FAILED if found.blocks else DONE


def show(found: "Preflight") -> None:
    """Print it for a person: what blocks first, each with what to do about it."""
    print_rows(COLUMNS, rows_of(found), Format.TABLE)
    for waiver, why in found.idle:
        say(f"waiver of {waiver.check.value} by {waiver.by} ({waiver.reason}) lets nothing pass: {why}.")
    print(f"hash of the preflight: {found.preflight_hash}")
    if found.blocks:
        keep = "keeps" if len(found.blocking) == 1 else "keep"
        some = f"{len(found.blocking)} of {counted(len(found.checks), 'check')}"
        say(f"{some} {keep} wave {found.wave} from being begun. Next: see the advice of each; --json names every one.")
    else:
        say(f"nothing keeps wave {found.wave} from being begun.")


def rows_of(found: "Preflight") -> list[dict[str, Any]]:
    """The rows of the table: one for each check, but one for all that came to nothing for the same reason; JSON has each."""
    under: dict[tuple[Waiver | None, CheckState], list[Check]] = {}  # what different waivers let pass are different lines
    for one in found.in_order():
        under.setdefault((found.waiver_of(one), one.state), []).append(one)
    told = []
    for some in under.values():
        for cause in by_cause(some):
            row = row_of(found, cause.checks[0])
            if len(cause.checks) > 1:
                subjects = list(dict.fromkeys(one.subject or "the wave" for one in cause.checks))
                row |= {
                    "check": listed(dict.fromkeys(one.name.value for one in cause.checks)),
                    "subject": f"{counted(len(subjects), 'subject')}: {listed(subjects)}",
                    "place": listed(dict.fromkeys(one.place for one in cause.checks)),
                    "evidence": f"{counted(len(cause.checks), 'check')}: {cause.why}",
                }
                row |= {} if found.waiver_of(cause.checks[0]) else {"advice": cause.advice}
            told.append(row)
    return told


def row_of(found: "Preflight", check: "Check") -> dict[str, Any]:
    """One check as a row of the table."""
    waiver = found.waiver_of(check)
    advice = f"waived by {waiver.by} until {waiver.expires.isoformat()}: {waiver.reason}" if waiver else check.advice
    told = (check.state.value, check.name.value, check.subject, check.place, check.evidence, advice)
    return dict(zip(COLUMNS, told, strict=True))
