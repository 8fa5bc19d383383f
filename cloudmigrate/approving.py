"""Approvals over an estate and its ledger: asking, answering, and whether a gate is open. Whoever runs a wave calls these."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from cloudmigrate.domain.approvals import ApprovalAnswer, ApprovalRequest, Signer, answer_fault, asked
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.gates import GateStanding, gate_state
from cloudmigrate.domain.roles import AnswerKind
from cloudmigrate.domain.steps import Gate
from cloudmigrate.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What would be run, exactly: an approval binds all of it."""

    plan_id: str
    plan_hash: str
    wave: int
    steps_hash: str
    preflight_hash: str


def request_approval(
    estate: Estate, ledger: Ledger, what: Undertaking, gate: Gate, *, requested_by: str, now: datetime, sign: Signer | None = None
) -> ApprovalRequest:
    """The request that decides about this gate: the one that waits or was approved for exactly this, else a new one, recorded.

    Safe to call again: a run that starts anew asks nobody twice. After a rejection, or where something changed, it asks anew.
    Raises LedgerError, ApprovalError.
    """
    standing = gate_of(estate, ledger, what, gate, now)
    if standing.request is not None and standing.state.can_be_answered:
        return standing.request
    expires_at = now + timedelta(hours=estate.approvals.rule(gate).expires_hours)
    said = ApprovalRequest(
        estate=estate.estate, gate=gate, requested_by=requested_by, requested_at=now, expires_at=expires_at, **asdict(what)
    )
    request = asked(said, sign)
    ledger.ask_approval(request)
    return request


def gate_of(estate: Estate, ledger: Ledger, what: Undertaking, gate: Gate, now: datetime) -> GateStanding:
    """How the gate stands for exactly this plan, these steps and this preflight, by the ledger and the people of the estate file alone."""
    record = ledger.approvals(estate.estate, what.plan_id, what.wave)
    return gate_state(
        record.requests,
        record.answers,
        estate.approvals,
        estate.people,
        now,
        gate=gate,
        plan_hash=what.plan_hash,
        steps_hash=what.steps_hash,
        preflight_hash=what.preflight_hash,
        broken=record.broken,
        doubted=record.doubted,
    )


def was_approved(estate: Estate, ledger: Ledger, what: Undertaking, gate: Gate) -> bool:
    """Whether somebody's proven approval of exactly this was ever given, by a key of then or of now: what was begun was begun by it."""
    record = ledger.approvals(estate.estate, what.plan_id, what.wave)
    known = {
        one.request_id: one
        for one in record.requests
        if one.gate is gate and all(getattr(one, name) == value for name, value in asdict(what).items())
    }
    given = [one for one in record.answers if one.request_id in known and one.kind is AnswerKind.APPROVE and one not in record.broken]
    return any(not answer_fault(known[one.request_id], one, estate.people, also_former=True) for one in given)


def standing_of(estate: Estate, ledger: Ledger, request: ApprovalRequest, now: datetime) -> GateStanding:
    """How the gate stands if what the request binds is still what would be run, but for the plan: its hash is the published one."""
    plan = ledger.plan(request.plan_id)
    plan_hash = plan.content_hash if plan else ""
    what = Undertaking(request.plan_id, plan_hash, request.wave, request.steps_hash, request.preflight_hash)
    return gate_of(estate, ledger, what, request.gate, now)


def record_answer(estate: Estate, ledger: Ledger, answer: ApprovalAnswer, now: datetime) -> GateStanding:
    """How the gate stands with this answer, which is now in the ledger. Raises LedgerError for one that proves nothing."""
    ledger.answer_approval(answer, estate.people)
    record = ledger.approvals(estate.estate)
    request = next(one for one in record.requests if one.request_id == answer.request_id)
    return standing_of(estate, ledger, request, now)
