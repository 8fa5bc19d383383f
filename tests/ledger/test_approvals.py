"""Approvals in the ledger: added with their audit events, and whoever edits the database is found and named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine

from cloudmigrate.approving import Undertaking, gate_of, record_answer, request_approval, standing_of
from cloudmigrate.domain.approvals import ApprovalRequest, Signer
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.gates import GateStanding, GateState
from cloudmigrate.domain.people import ApprovalPolicy, GateRule
from cloudmigrate.domain.roles import AnswerKind
from cloudmigrate.domain.steps import Gate
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger.approvals import signed_heads
from cloudmigrate.ledger.ledger import Ledger
from tests.signers import PLAN, PREFLIGHT, STEPS, T0, answer, person, request, signer

PEOPLE = (person("ana"), person("ben"), person("carol"))
ESTATE = Estate(estate="acme", accounts=(Account(id="111111111111", regions=("eu-central-1",)),), people=PEOPLE)
TWO = ESTATE.model_copy(update={"approvals": ApprovalPolicy(cutover=GateRule(quorum=2))})
NOW = T0 + timedelta(hours=1)
Tamper = Callable[..., None]


@pytest.fixture
def tamper(ledger_url: str, ledger: Ledger) -> Tamper:
    """Run SQL as an administrator of the database would: triggers and constraints are no hindrance."""
    engine = create_engine(ledger_url)

    def run(*statements: str) -> None:
        with engine.begin() as connection:
            for table in ("approval_requests", "approval_answers", "audit_events"):
                if engine.dialect.name == "sqlite":
                    for act in ("update", "delete"):
                        connection.exec_driver_sql(f"drop trigger if exists {table}_keep_{act}")
                    connection.exec_driver_sql("pragma ignore_check_constraints = on")
                else:
                    connection.exec_driver_sql(f"drop trigger if exists {table}_keep on {table}")
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    return run


WHAT = Undertaking("plan-1", PLAN, 1, STEPS, PREFLIGHT)


def ask(
    ledger: Ledger, estate: Estate = ESTATE, *, gate: Gate = Gate.CUTOVER, sign: Signer | None = None, **changes: Any
) -> ApprovalRequest:
    told = {name: changes.pop(name, usual) for name, usual in {"requested_by": "olga", "now": T0}.items()}
    return request_approval(estate, ledger, replace(WHAT, **changes), gate, sign=sign, **told)  # type: ignore[arg-type]


def stands(ledger: Ledger, estate: Estate = ESTATE, *, gate: Gate = Gate.CUTOVER, now: datetime = NOW, **changes: Any) -> GateStanding:
    return gate_of(estate, ledger, replace(WHAT, **changes), gate, now)


def say(ledger: Ledger, asked: ApprovalRequest, name: str, kind: AnswerKind = AnswerKind.APPROVE, **changes: object) -> None:
    head = ledger.audit_head()
    said = {"head_seq": head.seq, "head_hash": head.hash} | changes
    ledger.answer_approval(answer(asked, name, kind, **said), PEOPLE)  # type: ignore[arg-type]


def problems(ledger: Ledger) -> list[str]:
    signed = signed_heads(ledger.approvals("acme"), PEOPLE)
    return [*map(str, ledger.verify_audit(None, signed)), *ledger.verify_approvals("acme", PEOPLE)]


def test_a_gate_is_asked_for_answered_and_open(ledger: Ledger) -> None:
    asked = ask(ledger)
    assert stands(ledger).state is GateState.WAITING
    head = ledger.audit_head()
    standing = record_answer(ESTATE, ledger, answer(asked, "ana", head_seq=head.seq, head_hash=head.hash), NOW)
    assert standing.changed == ("plan_hash differs: aaaaaaaaaaaa was asked for, and it is  now",), "no such plan is published"
    assert standing_of(ESTATE, ledger, asked, NOW) == standing
    assert (stands(ledger).state, stands(ledger).approved_by) == (GateState.OPEN, ("ana",))
    record = ledger.approvals("acme")
    assert record.requests == (asked,)
    assert [(one.approver, one.head_seq) for one in record.answers] == [("ana", 1)]
    assert [(event.actor, event.action, event.subject) for event in ledger.audit_events()] == [
        ("olga", "approval.requested", "plan-1/1/cutover"),
        ("ana", "approval.approved", "plan-1/1/cutover"),
    ]
    assert problems(ledger) == []
    assert ledger.approvals("other").requests == ledger.approvals("acme", "plan-1", 2).requests == ()


def test_a_run_that_starts_again_asks_nobody_twice(ledger: Ledger) -> None:
    asked = ask(ledger)
    assert ask(ledger, now=NOW) == asked
    say(ledger, asked, "ana")
    assert ask(ledger, now=NOW) == asked, "open as it is"
    assert ask(ledger, now=NOW, steps_hash="d" * 64) != asked
    say(ledger, asked, "ben", AnswerKind.REJECT)
    assert ask(ledger, now=NOW) != asked, "after a rejection it is asked anew"


def test_said_twice_an_answer_is_one(ledger: Ledger) -> None:
    asked, head = ask(ledger), ledger.audit_head()
    given = answer(asked, "ana", head_seq=head.seq, head_hash=head.hash)
    ledger.answer_approval(given, PEOPLE)
    ledger.answer_approval(given, PEOPLE)
    ledger.ask_approval(asked)
    assert ledger.approvals("acme").answers == (given,)
    assert ledger.audit_head().seq == 2


def test_a_request_signed_by_who_asks_is_kept(ledger: Ledger) -> None:
    asked = ask(ledger, requested_by="carol", sign=signer("carol"))
    assert ledger.approvals("acme").requests == (asked,)
    assert problems(ledger) == []


def test_what_proves_nothing_is_refused_and_leaves_nothing(ledger: Ledger) -> None:
    asked = ask(ledger)
    head = ledger.audit_head()
    for told, given in [
        ("mallory is not among the people", answer(asked, "mallory")),
        ("signature is not by the key of ana", answer(asked, "ana", key="mallory")),
        ("it was given when the request had expired", answer(asked, "ana", answered_at=asked.expires_at)),
        ("the signed audit head 7 is not in the chain", answer(asked, "ana", head_seq=7, head_hash="d" * 64)),
        ("the signed audit head 1 is not in the chain", answer(asked, "ana", head_seq=1, head_hash="d" * 64)),
        ("looks like a secret", answer(asked, "ana", reason="password=hunter2")),
        ("there is no request", replace(answer(asked, "ana"), request_id="e" * 64)),
    ]:
        with pytest.raises(LedgerError, match=f"{told}.*Next: "):
            ledger.answer_approval(given, PEOPLE)
    with pytest.raises(LedgerError, match="does not match its own id"):
        ledger.ask_approval(replace(request(), wave=2))
    assert ledger.approvals("acme").answers == ()
    assert ledger.audit_head() == head


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(
            "update approval_answers set reason = 'other'",
            "answer of ana (approve) to plan-1/1/cutover ({id}): its signature is not by the key of ana",
            id="reason",
        ),
        pytest.param(
            "update approval_answers set approver = 'ben'",
            "answer of ben (approve) to plan-1/1/cutover ({id}): its signature is not by the key of ben",
            id="approver",
        ),
        pytest.param(
            "update approval_answers set head_seq = 0",
            "answer of ana (approve) to plan-1/1/cutover ({id}): its signature is not by the key of ana",
            id="head",
        ),
        pytest.param(
            "update approval_requests set steps_hash = '" + "d" * 64 + "'",
            "request plan-1/1/cutover ({id}) of olga: what it says was changed: it no longer matches its own id",
            id="steps-of-the-request",
        ),
        pytest.param(
            "update approval_requests set requested_by = 'zoe'",
            "request plan-1/1/cutover ({id}) of zoe: what it says was changed: it no longer matches its own id",
            id="requester",
        ),
        pytest.param(
            "delete from approval_answers",
            "answer of ana to plan-1/1/cutover, of which audit event 2 tells: it was removed or changed",
            id="removed-answer",
        ),
        pytest.param(
            "update audit_events set detail = replace(detail, 'acme', 'acmf') where seq = 2",
            "audit event 2: does not match its hash; it was changed",
            id="byte-of-the-chain",
        ),
    ],
)
def test_an_administrators_edit_closes_the_gate_and_is_named(ledger: Ledger, tamper: Tamper, statement: str, expected: str) -> None:
    asked = ask(ledger)
    say(ledger, asked, "ana")
    assert stands(ledger).state is GateState.OPEN
    tamper(statement)
    assert stands(ledger).state is not GateState.OPEN
    assert problems(ledger)[0].startswith(expected.format(id=asked.request_id[:12]))


def test_a_removed_request_is_found(ledger: Ledger, tamper: Tamper) -> None:
    ask(ledger)
    tamper("delete from approval_requests")
    assert problems(ledger) == ["request for plan-1/1/cutover, of which audit event 1 tells: it was removed or changed"]


def test_an_approval_cannot_be_put_in_by_hand(ledger: Ledger, tamper: Tamper) -> None:
    """Not even a true signature of another request, nor one by a key that the estate file does not have."""
    asked, other = ask(ledger, TWO), ask(ledger, wave=2)
    say(ledger, asked, "ana")
    say(ledger, other, "ben")
    columns = "decision, approver, reason, answered_at, head_seq, head_hash, signature"
    tamper(
        f"insert into approval_answers (request_id, {columns}) select '{asked.request_id}', {columns} "
        "from approval_answers where approver = 'ben'"
    )
    found = stands(ledger, TWO)
    assert (found.state, found.missing) == (GateState.WAITING, 1)
    assert [one.answer.approver for one in found.disregarded] == ["ben"]
    assert len(problems(ledger)) == 1


def test_a_true_answer_that_the_chain_does_not_tell_of_does_not_count(ledger: Ledger, tamper: Tamper) -> None:
    """A signature that was made, and handed over outside of the ledger, has to come in through it."""
    asked = ask(ledger)
    head = ledger.audit_head()
    given = answer(asked, "ana", head_seq=head.seq, head_hash=head.hash)
    tamper(
        "insert into approval_answers (request_id, decision, approver, reason, answered_at, head_seq, head_hash, signature) values "
        f"('{given.request_id}', 'approve', 'ana', '', '2026-11-22T20:35:00.000000Z', {head.seq}, '{head.hash}', '{given.signature}')"
    )
    assert [one.why for one in stands(ledger).disregarded] == ["the audit chain tells of no such answer"]


@pytest.mark.parametrize(
    "statement", ["delete from approval_answers where decision = 'reject'", "update approval_answers set decision = 'approve'"]
)
def test_a_rejection_that_was_taken_out_still_closes(ledger: Ledger, tamper: Tamper, statement: str) -> None:
    asked = ask(ledger)
    say(ledger, asked, "ana")
    say(ledger, asked, "ben", AnswerKind.REJECT)
    assert stands(ledger).state is GateState.REJECTED
    tamper(statement)
    assert stands(ledger).changed == ("the request: the rejection that audit event 3 tells of was removed or changed",)


def test_a_rewritten_chain_is_told_by_the_heads_that_approvals_signed(ledger: Ledger, tamper: Tamper) -> None:
    """Whoever can compute hashes writes the chain anew without an event; the head that ana signed is no longer in it."""
    ledger.audit("eve", "step.done", "web/launch", {}, T0)
    asked = ask(ledger)
    say(ledger, asked, "ana")
    kept = [one for one in ledger.audit_events() if one.actor != "eve"]
    tamper("delete from audit_events")
    for one in kept:
        ledger.audit(one.actor, one.action, one.subject, one.detail, one.at)
    assert list(ledger.verify_audit()) == [], "the forged chain is consistent"
    assert problems(ledger) == [
        "audit event 2: is not the event whose hash was signed by ana; the chain was written anew",
        (
            f"answer of ana (approve) to plan-1/1/cutover ({asked.request_id[:12]}): "
            "the audit head that it signed (2) is no longer in the chain"
        ),
    ]
    assert stands(ledger).state is GateState.WAITING


def test_a_cut_chain_is_told_by_the_heads_that_approvals_signed(ledger: Ledger, tamper: Tamper) -> None:
    asked = ask(ledger)
    ledger.audit("eve", "step.done", "web/launch", {}, T0)
    say(ledger, asked, "ana")
    tamper("delete from audit_events where seq >= 2")
    assert problems(ledger)[0] == "audit event 2: is missing, whose hash was signed by ana; the chain ends at event 1"


def test_a_row_that_cannot_be_read_is_told(ledger: Ledger, tamper: Tamper, ledger_url: str) -> None:
    ask(ledger)
    if ledger_url.startswith("postgresql"):
        return  # its constraints are part of the table; the next revision of an administrator's would be another table
    tamper("update approval_requests set gate = 'any'")
    with pytest.raises(LedgerError, match=r"row 1 of approval_requests cannot be read \('any' is not a valid Gate\): it was changed"):
        ledger.approvals("acme")
