"""The form of a suspended run: it takes a signed answer, and is worth nothing without one."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from pydantic import ValidationError

from cloudmigrate.approving import Undertaking, gate_of, request_approval
from cloudmigrate.domain.approvals import answer_document
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.gates import GateStanding, GateState
from cloudmigrate.domain.steps import Gate
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger.ledger import Ledger
from tasks.approving import ApprovalAnswer, described, form_for, take_answer
from tests.signers import PLAN, PREFLIGHT, STEPS, T0, answer, person, request

ESTATE = Estate(estate="acme", accounts=(Account(id="111111111111", regions=("eu-central-1",)),), people=(person("ana"), person("ben")))
NOW = datetime(2026, 11, 22, 21, tzinfo=UTC)


def test_a_signed_answer_in_the_form_opens_the_gate(tmp_path: Path) -> None:
    what = Undertaking("plan-1", PLAN, 1, STEPS, PREFLIGHT)
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        asked = request_approval(ESTATE, ledger, what, Gate.CUTOVER, requested_by="o`l", now=T0)
        waiting = gate_of(ESTATE, ledger, what, Gate.CUTOVER, NOW)
        form = form_for(asked, waiting)
        assert set(form.model_json_schema()["required"]) == {"decision", "approver", "signature"}, "an empty answer resumes nothing"
        told = str(form._description)
        assert f"Steps: `{' '.join(['b' * 16] * 4)}`" in told
        assert "Asked by `o'l`" in told
        with pytest.raises(LedgerError, match="signature is not by the key of ben"):
            take_answer(ESTATE, ledger, filled(answer(asked, "ben", key="ana")), NOW)
        head = ledger.audit_head()
        take_answer(ESTATE, ledger, filled(answer(asked, "ana", head_seq=head.seq, head_hash=head.hash)), NOW)
        assert gate_of(ESTATE, ledger, what, Gate.CUTOVER, NOW).state is GateState.OPEN


def test_what_changed_stays_code_in_the_form_whatever_it_is_called() -> None:
    hostile = "tags.Note was a\r\r# Approved `by` <script>alert(1)</script>\u2028[x](javascript:1)\x00\u202eevil " + "x" * 9000
    told = described(request(), GateStanding(GateState.WAITING, missing=1), [hostile])
    [line] = [one for one in told.split("\n\n") if "Note" in one]
    assert line.startswith(
        "Changed since the wave began: `tags.Note was a  # Approved 'by' <script>alert(1)</script> [x](javascript:1)  evil xx"
    )
    assert (line.count("`"), line[-1], len(line) < 600) == (2, "`", True), "one span of code"
    assert all(one.isprintable() for one in told.split("\n"))
    assert MarkdownIt("commonmark").render(told).count("<script") == 0


def filled(signed: object, **changes: str) -> ApprovalAnswer:
    document = answer_document(signed)  # type: ignore[arg-type]
    values = {"decision": document["decision"], "approver": document["approver"], "signature": json.dumps(document)}
    return ApprovalAnswer.model_validate(values | changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"decision": "reject"}, "what was signed says approve by ana, and the form reject by ana"),
        ({"approver": "ben"}, "what was signed says approve by ana, and the form approve by ben"),
        ({"signature": "yes"}, "this is no signed answer: it is no JSON"),
        ({"signature": ""}, "at least 1 character"),
    ],
)
def test_a_form_that_does_not_say_what_was_signed_is_refused(changes: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        filled(answer(request(expires_at=T0 + timedelta(hours=1)), "ana"), **changes)
