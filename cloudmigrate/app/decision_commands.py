"""`cloudmigrate decide`: what people know better than tags and traffic; kept in the ledger through every re-run, and audited."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, EstateOption, FormatOption, SnapshotOption
from cloudmigrate.app.output import Format, print_rows, say
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.errors import UsageError

if TYPE_CHECKING:
    from cloudmigrate.workspace import Workspace

COLUMNS = ("kind", "resource", "subject", "value", "before", "expires_on", "reason", "decided_by", "decided_at")
NEXT = "Next: `cloudmigrate dependencies --offline` and `cloudmigrate plan` take it in, without a cloud call."

ResourceArgument = Annotated[str, Parameter(name="resource", help="The resource: its ARN, its id, or a name that it alone bears.")]
ReasonOption = Annotated[str, Parameter(help="Why; shown wherever the decision has an effect.")]

decide_app = App(name="decide", help="Decide what people know better: workloads, shared services. Kept through every re-run, and audited.")


@decide_app.command
def workload(
    resource: ResourceArgument,
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
    return _record(*_meant(estate, resource, snapshot), DecisionKind.WORKLOAD, cleaned, reason)


@decide_app.command
def shared(
    resource: ResourceArgument,
    value: Annotated[Literal["held_out", "put_back"], Parameter(help="Hold it out of grouping and order, or put it back.")],
    *,
    reason: ReasonOption = "",
    estate: EstateOption = DEFAULT_ESTATE,
    snapshot: SnapshotOption = None,
) -> int:
    """Say that a resource is a shared service, or that it is none."""
    return _record(*_meant(estate, resource, snapshot), DecisionKind.SHARED, value, reason)


@decide_app.command
def withdraw(
    kind: Annotated[DecisionKind, Parameter(help="What the decision is about.")],
    resource: ResourceArgument,
    *,
    reason: ReasonOption = "",
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Take a decision back; what evidence says holds again."""
    from cloudmigrate.app.reading import open_workspace

    workspace = open_workspace(estate)
    held = {one.subject for one in workspace.ledger.decisions(workspace.estate.estate) if one.kind is kind}
    uid = resource
    if uid not in held:  # what was decided on may be gone from the inventory since
        workspace, uid = _meant(estate, resource, None)
    if uid not in held:
        raise UsageError(f"there is no decision on {kind} of {resource}. Next: see `cloudmigrate decide list`.")
    return _record(workspace, uid, kind, None, reason)


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
    names = _called(workspace)
    print_rows(COLUMNS, [{column: _cell(one, column, names) for column in COLUMNS} for one in found], form)
    return DONE


def _called(workspace: "Workspace") -> Mapping[str, str]:
    """What people call the resources of the newest snapshot; nothing where there is none yet."""
    from cloudmigrate.errors.plans import UnknownSnapshotError
    from tasks.plan_reading import read_called

    try:
        with workspace.views(None) as views:
            return read_called(views)
    except UnknownSnapshotError:
        return {}


def _cell(one: Decision, column: str, names: Mapping[str, str]) -> str | None:
    value = names.get(one.subject, one.subject) if column == "resource" else getattr(one, column)
    return None if value is None else str(value)


def _meant(estate: Path, name: str, snapshot: str | None) -> "tuple[Workspace, str]":
    """The estate's workspace, and the one resource of the snapshot that is meant. Raises UsageError: a slip of the pen decides nothing."""
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.domain.naming import UnknownNameError
    from tasks.plan_reading import read_names

    workspace = open_workspace(estate)
    with workspace.views(snapshot) as views:
        names, chosen = read_names(views, [name]), views.selection.snapshot_id
    try:
        return workspace, names.one(name)
    except UnknownNameError as error:
        raise UsageError(f"snapshot {chosen}: {error}") from error


def _record(workspace: "Workspace", uid: str, kind: DecisionKind, value: str | None, reason: str) -> int:
    from cloudmigrate import settings
    from cloudmigrate.workspace import utc_now

    who = settings.acting_user()
    workspace.ledger.decide(workspace.estate.estate, [Decision(kind, uid, value, reason, who, utc_now())])
    say(f"{kind} of {uid}: {'taken back' if value is None else value}, decided by {who}. {NEXT}")
    return DONE
