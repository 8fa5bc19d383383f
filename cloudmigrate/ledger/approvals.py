"""Approvals as they are kept: added and never changed, held against the audit chain when read. Functions take an open transaction."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from cloudmigrate.domain.approvals import (
    ApprovalAnswer,
    ApprovalError,
    ApprovalRequest,
    answer_fault,
    answer_hash,
    check_answer,
    check_request,
    request_fault,
    request_id_of,
)
from cloudmigrate.domain.people import Person
from cloudmigrate.domain.roles import AnswerKind
from cloudmigrate.domain.steps import Gate
from cloudmigrate.ledger import audit
from cloudmigrate.ledger.engine import AUDIT_LOCK, lock
from cloudmigrate.ledger.records import ApprovalRecord, AuditHead, NotedHead
from cloudmigrate.ledger.snapshots import RefusedError
from cloudmigrate.ledger.tables import approval_answers, approval_requests, audit_events
from cloudmigrate.masking import masked, masked_text

REQUESTED = "approval.requested"
ANSWERED = {AnswerKind.APPROVE: "approval.approved", AnswerKind.REJECT: "approval.rejected"}
_ASK_AGAIN = "compare with a backup of the ledger; ask who could write to its database; then ask for approval again."


def ask(connection: Connection, request: ApprovalRequest) -> None:
    """Add the request and its audit event; asked again (a retry) it changes nothing. Raises RefusedError."""
    lock(connection, AUDIT_LOCK)
    try:
        check_request(request)
    except ApprovalError as error:
        raise RefusedError(f"this request for approval cannot be kept: {error}", "mend it and ask again.") from None
    if request.request_id != request_id_of(request):  # whose key signed it is judged when it is read, by the people of that moment
        raise RefusedError("this request for approval does not match its own id", "make it with `asked`.")
    if _get_request(connection, request.request_id) is not None:
        return
    kept = {name: getattr(request, name) for name in _REQUEST_COLUMNS} | {"gate": request.gate.value}
    connection.execute(insert(approval_requests).values(**kept))
    detail = {name: getattr(request, name) for name in ("request_id", "estate", "plan_hash", "steps_hash", "preflight_hash")}
    detail |= {"expires_at": request.expires_at.isoformat(), "is_signed": bool(request.signature)}
    audit.append(
        connection, request.requested_at, actor=request.requested_by, action=REQUESTED, subject=_subject(request), detail=masked(detail)
    )


def answer(connection: Connection, given: ApprovalAnswer, people: Sequence[Person]) -> None:
    """Add a signed answer and its audit event; given again it changes nothing. Raises RefusedError for one that proves nothing."""
    lock(connection, AUDIT_LOCK)
    request = _get_request(connection, given.request_id)
    if request is None:
        raise RefusedError(f"there is no request {given.request_id[:12]} to answer", "list what waits with `cloudmigrate approvals`.")
    try:
        check_answer(given)
    except ApprovalError as error:
        raise RefusedError(f"this answer cannot be kept: {error}", "answer anew.") from None
    fault = answer_fault(request, given, people)
    if fault:
        raise RefusedError(
            f"the answer of {given.approver} is not taken: {fault}", "sign with the key that belongs to the one in the estate file."
        )
    if masked_text(given.reason) != given.reason:
        raise RefusedError("the reason holds what looks like a secret, and would be kept for ever", "leave the secret out.")
    if not _is_in_chain(connection, AuditHead(given.head_seq, given.head_hash)):
        raise RefusedError(
            f"the signed audit head {given.head_seq} is not in the chain", "answer anew; if it is refused again, verify the chain."
        )
    of_request = select(approval_answers.c.signature).where(approval_answers.c.request_id == given.request_id)
    if given.signature in connection.execute(of_request).scalars():
        return
    kept = {name: getattr(given, name) for name in _ANSWER_COLUMNS} | {"decision": given.kind.value}
    connection.execute(insert(approval_answers).values(**kept))
    detail = {"estate": request.estate, "request_id": given.request_id, "reason": given.reason, "answer_hash": answer_hash(request, given)}
    detail |= {"head": f"{given.head_seq}:{given.head_hash}"}
    action = ANSWERED[given.kind]
    audit.append(connection, given.answered_at, actor=given.approver, action=action, subject=_subject(request), detail=masked(detail))


def read(connection: Connection, estate: str, plan_id: str | None = None, wave: int | None = None) -> ApprovalRecord:
    """The requests and answers of a wave, a plan or the estate, oldest first, with what the audit chain has against them.

    Raises RefusedError for a row that cannot be read.
    """
    query = select(approval_requests).where(approval_requests.c.estate == estate).order_by(approval_requests.c.seq)
    if plan_id is not None:
        query = query.where(approval_requests.c.plan_id == plan_id)
    if wave is not None:
        query = query.where(approval_requests.c.wave == wave)
    requests = tuple(_request(row) for row in connection.execute(query))
    known = {one.request_id: one for one in requests}
    of_these = approval_answers.c.request_id.in_(query.with_only_columns(approval_requests.c.request_id).order_by(None))
    rows = connection.execute(select(approval_answers).where(of_these).order_by(approval_answers.c.seq))
    answers = tuple(_answer(row) for row in rows)
    kept = {answer_hash(known[one.request_id], one): one for one in answers}
    in_chain = {event["answer_hash"]: event for event in _answer_events(connection, estate)}
    broken = {one: "the audit chain tells of no such answer" for digest, one in kept.items() if digest not in in_chain}
    for one in answers:
        if not _is_in_chain(connection, AuditHead(one.head_seq, one.head_hash)):
            broken[one] = f"the audit head that it signed ({one.head_seq}) is no longer in the chain"
    doubted = {
        event["request_id"]: f"the rejection that audit event {event['seq']} tells of was removed or changed"
        for digest, event in in_chain.items()
        if digest not in kept and event["action"] == ANSWERED[AnswerKind.REJECT]
    }
    return ApprovalRecord(requests, answers, broken, doubted)


def signed_heads(record: ApprovalRecord, people: Sequence[Person]) -> tuple[NotedHead, ...]:
    """The heads of the audit chain that proven answers signed: each must still be in the chain."""
    known = {one.request_id: one for one in record.requests}
    return tuple(
        NotedHead(AuditHead(one.head_seq, one.head_hash), f"signed by {one.approver}")
        for one in record.answers
        if not answer_fault(known.get(one.request_id), one, people, also_former=True)
    )


def problems(connection: Connection, estate: str, record: ApprovalRecord, people: Sequence[Person]) -> Iterator[str]:
    """Every request and answer that is not what it was, or that is in the tables and not in the chain, or the other way round."""
    known = {one.request_id: one for one in record.requests}
    for request in record.requests:
        fault = request_fault(request, people, also_former=True)
        if fault:
            yield f"request {_name(request)} of {request.requested_by}: {fault}"
    for one in record.answers:
        asked_for = known.get(one.request_id)
        fault = answer_fault(asked_for, one, people, also_former=True) or record.broken.get(one)
        if fault:
            yield f"answer of {one.approver} ({one.kind.value}) to {_name(asked_for) if asked_for else one.request_id[:12]}: {fault}"
    kept = {answer_hash(known[one.request_id], one) for one in record.answers}
    for event in _answer_events(connection, estate):
        if event["answer_hash"] not in kept:
            yield f"answer of {event['actor']} to {event['subject']}, of which audit event {event['seq']} tells: it was removed or changed"
    asked_in_chain = {event["request_id"]: event for event in _events(connection, estate, (REQUESTED,))}
    for request_id, event in asked_in_chain.items():
        if request_id not in known:
            yield f"request for {event['subject']}, of which audit event {event['seq']} tells: it was removed or changed"
    for request in record.requests:
        if request.request_id not in asked_in_chain:
            yield f"request {_name(request)} of {request.requested_by}: the audit chain tells of no such request"


def _name(request: ApprovalRequest) -> str:
    return f"{_subject(request)} ({request.request_id[:12]})"


def _subject(request: ApprovalRequest) -> str:
    return f"{request.plan_id}/{request.wave}/{request.gate.value}"


def _answer_events(connection: Connection, estate: str) -> Iterator[dict[str, Any]]:
    return _events(connection, estate, tuple(ANSWERED.values()))


def _events(connection: Connection, estate: str, actions: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the audit chain tells of these actions: the details, with number, actor and subject."""
    query = select(audit_events).where(audit_events.c.action.in_(actions)).order_by(audit_events.c.seq)
    for row in connection.execute(query):
        if isinstance(row.detail, dict) and row.detail.get("estate") == estate:
            told = {"answer_hash": "", "request_id": ""} | row.detail
            yield told | {"seq": row.seq, "actor": row.actor, "action": row.action, "subject": row.subject}


def _is_in_chain(connection: Connection, head: AuditHead) -> bool:
    if head.seq == 0:
        return head.hash == audit.GENESIS
    found = connection.execute(select(audit_events.c.hash).where(audit_events.c.seq == head.seq)).scalar_one_or_none()
    return found == head.hash


_REQUEST_COLUMNS = tuple(column.name for column in approval_requests.c if column.name not in ("seq", "gate"))
_ANSWER_COLUMNS = tuple(column.name for column in approval_answers.c if column.name not in ("seq", "decision"))


def _get_request(connection: Connection, request_id: str) -> ApprovalRequest | None:
    row = connection.execute(select(approval_requests).where(approval_requests.c.request_id == request_id)).one_or_none()
    return None if row is None else _request(row)


def _request(row: Row[Any]) -> ApprovalRequest:
    try:
        return ApprovalRequest(**{name: getattr(row, name) for name in _REQUEST_COLUMNS}, gate=Gate(row.gate))
    except ValueError as error:
        raise RefusedError(f"row {row.seq} of approval_requests cannot be read ({error}): it was changed", _ASK_AGAIN) from None


def _answer(row: Row[Any]) -> ApprovalAnswer:
    try:
        return ApprovalAnswer(**{name: getattr(row, name) for name in _ANSWER_COLUMNS}, kind=AnswerKind(row.decision))
    except ValueError as error:
        raise RefusedError(f"row {row.seq} of approval_answers cannot be read ({error}): it was changed", _ASK_AGAIN) from None
