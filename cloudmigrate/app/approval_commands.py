"""`cloudmigrate approve`, `reject`, `approvals`: answer at a gate with your own key, and see what waits for whom."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, EstateOption, FormatOption, WaveOption
from cloudmigrate.app.output import Format, print_rows, say
from cloudmigrate.domain.roles import AnswerKind
from cloudmigrate.domain.steps import Gate
from cloudmigrate.errors import UsageError

if TYPE_CHECKING:
    from cloudmigrate.domain.approvals import ApprovalAnswer, ApprovalRequest
    from cloudmigrate.domain.gates import GateStanding
    from cloudmigrate.workspace import Workspace

COLUMNS = ("plan_id", "wave", "gate", "state", "standing", "requested_by", "expires_at", "answers")

PlanArgument = Annotated[str, Parameter(name="plan", help="The plan's id.")]
GateOption = Annotated[Gate, Parameter(help="Which gate of it; for a step by hand see `cloudmigrate confirm`.")]
AsOption = Annotated[
    str | None, Parameter(name="--as", help="Your name in the estate file; CLOUDMIGRATE_USER or the login name by default.")
]
PrintOption = Annotated[
    bool, Parameter(name="--print", help="Print the signed answer, for the form in the Prefect UI, and record nothing.", negative="")
]


def register(app: App) -> None:
    """Put the commands into *app*."""
    app.command(approve)
    app.command(reject)
    app.command(approvals)


def approve(
    plan: PlanArgument,
    *,
    wave: WaveOption,
    gate: GateOption,
    reason: Annotated[str, Parameter(help="Why, or a ticket's number; signed with it.")] = "",
    name: AsOption = None,
    only_print: PrintOption = False,
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Sign, with your private key, that a wave may pass a gate with exactly what was asked for."""
    return _answer(estate, (plan, wave, gate), AnswerKind.APPROVE, reason, name, only_print=only_print)


def reject(
    plan: PlanArgument,
    *,
    wave: WaveOption,
    gate: GateOption,
    reason: Annotated[str, Parameter(help="Why not; signed with it.")],
    name: AsOption = None,
    only_print: PrintOption = False,
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Sign that a wave must not pass a gate with what was asked for. It stays so until somebody asks anew."""
    return _answer(estate, (plan, wave, gate), AnswerKind.REJECT, reason, name, only_print=only_print)


def approvals(
    plan: Annotated[str | None, Parameter(name="plan", help="Only of this plan.")] = None,
    *,
    waiting: Annotated[bool, Parameter(help="Only what waits for people.", negative="")] = False,
    estate: EstateOption = DEFAULT_ESTATE,
    form: FormatOption = Format.TABLE,
) -> int:
    """List what waits for whom, and what was answered."""
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.domain.gates import GateState

    workspace = open_workspace(estate)
    record = workspace.ledger.approvals(workspace.estate.estate, plan)
    newest = {one.place: one for one in record.requests}
    found = [(one, _standing(workspace, one)) for one in newest.values()]
    rows = [_row(one, standing, record.answers) for one, standing in found if not waiting or standing.state is GateState.WAITING]
    print_rows(COLUMNS, rows, form)
    if not rows:
        say("nothing waits for an approval." if waiting else "nothing was asked for yet.")
    return DONE


def _answer(estate: Path, place: tuple[str, int, Gate], kind: AnswerKind, reason: str, name: str | None, *, only_print: bool) -> int:
    from cloudmigrate import settings
    from cloudmigrate.app.private_keys import open_key
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.approving import record_answer
    from cloudmigrate.domain.approvals import ApprovalAnswer, ApprovalError, answer_document, answered
    from cloudmigrate.workspace import utc_now
    from tasks.wave_preparing import changes_asked

    workspace = open_workspace(estate)
    request = _asked_for(workspace, place)
    who = _person(workspace, request, kind, name or settings.acting_user())
    key = open_key(settings.keys_folder(), who)
    head = workspace.ledger.audit_head()
    _show(request, kind)
    for one in changes_asked(workspace, request):
        say(f"  changed since the wave began: {one}")
    said = ApprovalAnswer(request.request_id, kind, who, reason, utc_now(), head.seq, head.hash)
    try:
        signed = answered(request, said, key.sign)
    except ApprovalError as error:
        raise UsageError(f"{kind.value}: {error}. Next: mend it and run again.") from None
    _refuse_other_key(workspace, request, signed)
    if only_print:
        print(json.dumps(answer_document(signed), ensure_ascii=True))
        say("Next: paste this line into the form of the suspended run. Nothing was recorded yet.")
        return DONE
    standing = record_answer(workspace.estate, workspace.ledger, signed, utc_now())
    say(f"recorded, signed by {who}. Gate {request.gate.value} of wave {request.wave} of plan {request.plan_id} is {standing.sentence()}.")
    _resume(request, signed)
    return DONE


def _resume(request: "ApprovalRequest", signed: "ApprovalAnswer") -> None:
    """Let runs go on that are suspended for this answer on the user's own Prefect server; a command that waits goes on by `resume`."""
    from cloudmigrate.app.running import user_has_prefect

    place = f"`cloudmigrate resume {request.plan_id} --wave {request.wave}`"
    told = f"Next: {place} where no run of a deployment waits."
    if signed.kind is AnswerKind.REJECT:
        told = f"Next: nothing goes on; mend what was wrong, then {place} asks anew."
    if not user_has_prefect():
        say(told)
        return
    import httpx
    from prefect.exceptions import PrefectException

    from tasks.approving import resume_suspended

    try:
        runs = resume_suspended(request, signed)
    except (PrefectException, httpx.HTTPError, RuntimeError) as error:
        say(f"the answer stands in the ledger, but Prefect was not told: {error}. Next: resume the run in its UI, or run it again.")
        return
    say(f"goes on: {', '.join(runs)}" if runs else told)


def _asked_for(workspace: "Workspace", place: tuple[str, int, Gate]) -> "ApprovalRequest":
    """The newest request for that gate, if it can still be answered. Raises UsageError."""
    plan_id, wave, gate = place
    if gate is Gate.BY_HAND:
        raise UsageError("a step by hand has no approval: who did it says so. Next: `cloudmigrate confirm PLAN STEP --wave N`.")
    where = f"gate {gate.value} of wave {wave} of plan {plan_id}"
    record = workspace.ledger.approvals(workspace.estate.estate, plan_id, wave)
    asked = [one for one in record.requests if one.gate is gate]
    if not asked:
        raise UsageError(f"nobody has asked for {where} yet. Next: see `cloudmigrate approvals`, or start it with `cloudmigrate migrate`.")
    standing = _standing(workspace, asked[-1])
    if standing.request is None or not standing.state.can_be_answered:
        raise UsageError(f"{where} is {standing.sentence()}. Next: run `cloudmigrate migrate` again, which asks anew.")
    return standing.request


def _person(workspace: "Workspace", request: "ApprovalRequest", kind: AnswerKind, name: str) -> str:
    """The name in the estate file of who answers, if an answer of theirs counts at this gate. Raises UsageError."""
    rule = workspace.estate.approvals.rule(request.gate)
    person = next((one for one in workspace.estate.people if one.name == name), None)
    able = ", ".join(one.name for one in workspace.estate.people if rule.may_answer(one)) or "nobody yet"
    if person is None:
        raise UsageError(f"{name!r} is not among the people of the estate file. Next: say --as NAME; at this gate answer: {able}.")
    if not rule.may_answer(person):
        raise UsageError(f"{name} may not answer at gate {request.gate.value}. Next: ask one of: {able}.")
    if rule.not_requester and kind is AnswerKind.APPROVE and request.requested_by.casefold() == name.casefold():
        raise UsageError(f"{name} asked for it, and may not approve it. Next: ask one of: {able}.")
    return person.name


def _refuse_other_key(workspace: "Workspace", request: "ApprovalRequest", signed: "ApprovalAnswer") -> None:
    from cloudmigrate.domain.approvals import answer_fault

    if answer_fault(request, signed, workspace.estate.people):
        raise UsageError(f"your private key of {signed.approver} is not the one of the estate file. Next: `cloudmigrate people check`.")


def _show(request: "ApprovalRequest", kind: AnswerKind) -> None:
    say(f"to {kind.value}: gate {request.gate.value} of wave {request.wave} of plan {request.plan_id}, estate {request.estate}")
    say(f"  asked by {request.requested_by} at {request.requested_at:%Y-%m-%d %H:%M} UTC")
    say(f"  holds until {request.expires_at:%Y-%m-%d %H:%M} UTC")
    say(f"  plan {request.plan_hash}")
    say(f"  steps {request.steps_hash}")
    say(f"  preflight {request.preflight_hash}")


def _standing(workspace: "Workspace", request: "ApprovalRequest") -> "GateStanding":
    from cloudmigrate.approving import standing_of
    from cloudmigrate.workspace import utc_now

    return standing_of(workspace.estate, workspace.ledger, request, utc_now())


def _row(request: "ApprovalRequest", standing: "GateStanding", answers: "tuple[ApprovalAnswer, ...]") -> Mapping[str, Any]:
    uncounted = {one.answer: one.why for one in standing.disregarded}
    told = [
        f"{one.approver}: {one.kind.value} at {one.answered_at:%Y-%m-%d %H:%M}"
        + (f" ({one.reason})" if one.reason else "")
        + (f", does not count: {uncounted[one]}" if one in uncounted else "")
        for one in answers
        if one.request_id == request.request_id
    ]
    return {
        "plan_id": request.plan_id,
        "wave": request.wave,
        "gate": request.gate.value,
        "state": standing.state.value,
        "standing": standing.sentence(),
        "requested_by": request.requested_by,
        "expires_at": f"{request.expires_at:%Y-%m-%d %H:%M} UTC",
        "answers": "; ".join(told),
    }
