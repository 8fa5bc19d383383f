"""The form of a suspended run: what is to be approved, and a signed answer to it. The ledger alone decides what it is worth."""

from datetime import datetime
from typing import Annotated, Literal

from prefect.input import RunInput
from pydantic import Field, model_validator

from cloudmigrate.approving import record_answer
from cloudmigrate.domain.approvals import ApprovalAnswer as SignedAnswer
from cloudmigrate.domain.approvals import ApprovalRequest, answer_of
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.gates import GateStanding
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.masking import masked_text


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


def form_for(request: ApprovalRequest, standing: GateStanding) -> type[ApprovalAnswer]:
    """The form that shows what is to be approved; no field of it is filled in, so an empty answer resumes nothing."""
    return ApprovalAnswer.with_initial_data(description=described(request, standing))


def described(request: ApprovalRequest, standing: GateStanding) -> str:
    """What is to be approved, by whom, and how, as Markdown."""
    place = f"{request.plan_id} --wave {request.wave} --gate {request.gate.value}"
    lines = [
        f"**Gate {request.gate.value}** of wave {request.wave} of plan `{_plain(request.plan_id)}`, estate `{_plain(request.estate)}`",
        f"Asked by `{_plain(request.requested_by)}`; holds until {request.expires_at:%Y-%m-%d %H:%M} UTC.",
        f"It is {_plain(standing.sentence())}.",
        f"Plan `{request.plan_hash}`, steps `{request.steps_hash}`, preflight `{request.preflight_hash}`",
        f"On your own machine: `cloudmigrate approve {_plain(place)} --print`, and paste the line here.",
        "Without `--print` it is recorded at once.",
    ]
    return "\n\n".join(lines)


def take_answer(estate: Estate, ledger: Ledger, form: ApprovalAnswer, now: datetime) -> GateStanding:
    """How the gate stands with the answer of that form. Raises LedgerError for one that proves nothing; then nothing is recorded."""
    return record_answer(estate, ledger, form.signed(), now)


def _plain(text: str) -> str:
    """*text* as code in Markdown can hold it."""
    return masked_text(text).replace("`", "'").replace("\n", " ")
