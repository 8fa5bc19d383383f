"""`cloudmigrate plan import`: an edited table becomes decisions, and the plan is made again."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cloudmigrate.app.cli_options import DONE, GAPS
from cloudmigrate.app.output import print_json, say
from cloudmigrate.app.plan_decisions import merged, prepared_under
from cloudmigrate.app.planning import plan_again
from cloudmigrate.app.reading import open_workspace
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.drafting import conflict_with
from cloudmigrate.domain.naming import called
from cloudmigrate.domain.plan_import import Asked, Known, Refused, Table, read_table
from cloudmigrate.errors import UsageError
from cloudmigrate.settings import acting_user
from cloudmigrate.workspace import utc_now
from tasks.plan_reading import known_plan, read_document

if TYPE_CHECKING:
    from cloudmigrate.workspace import Workspace

MEGABYTES_AT_MOST = 30  # of some 300,000 rows; reading takes 15 times as much memory


def import_file(path: Path, table: Path, *, reason: str, dry_run: bool, as_json: bool) -> int:
    """Take what can be taken of an edited table, tell what cannot, and plan again; the exit code, which says whether rows were refused."""
    workspace = open_workspace(path)
    snapshot_id = workspace.snapshot().snapshot_id
    read, names = _read(workspace, snapshot_id, table, reason)
    taken, refused = obeyable(workspace, snapshot_id, read)
    decisions, same = counted(len(taken), "decision"), counted(read.unchanged, "row")
    told = {
        "refused": [f"line {one.line}: {one.reason}" for one in sorted(refused, key=lambda one: one.line)],
        "taken": [_words(one, names) for one in taken],
        "rows": [f"{counted(read.rows, 'row')}: {decisions}, {len(refused)} refused, {same} as the plan has them"],
    }
    if not dry_run:
        workspace.ledger.decide(workspace.estate.estate, [one.decision for one in taken])
        if taken:
            changed = any(one.decision.kind is DecisionKind.WORKLOAD for one in taken)
            policy = workspace.estate.planning
            plan_again(path, workspace, snapshot_id, policy, told, as_json=as_json, workloads_changed=changed)
            return _code(refused)
    if as_json:
        print_json(told)
    else:
        for lines in told.values():
            for line in lines:
                print(line)
    return _code(refused)


def _code(refused: Sequence[Refused]) -> int:
    """The exit code, and on stderr what to do where rows were refused: what asks for it in a pipeline must not take them for recorded."""
    if not refused:
        return DONE
    say(f"refused: {counted(len(refused), 'row')}, with the reason by line. Next: correct them and import the table again.")
    return GAPS


def obeyable(workspace: "Workspace", snapshot_id: str, table: Table) -> tuple[list[Asked], list[Refused]]:
    """The decisions that can be obeyed together, in the order of their lines; each other one with what it conflicts with."""
    held = workspace.ledger.decisions(workspace.estate.estate)
    taken, refused = list(table.asked), list(table.refused)
    prepared = prepared_under(workspace, snapshot_id, workspace.estate.planning, merged(held, [one.decision for one in taken]))
    pins = [one for one in taken if one.decision.kind is DecisionKind.PIN]
    every = {one.decision.subject for one in pins}

    def conflict(some: list[Asked]) -> tuple[str, ...]:
        """Why these pins cannot be obeyed together with those that held before."""
        asked = {one.decision.subject for one in some}
        return conflict_with(prepared, asked, leaving_out=every - asked)

    good: list[Asked] = []
    at = 0
    while at < len(pins):
        # As many further rows at once as can be obeyed with those before; usually that is all of them.
        size = 0
        for step in (1 << bit for bit in reversed(range((len(pins) - at).bit_length()))):
            if at + size + step <= len(pins) and not conflict([*good, *pins[at : at + size + step]]):
                size += step
        good += pins[at : at + size]
        at += size
        if at < len(pins):
            refused.append(Refused(pins[at].line, "cannot be obeyed: " + "; ".join(conflict([*good, pins[at]]))))
            at += 1
    kept = {one.decision.subject for one in good}
    return [one for one in taken if one.decision.kind is not DecisionKind.PIN or one.decision.subject in kept], refused


def _read(workspace: "Workspace", snapshot_id: str, table: Path, reason: str) -> tuple[Table, Mapping[str, str]]:
    """What the table asks for, and what people call each resource of the snapshot."""
    from reports.exports.csv_tables import original_cell

    limit = MEGABYTES_AT_MOST * 1_000_000
    try:
        with table.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"read {table}: {error.strerror}. Next: name a file that you may read.") from error
    if len(data) > limit:
        raise UsageError(f"{table} is larger than {MEGABYTES_AT_MOST} MB. Next: leave only the rows that you changed.")
    document = read_document(workspace, known_plan(workspace, snapshot_id, None))
    with workspace.views(snapshot_id) as views:
        rows = views.run("plan_items")
    waves = {uid: group["wave"] for group in document["groups"] for uid in group["members"]}
    stays = {one["uid"]: one["reason"] for one in document["unplanned"]}
    known = {row["uid"]: Known(waves.get(row["uid"]), row["workload"], stays.get(row["uid"])) for row in rows}
    names = called((row["uid"], row["name"], row["type"]) for row in rows)
    try:
        return read_table(data.decode("utf-8-sig"), known, by=acting_user(), at=utc_now(), original=original_cell, reason=reason), names
    except UnicodeDecodeError as error:
        raise UsageError(f"{table} is not UTF-8 text. Next: save it as CSV UTF-8.") from error
    except ValueError as error:
        raise UsageError(f"{table}: {error}. Next: mend its first line; `cloudmigrate graph export -f csv` writes such a table.") from error


def _words(asked: Asked, names: Mapping[str, str]) -> str:
    one: Decision = asked.decision
    what = f"pinned to wave {one.value}" if one.kind is DecisionKind.PIN else f"workload {one.value}"
    return f"line {asked.line}: {names.get(one.subject, one.subject)} {what}"
