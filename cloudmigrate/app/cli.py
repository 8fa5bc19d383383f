"""The command line. Heavy libraries are imported inside the commands, so that the first output comes at once."""

import errno
import gc
import io
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from cloudmigrate import __version__
from cloudmigrate.app.approval_commands import register as register_approvals
from cloudmigrate.app.audit_commands import audit_app
from cloudmigrate.app.cli_options import (
    BAD_USAGE,
    DEFAULT_ESTATE,
    DONE,
    FAILED,
    GAPS,
    INTERRUPTED,
    EstateArgument,
    EstateOption,
    FormatOption,
    JsonOption,
    PlanOption,
    RegionsOption,
    SnapshotOption,
    TagOption,
    TypesOption,
)
from cloudmigrate.app.decision_commands import decide_app
from cloudmigrate.app.graph_commands import graph_app
from cloudmigrate.app.iac_commands import register as register_iac
from cloudmigrate.app.interrupts import insistent_ctrl_c
from cloudmigrate.app.migrate_commands import migrate_app
from cloudmigrate.app.output import Format, print_json, print_rows, printable_lines, say
from cloudmigrate.app.people_commands import people_app
from cloudmigrate.app.plan_commands import plan_app
from cloudmigrate.app.preflight_commands import register as register_preflight
from cloudmigrate.app.price_commands import prices_app
from cloudmigrate.app.publish_commands import register as register_publishing
from cloudmigrate.app.recommendation_commands import register as register_recommendations
from cloudmigrate.app.runbook_commands import register as register_runbooks
from cloudmigrate.app.wave_commands import register as register_waves
from cloudmigrate.errors import CloudMigrateError, UsageError

ALL_IS_WHOLE = "nothing half-written is visible. Next: run the command again."
FAULT = "This is a fault in CloudMigrate. Next: run again with CLOUDMIGRATE_LOG_LEVEL=DEBUG and report what it prints."

app = App(
    name="cloudmigrate",
    version=__version__,
    help="Assess a large cloud estate and plan its migration, with the evidence for every number.",
    suppress_keyboard_interrupt=False,
    help_epilogue=(
        "Exit codes: 0 done, no gaps; 1 failed; 2 bad usage; 3 done, but something in scope was not seen; 4 a wave waits for people; "
        "130 interrupted."
    ),
)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end with its exit code."""
    code = run(arguments)
    gc.freeze()  # the process ends: looking for circular garbage among all that is left would take a tenth of a second
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """The exit code of one command; errors are told on stderr without a traceback."""
    from cloudmigrate import log, settings
    from cloudmigrate.app.running import logging_settings

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name in another script must not end a command on an ASCII terminal
    try:
        log.configure(logging_settings())
        log.new_correlation_id()
        with insistent_ctrl_c():
            result = app(arguments, exit_on_error=False, result_action="return_value")
        return result if isinstance(result, int) else DONE
    except BaseException as error:
        code = exit_code(error)
        if code is None or (code == FAILED and settings.is_debugging()):
            raise
        return code


def exit_code(error: BaseException) -> int | None:
    """The exit code that *error* stands for, which is told on stderr; None for what ends a process by itself."""
    from cloudmigrate.masking import masked_text

    told = printable_lines(masked_text(str(error)))
    match error:
        case CycloptsError():  # told by the parser
            code, lines = BAD_USAGE, []
        case UsageError():
            code, lines = BAD_USAGE, [f"error: {told}"]
        case CloudMigrateError():
            code, lines = FAILED, [f"error: {told}"]
        case KeyboardInterrupt():
            code, lines = INTERRUPTED, [f"error: interrupted; {told or ALL_IS_WHOLE}"]
        case BrokenPipeError():  # the reader has seen enough
            code, lines = FAILED, []
        case OSError(errno=errno.ENOSPC):
            code, lines = FAILED, ["error: no space left where this is written to. Next: free some, then run the command again."]
        case Exception():
            code, lines = FAILED, [f"error: {type(error).__name__}: {told}", FAULT]
        case _:
            return None
    for line in lines:
        say(line)
    return code


@app.command
def init(
    path: EstateArgument = DEFAULT_ESTATE,
    *,
    schema: Annotated[bool, Parameter(help="Print the JSON schema of the estate file instead.", negative="")] = False,
    force: Annotated[bool, Parameter(help="Overwrite a file that is there.", negative="")] = False,
) -> int:
    """Write a commented estate file to fill in."""
    from cloudmigrate.estate_file import estate_json_schema
    from cloudmigrate.estate_template import ESTATE_TEMPLATE

    if schema:
        print_json(estate_json_schema())
        return DONE
    if path.exists() and not force:
        raise UsageError(f"{path} exists. Next: name another file, or add --force to overwrite it.")
    try:
        path.write_text(ESTATE_TEMPLATE, encoding="utf-8")
    except OSError as error:
        raise CloudMigrateError(f"write {path}: {error.strerror}. Next: name a file in a folder you can write to.") from error
    say(f"wrote {path}. Next: fill in your accounts, then run `cloudmigrate assess {path}`.")
    return DONE


@app.command
def assess(
    estate: EstateArgument = DEFAULT_ESTATE,
    *,
    types: TypesOption = [],  # noqa: B006 - read only
    regions: RegionsOption = [],  # noqa: B006
    tag: TagOption = [],  # noqa: B006
    as_json: JsonOption = False,
) -> int:
    """Discover, measure, analyse and plan an estate, and publish its readiness report."""
    from cloudmigrate.app.assessing import assess_file

    return assess_file(estate, types=types, regions=regions, tags=tag, as_json=as_json)


@app.command
def discover(
    estate: EstateArgument = DEFAULT_ESTATE,
    *,
    types: TypesOption = [],  # noqa: B006
    regions: RegionsOption = [],  # noqa: B006
    tag: TagOption = [],  # noqa: B006
    as_json: JsonOption = False,
) -> int:
    """Take a new snapshot of the inventory; no metrics, no plan."""
    from cloudmigrate.app.assessing import discover_file

    return discover_file(estate, types=types, regions=regions, tags=tag, as_json=as_json)


@app.command
def metrics(estate: EstateArgument = DEFAULT_ESTATE, *, snapshot: SnapshotOption = None, as_json: JsonOption = False) -> int:
    """Collect CloudWatch metrics for a snapshot and compute utilisation; asks only for what is new."""
    from cloudmigrate.app.assessing import collect_for

    return collect_for(estate, snapshot, as_json=as_json)


@app.command
def dependencies(
    estate: EstateArgument = DEFAULT_ESTATE,
    *,
    snapshot: SnapshotOption = None,
    offline: Annotated[bool, Parameter(help="Take the traffic that the snapshot has already; makes no cloud call.", negative="")] = False,
    as_json: JsonOption = False,
) -> int:
    """Read what is new of the flow logs, and draw what needs what: by traffic, by configuration, or by both."""
    from cloudmigrate.app.assessing import map_for

    return map_for(estate, snapshot, offline=offline, as_json=as_json)


@app.command
def report(
    estate: EstateArgument = DEFAULT_ESTATE,
    *,
    snapshot: SnapshotOption = None,
    plan_id: PlanOption = None,
    out: Annotated[Path | None, Parameter(help="Write the HTML and JSON into this folder too.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Render and publish the readiness report of a snapshot; makes no cloud call."""
    from cloudmigrate.app.assessing import report_snapshot

    return report_snapshot(estate, snapshot, plan_id, out, as_json=as_json)


@app.command
def diff(
    before: Annotated[str, Parameter(help="The older snapshot.")],
    after: Annotated[str, Parameter(help="The newer snapshot.")],
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    form: FormatOption = Format.TABLE,
) -> int:
    """List what appeared, vanished and changed between two snapshots, by attribute."""
    from cloudmigrate.app.reading import DIFF_COLUMNS, diff_rows, open_workspace

    rows = diff_rows(open_workspace(estate), before, after)
    print_rows(DIFF_COLUMNS, rows, form)
    if not rows:
        say("no difference: the two snapshots hold the same resources with the same attributes.")
    return DONE


@app.command
def snapshots(*, estate: EstateOption = DEFAULT_ESTATE, form: FormatOption = Format.TABLE) -> int:
    """List the snapshots and their plans, newest first; the table names the newest plan, JSON and CSV the newest 20."""
    from cloudmigrate.app.reading import SNAPSHOT_COLUMNS, open_workspace, snapshot_rows, with_newest_plan

    rows = snapshot_rows(open_workspace(estate))
    print_rows(SNAPSHOT_COLUMNS, map(with_newest_plan, rows) if form is Format.TABLE else rows, form)
    return DONE


@app.command
def query(
    sql: Annotated[str, Parameter(help='Such as "select type, count(*) from inventory group by all".')],
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
    plan_id: PlanOption = None,
    form: FormatOption = Format.TABLE,
) -> int:
    """Ask your estate in SQL (DuckDB, read-only); every dataset is a view."""
    from cloudmigrate.app.reading import notes_on, open_workspace

    workspace = open_workspace(estate)
    for note in notes_on(workspace, snapshot, sql):
        say(f"note: {note}")
    with workspace.views(snapshot, plan_id) as views:
        result = views.stream(sql)
        print_rows(result.columns, result.rows, form)
    return DONE


@app.command
def coverage(
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
    gaps: Annotated[bool, Parameter(help="Only what could not be seen, or not wholly.", negative="")] = False,
    form: FormatOption = Format.TABLE,
) -> int:
    """Show what was looked at and with what outcome; exit code 3 if there are gaps."""
    from cloudmigrate.app.reading import coverage_rows, open_workspace

    columns, rows, has_gaps = coverage_rows(open_workspace(estate), snapshot, gaps_only=gaps)
    print_rows(columns, rows, form)
    if gaps and not has_gaps:
        say("no gaps: everything in scope was looked at, with an answer.")
    return GAPS if has_gaps else DONE


@app.command(name="iam-policy")
def iam_policy(
    *,
    estate: Annotated[Path | None, Parameter(name=["--estate", "-e"], help="Add what this estate needs: its roles, its flow logs.")] = None,
    flow_logs: Annotated[
        list[str],
        Parameter(
            help="Buckets, s3:// prefixes or logs://region/group of flow logs, to be readable too.", consume_multiple=True, negative=""
        ),
    ] = [],  # noqa: B006
) -> int:
    """Print the least-privilege policy that discovery needs, made from the catalogue."""
    from cloudmigrate.aws.iam_policy import iam_policy as policy
    from cloudmigrate.estate_file import load_estate

    known = load_estate(estate) if estate else None
    stated = [source.url for source in known.flow_log_sources()] if known else []
    groups = [one for one in (*flow_logs, *stated) if one.startswith("logs://")]
    buckets = [*(one for one in flow_logs if one not in groups), *(one for one in stated if one.startswith("s3://"))]
    roles = [account.role_arn for account in known.accounts if account.role_arn] if known else []
    document: dict[str, Any] = policy(flow_log_buckets=buckets, flow_log_groups=groups, assumed_roles=roles)
    print_json(document)
    return DONE


@app.command
def demo(
    *,
    folder: Annotated[Path, Parameter(help="Where the demo's estate file, lake, ledger and report go.")] = Path("demo"),
    migrate: Annotated[bool, Parameter(help="Then carry out two waves; in the first a step fails, and goes back.", negative="")] = False,
    as_json: JsonOption = False,
) -> int:
    """Assess a simulated estate on a local AWS emulator: no account, no credentials, nothing left running."""
    from cloudmigrate.app.demo import run_demo

    return run_demo(folder, as_json=as_json, migrate=migrate)


@app.command
def up(
    estate: Annotated[Path | None, Parameter(help="The estate to register; without one, the demo's estate on a local emulator.")] = None,
    *,
    port: Annotated[int, Parameter(help="Port of the Prefect UI.")] = 4200,
    folder: Annotated[Path, Parameter(help="Where Prefect's files, and the demo's, go.")] = Path("demo"),
) -> int:
    """Start Prefect's server and a worker with all deployments; Ctrl-C ends it all."""
    from cloudmigrate.app.up import run_up

    return run_up(estate, port=port, folder=folder)


app.command(audit_app)
app.command(plan_app)
app.command(migrate_app)
register_waves(app)
register_preflight(app)
register_runbooks(app)
app.command(decide_app)
app.command(graph_app)
register_recommendations(app)
app.command(prices_app)
app.command(people_app)
register_approvals(app)
register_iac(app)
register_publishing(app)


if __name__ == "__main__":
    main()
