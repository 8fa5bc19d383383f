"""Approvals over an estate and its ledger: asking, answering, and whether a gate is open. Whoever runs a wave calls these."""

from datetime import datetime, timedelta

from cloudmigrate.domain.approvals import ApprovalAnswer, ApprovalRequest, Signer, asked
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.gates import GateStanding, gate_state
from cloudmigrate.domain.steps import Gate
from cloudmigrate.ledger.ledger import Ledger


def request_approval(
    estate: Estate,
    ledger: Ledger,
    *,
    plan_id: str,
    plan_hash: str,
    wave: int,
    gate: Gate,
    steps_hash: str,
    preflight_hash: str,
    requested_by: str,
    now: datetime,
    sign: Signer | None = None,
) -> ApprovalRequest:
    """The request that decides about this gate: the one that waits or was approved for exactly this, else a new one, recorded.

    Safe to call again: a run that starts anew asks nobody twice. After a rejection, or where something changed, it asks anew.
    Raises LedgerError, ApprovalError.
    """
    standing = gate_of(
        estate,
        ledger,
        plan_id=plan_id,
        plan_hash=plan_hash,
        wave=wave,
        gate=gate,
        steps_hash=steps_hash,
        preflight_hash=preflight_hash,
        now=now,
    )
    if standing.request is not None and standing.state.can_be_answered:
        return standing.request
    expires_at = now + timedelta(hours=estate.approvals.rule(gate).expires_hours)
    request = asked(
        ApprovalRequest(
            estate=estate.estate,
            plan_id=plan_id,
            plan_hash=plan_hash,
            wave=wave,
            gate=gate,
            steps_hash=steps_hash,
            preflight_hash=preflight_hash,
            requested_by=requested_by,
            requested_at=now,
            expires_at=expires_at,
        ),
        sign,
    )
    ledger.ask_approval(request)
    return request


def gate_of(
    estate: Estate,
    ledger: Ledger,
    *,
    plan_id: str,
    plan_hash: str,
    wave: int,
    gate: Gate,
    steps_hash: str,
    preflight_hash: str,
    now: datetime,
) -> GateStanding:
    """How the gate stands for exactly this plan, these steps and this preflight, by the ledger and the people of the estate file alone."""
    record = ledger.approvals(estate.estate, plan_id, wave)
    return gate_state(
        record.requests,
        record.answers,
        estate.approvals,
        estate.people,
        now,
        gate=gate,
        plan_hash=plan_hash,
        steps_hash=steps_hash,
        preflight_hash=preflight_hash,
        broken=record.broken,
        doubted=record.doubted,
    )


def standing_of(estate: Estate, ledger: Ledger, request: ApprovalRequest, now: datetime) -> GateStanding:
    """How the gate stands if what the request binds is still what would be run, but for the plan: its hash is the published one."""
    plan = ledger.plan(request.plan_id)
    return gate_of(
        estate,
        ledger,
        plan_id=request.plan_id,
        plan_hash=plan.content_hash if plan else "",
        wave=request.wave,
        gate=request.gate,
        steps_hash=request.steps_hash,
        preflight_hash=request.preflight_hash,
        now=now,
    )


def record_answer(estate: Estate, ledger: Ledger, answer: ApprovalAnswer, now: datetime) -> GateStanding:
    """How the gate stands with this answer, which is now in the ledger. Raises LedgerError for one that proves nothing."""
    ledger.answer_approval(answer, estate.people)
    record = ledger.approvals(estate.estate)
    request = next(one for one in record.requests if one.request_id == answer.request_id)
    return standing_of(estate, ledger, request, now)
