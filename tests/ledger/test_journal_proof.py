"""What is undone is what the audit chain tells of: lines that were changed, added or removed are named, and nothing is called."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.execution.waves import GroupEnd, Limits, roll_back, run_wave
from cloudmigrate.ledger.columns import canonical_json
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import AuditHead, NotedHead
from cloudmigrate.ledger.wave_journal import WaveJournal
from tests.execution.model import Fates, ModelWorld, carrier, chain

PLAN = "plan-1"
OURS, THEIRS = {"instance_id": "i-0aaaaaaaaaaaaaaaa"}, {"instance_id": "i-0bbbbbbbbbbbbbbbb"}


@contextmanager
def unguarded(ledger_url: str, table: str) -> Iterator[Connection]:
    """The database as somebody has it who may do everything there."""
    engine = create_engine(ledger_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for act in ("update", "delete"):
                connection.execute(text(f"drop trigger if exists {table}_keep_{act}"))
        else:
            connection.execute(text(f"drop trigger if exists {table}_keep on {table}"))
        yield connection
    engine.dispose()


def journal_of(ledger: Ledger, *signed: NotedHead) -> WaveJournal:
    return WaveJournal(ledger, ledger.take_wave(PLAN, 1, estate="shop", holder="ann"), signed=lambda: signed)


def launched(ledger: Ledger) -> None:
    journal = journal_of(ledger)
    for name in ("launch", "other"):
        journal.record(Entry(f"web/{name}", StepState.INTENT))
        journal.record(Entry(f"web/{name}", StepState.DONE, OURS))


def set_outputs(connection: Connection, step_id: str, outputs: dict[str, Any]) -> None:
    asked = {"outputs": canonical_json(outputs), "step_id": step_id}
    connection.execute(text("update step_entries set outputs = :outputs where step_id = :step_id and state = 'done'"), asked)


def test_nothing_is_doubted_of_a_journal_that_nobody_changed(ledger: Ledger) -> None:
    launched(ledger)
    ledger.audit("ann", "step.confirmed", "web/other", {"plan_id": PLAN, "wave": 1})  # a person's word is of a step, and no line of it
    journal = journal_of(ledger, NotedHead(ledger.audit_head(), "signed by ann"))
    journal.record(Entry("web/launch", StepState.UNDOING))
    assert [journal.doubt(one) for one in ("web/launch", "web/other", "web/unknown")] == ["", "", ""]


def test_outputs_that_were_changed_are_told_with_those_of_then(ledger: Ledger, ledger_url: str) -> None:
    launched(ledger)
    with unguarded(ledger_url, "step_entries") as connection:
        set_outputs(connection, "web/launch", THEIRS)
    found = ledger.journal_doubts(PLAN, 1, ledger.step_entries(PLAN, 1))
    assert found.keys() == {"web/launch"}
    assert found["web/launch"].told == OURS
    assert f'line 2 of it says done {{"instance_id":"{THEIRS["instance_id"]}"}}, and audit event' in found["web/launch"].why


def test_a_line_that_was_added_and_one_that_was_removed_are_told(ledger: Ledger, ledger_url: str) -> None:
    launched(ledger)
    with unguarded(ledger_url, "step_entries") as connection:
        copied = "plan_id, wave, 'web/forged', state, outputs, error, holder_seq, recorded_at"
        columns = copied.replace("'web/forged'", "step_id")
        connection.execute(
            text(f"insert into step_entries ({columns}) select {copied} from step_entries where step_id = 'web/launch' order by seq")
        )
        connection.execute(text("delete from step_entries where step_id = 'web/other'"))
    found = ledger.journal_doubts(PLAN, 1, ledger.step_entries(PLAN, 1))
    assert {step_id: one.why for step_id, one in found.items()} == {
        "web/forged": "the journal has 2 lines of it, and the audit chain tells of 0",
        "web/other": "the journal has 0 lines of it, and the audit chain tells of 2",
    }


def changed_event(connection: Connection, seq: int, *, with_hash: bool) -> None:
    row = connection.execute(text("select * from audit_events where seq = :seq"), {"seq": seq}).mappings().one()
    detail = json.loads(row["detail"]) | {"outputs": THEIRS}
    detail["outputs_hash"] = hashlib.sha256(canonical_json(THEIRS).encode()).hexdigest()
    digest = hashlib.sha256(b"new").hexdigest() if with_hash else row["hash"]
    asked = {"detail": canonical_json(detail), "hash": digest, "seq": seq}
    connection.execute(text("update audit_events set detail = :detail, hash = :hash where seq = :seq"), asked)


@pytest.mark.parametrize("with_hash", [False, True])
def test_an_event_that_was_changed_with_its_line_proves_nothing(ledger: Ledger, ledger_url: str, with_hash: bool) -> None:
    launched(ledger)
    (seq,) = (one.seq for one in ledger.audit_events() if (one.action, one.subject) == ("step.done", "web/launch"))
    with unguarded(ledger_url, "step_entries") as connection:
        set_outputs(connection, "web/launch", THEIRS)
    with unguarded(ledger_url, "audit_events") as connection:
        changed_event(connection, seq, with_hash=with_hash)
    doubts = ledger.journal_doubts(PLAN, 1, ledger.step_entries(PLAN, 1))
    assert "web/launch" in doubts


def test_a_chain_that_was_written_anew_is_not_the_one_that_people_signed(ledger: Ledger) -> None:
    launched(ledger)
    head = ledger.audit_head()
    journal = journal_of(ledger, NotedHead(AuditHead(head.seq, "f" * 64), "signed by ann"))
    assert f"the audit chain proves nothing of it: audit event {head.seq}: is not the event whose hash was signed by ann" in journal.doubt(
        "web/launch"
    )


def test_what_another_id_was_written_to_is_not_undone_and_all_else_is(ledger: Ledger, ledger_url: str) -> None:
    steps = [*chain("web", "launch", "other"), *chain("db", "copy")]
    fates = Fates()
    world = ModelWorld(fates)
    assert run_wave(steps, carrier(world, journal_of(ledger)), is_open=lambda _: True, limits=Limits()).is_whole
    with unguarded(ledger_url, "step_entries") as connection:
        set_outputs(connection, "web/launch", {"id": "somebody's"})
    fates.calls.clear()
    end = roll_back(steps, carrier(world, journal_of(ledger)))
    assert end.groups == {"web": GroupEnd.STUCK, "db": GroupEnd.ROLLED_BACK}
    assert list(end.undo_failures) == ["web/launch"]
    assert "somebody's" in end.undo_failures["web/launch"]
    assert not [call for call in fates.calls if call.endswith("web/launch")]
    assert world.left() == ["web/launch"]
