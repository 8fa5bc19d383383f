"""`cloudmigrate decide`: what people know better than tags and traffic; kept in the ledger through every re-run, and audited."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, EstateOption, FormatOption, SnapshotOption
from cloudmigrate.app.output import Format, print_rows, say
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.errors import UsageError

if TYPE_CHECKING:
    from cloudmigrate.workspace import Workspace

COLUMNS = ("kind", "subject", "value", "reason", "decided_by", "decided_at")
NEXT = "Next: `cloudmigrate dependencies --offline` and `cloudmigrate plan` take it in, without a cloud call."

UidArgument = Annotated[str, Parameter(help="The resource's uid, as `inventory` has it.")]
ReasonOption = Annotated[str, Parameter(help="Why; shown wherever the decision has an effect.")]

decide_app = App(name="decide", help="Decide what people know better: workloads, shared services. Kept through every re-run, and audited.")


@decide_app.command
def workload(
    uid: UidArgument,
    name: Annotated[str, Parameter(help="The workload that it belongs to.")],
    *,
    reason: ReasonOption = "",
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
) -> int:
    """Put a resource into a workload, whatever tags, traffic and the estate's file say."""
    from cloudmigrate.domain.workload_names import workload_name

    cleaned = workload_name(name)
    if cleaned is None:
        raise UsageError(f"{name!r} is no name for a workload. Next: give one that holds a letter or digit and is no placeholder.")
    return _record(_knowing(estate, uid, snapshot), DecisionKind.WORKLOAD, uid, cleaned, reason)


@decide_app.command
def shared(
    uid: UidArgument,
    value: Annotated[Literal["held_out", "put_back"], Parameter(help="Hold it out of grouping and order, or put it back.")],
    *,
    reason: ReasonOption = "",
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
) -> int:
    """Say that a resource is a shared service, or that it is none."""
    return _record(_knowing(estate, uid, snapshot), DecisionKind.SHARED, uid, value, reason)


@decide_app.command
def withdraw(
    kind: Annotated[DecisionKind, Parameter(help="What the decision is about.")],
    uid: UidArgument,
    *,
    reason: ReasonOption = "",
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Take a decision back; what evidence says holds again."""
    from cloudmigrate.app.reading import open_workspace

    workspace = open_workspace(estate)
    held = workspace.ledger.decisions(workspace.estate.estate)
    if not any((one.kind, one.subject) == (kind, uid) for one in held):
        raise UsageError(f"there is no decision on {kind} of {uid}. Next: see `cloudmigrate decide list`.")
    return _record(workspace, kind, uid, None, reason)


@decide_app.command(name="list")
def list_decisions(
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    history: Annotated[bool, Parameter(help="Also those that hold no more, newest first.", negative="")] = False,
    form: FormatOption = Format.TABLE,
) -> int:
    """List the decisions that hold."""
    from cloudmigrate.app.reading import open_workspace

    workspace = open_workspace(estate)
    name = workspace.estate.estate
    found = workspace.ledger.decision_history(name, 10_000) if history else workspace.ledger.decisions(name)
    print_rows(COLUMNS, [{column: _cell(one, column) for column in COLUMNS} for one in found], form)
    return DONE


def _cell(one: Decision, column: str) -> str | None:
    value = getattr(one, column)
    return None if value is None else str(value)


def _knowing(estate: Path, uid: str, snapshot: str | None) -> "Workspace":
    """The estate's workspace, whose snapshot has that resource. Raises UsageError where it has not: a slip of the pen decides nothing."""
    from cloudmigrate.app.reading import open_workspace

    workspace = open_workspace(estate)
    with workspace.views(snapshot) as views:
        known = any(row["uid"] == uid for row in views.run("plan_items"))
        chosen = views.selection.snapshot_id
    if not known:
        raise UsageError(f"snapshot {chosen} has no resource {uid}. Next: copy a uid out of `cloudmigrate query` on inventory.")
    return workspace


def _record(workspace: "Workspace", kind: DecisionKind, uid: str, value: str | None, reason: str) -> int:
    from cloudmigrate import settings
    from cloudmigrate.workspace import utc_now

    who = settings.acting_user()
    workspace.ledger.decide(workspace.estate.estate, [Decision(kind, uid, value, reason, who, utc_now())])
    say(f"{kind} of {uid}: {'taken back' if value is None else value}, decided by {who}. {NEXT}")
    return DONE
