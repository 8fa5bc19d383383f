"""The journal of waves: one holder writes, lines follow one another, and both are on the audit chain."""

import pytest

from cloudmigrate.domain.journal import Entry, StepState, standings
from cloudmigrate.domain.steps import Step
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.errors.waves import WaveBusyError
from cloudmigrate.execution.waves import Limits, roll_back, run_wave
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.wave_journal import WaveJournal
from tests.execution.model import ModelWorld, carrier, chain

PLAN = "plan-1"


def journal_of(ledger: Ledger, holder: str = "ann@host:1") -> WaveJournal:
    return WaveJournal(ledger, ledger.take_wave(PLAN, 1, estate="shop", holder=holder))


def test_lines_are_kept_in_order_with_what_was_created(ledger: Ledger) -> None:
    journal = journal_of(ledger)
    journal.record(Entry("web/image", StepState.INTENT))
    journal.record(Entry("web/image", StepState.DONE, {"image_id": "ami-0123456789abcdef0"}))
    assert ledger.step_entries(PLAN, 1) == (
        Entry("web/image", StepState.INTENT),
        Entry("web/image", StepState.DONE, {"image_id": "ami-0123456789abcdef0"}),
    )
    assert ledger.step_entries(PLAN, 2) == ()
    assert ledger.begun_waves("shop") == ((PLAN, 1),)
    assert journal_of(ledger).standings() == journal.standings()


def test_who_lost_the_wave_can_write_no_more(ledger: Ledger) -> None:
    first = journal_of(ledger, "ann@host:1")
    first.record(Entry("web/image", StepState.INTENT))
    second = journal_of(ledger, "bob@host:2")
    with pytest.raises(WaveBusyError, match=r"wave 1 of plan plan-1 is run by another process \(bob@host:2\)"):
        first.record(Entry("web/image", StepState.DONE))
    second.record(Entry("web/image", StepState.DONE))
    assert [one.state for one in ledger.step_entries(PLAN, 1)] == [StepState.INTENT, StepState.DONE]


def test_whether_the_wave_is_still_ours_is_asked_again_where_the_answer_is_old(ledger: Ledger) -> None:
    instants = iter([0.0, 40.0, 40.1])  # this process stood still between the first answer and the look at the clock

    def clock() -> float:
        now = next(instants)
        if now == 40.0:
            ledger.take_wave(PLAN, 1, estate="shop", holder="bob@host:2")
        return now

    journal = WaveJournal(ledger, ledger.take_wave(PLAN, 1, estate="shop", holder="ann@host:1"), clock=clock)
    with pytest.raises(WaveBusyError, match=r"bob@host:2"):
        journal.refuse_lost()


def test_a_line_that_cannot_follow_is_refused_by_the_ledger_itself(ledger: Ledger) -> None:
    hold = ledger.take_wave(PLAN, 1, estate="shop", holder="ann")
    with pytest.raises(LedgerError, match="step web/image is not begun and cannot become done"):
        ledger.record_step(hold, Entry("web/image", StepState.DONE))
    assert ledger.step_entries(PLAN, 1) == ()


def test_every_line_is_on_the_audit_chain_and_secrets_in_errors_are_masked(ledger: Ledger) -> None:
    journal = journal_of(ledger)
    journal.record(Entry("web/image", StepState.INTENT))
    journal.record(Entry("web/image", StepState.FAILED, error="denied, password=hunter2"))
    told = [(event.action, event.subject) for event in ledger.audit_events()]
    assert told[-3:] == [("wave.taken", "plan-1/1"), ("step.intent", "web/image"), ("step.failed", "web/image")]
    assert "hunter2" not in repr(ledger.step_entries(PLAN, 1)) + repr(ledger.audit_events())
    assert list(ledger.verify_audit()) == []


def test_a_wave_runs_and_goes_back_by_the_ledger(ledger: Ledger) -> None:
    steps: list[Step] = [*chain("db", "copy", "start"), *chain("web", "copy", needs=("db/start",))]
    world = ModelWorld()
    assert run_wave(steps, carrier(world, journal_of(ledger)), is_open=lambda _: True, limits=Limits()).is_whole
    assert world.left() == ["db/copy", "db/start", "web/copy"]
    roll_back(steps, carrier(world, journal_of(ledger, "bob@host:2")))
    assert world.left() == []
    known = standings(ledger.step_entries(PLAN, 1))
    assert {one.state for one in known.values()} == {StepState.UNDONE}
