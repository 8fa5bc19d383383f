"""The form of a suspended run: what is to be approved, and a signed answer to it. The ledger alone decides what it is worth."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from prefect import get_client, runtime, suspend_flow_run
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.input import RunInput
from prefect.logging import get_run_logger
from pydantic import Field, ValidationError, model_validator

from cloudmigrate.approving import record_answer
from cloudmigrate.domain.approvals import ApprovalAnswer as SignedAnswer
from cloudmigrate.domain.approvals import ApprovalRequest, answer_document, answer_of
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.gates import GateStanding
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.masking import masked_text
from cloudmigrate.printable import one_line
from cloudmigrate.workspace import Workspace, utc_now
from tasks.estate import open_estate_file

FLOW = "migrate-wave"
CHANGES_AT_MOST = 20
CHARACTERS_AT_MOST = 500  # of one of them


class ApprovalAnswer(RunInput):
    """The answer of one person at a gate, signed on their own machine: the form itself proves nothing, and asks for no secret."""

    decision: Annotated[Literal["approve", "reject"], Field(description="What was signed; it must say the same.")]
    approver: Annotated[str, Field(min_length=1, max_length=63, description="Your name in the estate file.")]
    signature: Annotated[
        str,
        Field(
            min_length=1,
            max_length=20_000,
            description="The line that `cloudmigrate approve --print` or `cloudmigrate reject --print` gave.",
        ),
    ]

    @model_validator(mode="after")
    def _says_what_was_signed(self) -> "ApprovalAnswer":
        signed = answer_of(self.signature)  # an ApprovalError is a ValueError: the form tells it
        if (signed.kind.value, signed.approver) != (self.decision, self.approver):
            raise ValueError(
                f"what was signed says {signed.kind.value} by {signed.approver}, and the form {self.decision} by {self.approver}"
            )
        return self

    def signed(self) -> SignedAnswer:
        """The answer as it was signed."""
        return answer_of(self.signature)


def form_for(request: ApprovalRequest, standing: GateStanding, changes: Sequence[str] = ()) -> type[ApprovalAnswer]:
    """The form that shows what is to be approved; no field of it is filled in, so an empty answer resumes nothing."""
    return ApprovalAnswer.with_initial_data(description=described(request, standing, changes))


def described(request: ApprovalRequest, standing: GateStanding, changes: Sequence[str] = ()) -> str:
    """What is to be approved, by whom, and how, as Markdown. *changes*: in the steps, since the wave began."""
    place = f"{request.plan_id} --wave {request.wave} --gate {request.gate.value}"
    lines = [
        f"**Gate {request.gate.value}** of wave {request.wave} of plan `{_plain(request.plan_id)}`, estate `{_plain(request.estate)}`",
        f"Asked by `{_plain(request.requested_by)}`; holds until {request.expires_at:%Y-%m-%d %H:%M} UTC.",
        f"It is `{_plain(standing.sentence())}`.",
        *(f"Changed since the wave began: `{_plain(one)}`" for one in changes[:CHANGES_AT_MOST]),
        *([f"and {counted(len(changes) - CHANGES_AT_MOST, 'more change')}"] if len(changes) > CHANGES_AT_MOST else []),
        f"Plan: `{_grouped(request.plan_hash)}`",
        f"Steps: `{_grouped(request.steps_hash)}`",
        f"Preflight: `{_grouped(request.preflight_hash)}`",
        f"Paste below what this gives on your own machine: `cloudmigrate approve {_plain(place)} --print`",
        "Without `--print` it is recorded at once.",
    ]
    return "\n\n".join(lines)


def take_answer(estate: Estate, ledger: Ledger, form: ApprovalAnswer, now: datetime) -> GateStanding:
    """How the gate stands with the answer of that form. Raises LedgerError for one that proves nothing; then nothing is recorded."""
    return record_answer(estate, ledger, form.signed(), now)


def may_suspend() -> bool:
    """Whether this run is one of a deployment: only such a run can be suspended, its process ended, and started again by an answer."""
    return runtime.deployment.id is not None


def plan_begun_with(workspace: Workspace) -> str | None:
    """The plan that this very run was about before it was suspended; None where it begins."""
    found = workspace.ledger.mark(_run_mark())
    return None if found is None else str(found.value)


def remember_plan(workspace: Workspace, plan_id: str, run_id: str) -> None:
    """Note which plan this run is about: started anew after a gate, it must not take a newer one."""
    if may_suspend():
        workspace.ledger.set_mark(_run_mark(), plan_id, run_id)


def _run_mark() -> str:
    return f"{FLOW}|{runtime.flow_run.id}"


def answered_at_gate(estate: str, workspace: Workspace, asked: tuple[ApprovalRequest, GateStanding], changes: Sequence[str] = ()) -> None:
    """Suspend this run until its form is answered; the answer is recorded if it proves something, else the form is shown again.

    When the run starts anew it comes here again by the same way, finds the answer, and goes on.
    """
    request, standing = asked
    tries = 0
    while True:
        left = int((request.expires_at - utc_now()).total_seconds())
        # One key for each form: the same request may need several people's answers.
        key = f"{_key_of(request)}{len(standing.approved_by)}-{tries}"
        try:
            form = suspend_flow_run(wait_for_input=form_for(request, standing, changes), timeout=max(60, left), key=key)
            take_answer(open_estate_file(estate), workspace.ledger, form, utc_now())
        except (LedgerError, ValidationError) as error:
            get_run_logger().error(masked_text(f"the answer is worth nothing, so the gate stays shut: {error}"))
            tries += 1
        else:
            return


def resume_suspended(request: ApprovalRequest, signed: SignedAnswer) -> list[str]:
    """The names of the runs that were suspended for this request, and go on now. Raises PrefectException, httpx.HTTPError."""
    found = []
    with get_client(sync_client=True) as client:
        waiting = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[FLOW])),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))),
        )
        for run in waiting:
            key = run.state.state_details.pause_key if run.state else None
            if key and key.startswith(_key_of(request)):
                form = {"decision": signed.kind.value, "approver": signed.approver, "signature": json.dumps(answer_document(signed))}
                client.resume_flow_run(run.id, run_input=form)
                found.append(run.name)
    return found


def _key_of(request: ApprovalRequest) -> str:
    """What the key of a suspension for that request begins with."""
    return f"{request.request_id[:24]}-"


def _grouped(digest: str) -> str:
    """A hash in pieces that a narrow form can break between, and people can compare."""
    return " ".join(digest[at : at + 16] for at in range(0, len(digest), 16))


def _plain(text: str) -> str:
    """*text* as code in Markdown can hold it: one line, as it reads, without its own end of code."""
    told = one_line(masked_text(text), instead=" ").replace("`", "'")
    return told if len(told) <= CHARACTERS_AT_MOST else f"{told[:CHARACTERS_AT_MOST]}..."
