"""`cloudmigrate recommendations` and `cloudmigrate override`: what is recommended, and what people decided instead; no cloud call."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, EstateOption, JsonOption, SnapshotOption
from cloudmigrate.app.output import Format, print_json, print_rows, say
from cloudmigrate.domain.recommendation_doubts import CONFIDENCE_WORDS, doubt
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.errors import UsageError

if TYPE_CHECKING:
    from cloudmigrate.domain.decisions import Decision
    from cloudmigrate.domain.overrides import Override
    from cloudmigrate.lake.views import Views
    from cloudmigrate.workspace import Workspace

COLUMNS = ("name", "level", "strategy", "recommended", "confidence_pct", "runner_up", "reason", "question", "uid")
SUBJECTS_NAMED = 5


def register(app: App) -> None:
    """Add both commands."""
    app.command(recommendations)
    app.command(override)


def recommendations(
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
    strategy: Annotated[list[Strategy], Parameter(help="Only these strategies.", consume_multiple=True, negative="")] = [],  # noqa: B006
    open_only: Annotated[
        bool, Parameter(name="--open", help="Only what asks for a decision again: expired overrides.", negative="")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """List the strategy of each workload and resource and why; open questions and overrides first, then the least sure.

    The question is what asks for a decision again, or else what would change the answer. Confidence is no probability: it counts how much
    was measured and for how long, and how far the nearest other strategy is. Up to 50 %, another one may be the right one.
    """
    from cloudmigrate.app.reading import notes_on, open_workspace
    from cloudmigrate.domain.baseline import NOT_BY_COST
    from cloudmigrate.lake.baseline import gate_of

    workspace = open_workspace(estate)
    for note in notes_on(workspace, snapshot, "recommendations"):
        say(f"note: {note}")
    held = _overrides(workspace)
    with workspace.views(snapshot) as views:
        gate = gate_of(views)
        shown = [_as_of_now(row, held) for row in views.run("artifact_recommendations")]
        doubts = {} if as_json else _doubts(views)
        whole = {(row["level"], row["uid"]): row for row in views.rows("recommendations")} if as_json else {}
    if gate.withheld:
        say(f"warning: {NOT_BY_COST}: {gate.reason}")
    _tell_strangers(held, {row["uid"] for row in shown})
    kept = [row for row in shown if (not strategy or row["strategy"] in strategy) and (not open_only or row["open_question"] is not None)]
    kept.sort(key=lambda row: row["open_question"] is None)
    if as_json:
        print_json([whole[row["level"], row["uid"]] | row for row in kept])
    else:
        print_rows(COLUMNS, (_with_question(row, doubts) for row in kept), Format.TABLE)
        if kept:
            say(f"{CONFIDENCE_WORDS}: docs/recommendations.md.")
    return DONE


def _doubts(views: "Views") -> dict[tuple[str, str], str]:
    """Level and uid -> what would change that recommendation."""
    return {
        (row["level"], row["uid"]): doubt(row["confidence_parts"], row["runner_up"], row["change"], row["least_sure"])
        for row in views.run("recommendation_doubts")
    }


def _with_question(row: Mapping[str, Any], doubts: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """The row for the table: its open question, or what would change it. A workload's uid is its name, which stands there already."""
    question = row["open_question"] or doubts.get((row["level"], row["uid"]), "")
    return {**row, "question": question, "uid": row["uid"] if row["level"] == "resource" else ""}


def override(
    resource: Annotated[str, Parameter(name="resource", help="Its ARN, its id, a name that it alone bears, or a workload's name.")],
    *,
    strategy: Annotated[Strategy | None, Parameter(help="One of the seven.")] = None,
    reason: Annotated[str, Parameter(help="Why; shown wherever the decision has an effect.")] = "",
    expires: Annotated[str | None, Parameter(help="The last day on which it holds, such as 2027-03-31; then it asks again.")] = None,
    by: Annotated[str | None, Parameter(help="Who decided, where that is not you.")] = None,
    remove: Annotated[bool, Parameter(help="Take the override back; what is recommended holds again.", negative="")] = False,
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
) -> int:
    """Decide the strategy of a resource, or of all resources of a workload, whatever is recommended. Kept through every re-run, audited."""
    from cloudmigrate.workspace import utc_now

    if remove == (strategy is not None):
        raise UsageError("give --strategy, or --remove to take an override back.")
    today = utc_now().date()
    until = _last_day(expires, today)
    if remove and until is not None:
        raise UsageError("--remove takes no --expires.")
    workspace, subjects = _subjects(estate, resource, snapshot)
    given = _decisions(workspace, subjects, strategy, reason, until=until, by=by)
    workspace.ledger.decide(workspace.estate.estate, given)
    _tell(given, subjects)
    _take_in(workspace, snapshot)
    return DONE


def _last_day(text: str | None, today: date) -> date | None:
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--expires {text}: is no day. Next: write it as 2027-03-31.") from None
    if found < today:
        raise UsageError(f"--expires {text}: is past. Next: give today ({today}) or a later day.")
    return found


def _subjects(path: Path, name: str, snapshot: str | None) -> "tuple[Workspace, Mapping[str, str | None]]":
    """The resources that are meant and what is recommended for each. Raises UsageError: a slip of the pen decides nothing."""
    from cloudmigrate.app.plan_names import meant
    from cloudmigrate.app.reading import open_workspace
    from tasks.plan_reading import read_names

    workspace = open_workspace(path)
    held = _overrides(workspace)
    with workspace.views(snapshot) as views:
        if name in held and not _in_inventory(views, name):  # gone since it was decided
            return workspace, {name: None}
        uids = meant(read_names(views, [name]), "override", name)
        found = {row["uid"]: row["recommended"] for row in views.run("override_subjects", uids=list(uids), types=_moving())}
    if not found:
        raise UsageError(f"override {name}: no resource of it can migrate, so it has no strategy. Next: name what it belongs to.")
    return workspace, found


def _in_inventory(views: "Views", uid: str) -> bool:
    return bool(views.run("resources_named", names=[uid]))


def _moving() -> list[str]:
    from cloudmigrate.aws.catalogue import CATALOGUE

    return [row.type for row in CATALOGUE if row.moves]


def _overrides(workspace: "Workspace") -> "Mapping[str, Override]":
    """Every override of the estate, and whether it has expired by now."""
    from cloudmigrate.domain.overrides import overrides_of
    from cloudmigrate.workspace import utc_now

    return overrides_of(workspace.ledger.decisions(workspace.estate.estate), utc_now().date())


def _decisions(
    workspace: "Workspace",
    subjects: Mapping[str, str | None],
    strategy: Strategy | None,
    reason: str,
    *,
    until: date | None,
    by: str | None,
) -> "Sequence[Decision]":
    """One decision per resource. Raises UsageError where there is none to take back, or one that nobody could obey."""
    from cloudmigrate import settings
    from cloudmigrate.domain.decisions import Decision, DecisionKind, check_decision
    from cloudmigrate.workspace import utc_now

    acting, now = settings.acting_user(), utc_now()
    who = acting if by is None or by == acting else f"{by}, recorded by {acting}"
    held = _overrides(workspace)
    found = []
    for uid, recommended in subjects.items():
        own = held.get(uid)
        if strategy is None and own is None:
            continue
        before = recommended if own is None or own.has_expired else own.strategy.value
        found.append(Decision(DecisionKind.STRATEGY, uid, strategy, reason, who, now, expires_on=until, before=before))
    if not found:
        raise UsageError("there is no override to take back. Next: see `cloudmigrate decide list`.")
    try:
        for one in found:
            check_decision(one)
    except ValueError as error:
        raise UsageError(f"override: {error}") from error
    return found


def _tell(given: "Sequence[Decision]", subjects: Mapping[str, str | None]) -> None:
    """What was decided, one line a resource."""
    for one in given[:SUBJECTS_NAMED]:
        until = f" until {one.expires_on}" if one.expires_on else ""
        now = one.value or f"taken back; {subjects[one.subject] or 'what is recommended'} holds again"
        say(f"{one.subject}: {now}{until}, decided by {one.decided_by}; before: {one.before or 'nothing was recommended'}.")
    if len(given) > SUBJECTS_NAMED:
        say(f"and {len(given) - SUBJECTS_NAMED} more.")
    say("Next: `cloudmigrate plan` takes it in, without a cloud call.")


def _take_in(workspace: "Workspace", snapshot: str | None) -> None:
    """Tell the snapshot's strategies and risk anew, if it has any."""
    from tasks.decided import take_in_decisions

    take_in_decisions(workspace, workspace.snapshot(snapshot).snapshot_id)


def _as_of_now(row: dict[str, Any], held: "Mapping[str, Override]") -> dict[str, Any]:
    """The row as it is today: an override may have expired, or been decided for another snapshot, since it was told."""
    if row["level"] != "resource":
        return row
    own = held.get(row["uid"])
    holds = own is not None and not own.has_expired
    question = own.question() if own is not None else None
    return row | {"strategy": own.strategy.value if own is not None and holds else row["recommended"], "open_question": question}


def _tell_strangers(held: "Mapping[str, Override]", known: set[str]) -> None:
    """Overrides of what the snapshot lacks."""
    for uid in sorted(set(held) - known)[:SUBJECTS_NAMED]:
        say(f"note: {uid}: {held[uid].strategy}, decided by {held[uid].by}, is of no resource that can migrate in this snapshot.")
