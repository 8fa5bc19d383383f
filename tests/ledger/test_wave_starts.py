"""How waves began, and what people confirmed: exactly the steps that were approved, and only words that a key proves."""

from dataclasses import replace

import pytest
from sqlalchemy import bindparam, create_engine, text

from cloudmigrate.domain.confirmations import Confirmation, confirmed, hash_of, signed
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.steps import Gate, Step, step_document, steps_hash
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import WaveStart
from cloudmigrate.ledger.tables import wave_starts
from tests.signers import PLAN, PREFLIGHT, T0, person, signer

BY_HAND = Step("g/cache/01-confirm", "by_hand.confirm", "g", "arn:cache", "1" * 12, "eu-west-1", {"text": "make it"}, gate=Gate.BY_HAND)
HOSTILE = Step("g/web/01-stop", "ec2.stop_source", "g", "arn:web", "1" * 12, "eu-west-1", {"tags": {"Name": "'); drop table --\x00 é"}})
STEPS = [BY_HAND, HOSTILE]
START = WaveStart("acme", "plan-1", PLAN, 1, steps_hash(STEPS), [step_document(one) for one in STEPS], PREFLIGHT, "olga", T0)
PEOPLE = (person("ana"), person("bert"))


def said(*, is_done: bool = True, by: str = "ana", step: Step = BY_HAND, key: str | None = None) -> Confirmation:
    word = Confirmation("acme", "plan-1", PLAN, 1, step.step_id, hash_of(step), is_done, by, "in the console", T0)
    return signed(word, signer(key or by))


def test_a_wave_goes_on_with_the_very_steps_that_it_began_with(ledger: Ledger) -> None:
    assert ledger.wave_start("plan-1", 1) is None
    ledger.start_wave(START)
    assert ledger.wave_start("plan-1", 1) == START
    fewer = replace(START, steps=[step_document(BY_HAND)], steps_hash=steps_hash([BY_HAND]))
    ledger.start_wave(fewer)
    assert ledger.wave_start("plan-1", 1) == fewer, "begun anew"
    assert [one.action for one in ledger.audit_events()] == ["wave.started", "wave.started"]


def test_a_wave_goes_on_with_others_only_where_what_stands_keeps_its_steps(ledger: Ledger) -> None:
    ledger.start_wave(START)
    hold = ledger.take_wave("plan-1", 1, estate="acme", holder="olga@one/11")
    ledger.record_step(hold, Entry(HOSTILE.step_id, StepState.INTENT))
    mended = [BY_HAND, replace(HOSTILE, region="eu-central-1")]
    for steps in ([BY_HAND], mended):
        lacking = replace(START, steps=[step_document(one) for one in steps], steps_hash=steps_hash(steps))
        with pytest.raises(LedgerError, match=r"of step g/web/01-stop something stands.* Next: roll its move group back first"):
            ledger.start_wave(lacking)
    assert ledger.wave_start("plan-1", 1) == START
    ledger.record_step(hold, Entry(HOSTILE.step_id, StepState.UNDOING))
    ledger.record_step(hold, Entry(HOSTILE.step_id, StepState.UNDONE))
    ledger.start_wave(replace(START, steps=[step_document(mended[1])], steps_hash=steps_hash(mended[1:])))
    assert ledger.every_step("plan-1", 1) == {BY_HAND.step_id: BY_HAND, HOSTILE.step_id: mended[1]}, "as the wave had each last"


def test_steps_that_are_not_those_of_their_hash_are_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="not those of their hash"):
        ledger.start_wave(replace(START, steps_hash="0" * 64))
    assert ledger.audit_events() == ()


def test_steps_that_somebody_changed_in_the_database_are_not_run(ledger: Ledger, ledger_url: str) -> None:
    ledger.start_wave(START)
    engine = create_engine(ledger_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("drop trigger wave_starts_keep_update"))
        else:
            connection.execute(text("drop trigger wave_starts_keep on wave_starts"))
        connection.execute(text("update wave_starts set steps = replace(steps, 'make it', 'skip it')"))
    engine.dispose()
    with pytest.raises(LedgerError, match="were changed since"):
        ledger.wave_start("plan-1", 1)


def test_other_steps_that_somebody_put_there_with_their_hash_are_not_run_nor_undone(ledger: Ledger, ledger_url: str) -> None:
    ledger.start_wave(START)
    engine = create_engine(ledger_url)
    with engine.begin() as connection:
        rest = "estate, plan_id, plan_hash, wave, preflight_hash, started_by, started_at"
        forged = text(f"insert into wave_starts (steps_hash, steps, {rest}) select :hash, :steps, {rest} from wave_starts")
        steps = [replace(HOSTILE, uid="arn:another")]
        documents = bindparam("steps", type_=wave_starts.c.steps.type)
        told = {"hash": steps_hash(steps), "steps": [step_document(one) for one in steps]}
        connection.execute(forged.bindparams(documents), told)
    engine.dispose()
    with pytest.raises(LedgerError, match="the audit chain does not tell of the steps"):
        ledger.wave_start("plan-1", 1)


def test_the_newest_proven_word_on_a_step_counts(ledger: Ledger) -> None:
    ledger.confirm_step(said(), PEOPLE)
    assert set(confirmed(ledger.confirmations("plan-1", 1), STEPS, PEOPLE, plan_hash=PLAN)) == {BY_HAND.step_id}
    ledger.confirm_step(said(is_done=False, by="bert"), PEOPLE)
    assert confirmed(ledger.confirmations("plan-1", 1), STEPS, PEOPLE, plan_hash=PLAN) == {}
    assert [(one.actor, one.action) for one in ledger.audit_events()] == [
        ("ana", "step.confirmed"),
        ("bert", "step.confirmation_withdrawn"),
    ]


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (said(by="eve"), "eve is not among the people"),
        (said(key="bert"), "not by the key of ana"),
        (replace(said(), note="another"), "not by the key of ana"),
        (said(is_done=False, by="ana", key="eve"), "not by the key of ana"),
    ],
    ids=["stranger", "another's key", "changed after signing", "forged withdrawal"],
)
def test_a_word_that_proves_nothing_is_not_kept(ledger: Ledger, word: Confirmation, why: str) -> None:
    with pytest.raises(LedgerError, match=why):
        ledger.confirm_step(word, PEOPLE)
    assert ledger.confirmations("plan-1", 1) == ()


def test_a_word_counts_for_the_step_as_it_was_and_for_that_plan_alone() -> None:
    other = replace(BY_HAND, params={"text": "make it and load it"})
    assert confirmed([said()], [other], PEOPLE, plan_hash=PLAN) == {}
    assert confirmed([said()], STEPS, PEOPLE, plan_hash="b" * 64) == {}
    assert confirmed([said()], STEPS, PEOPLE[1:], plan_hash=PLAN) == {}, "ana has left the estate file"


def test_the_journal_tells_when_and_by_whom(ledger: Ledger) -> None:
    first = ledger.take_wave("plan-1", 1, estate="acme", holder="olga@one/11")
    ledger.record_step(first, Entry("s", StepState.INTENT))
    second = ledger.take_wave("plan-1", 1, estate="acme", holder="olga@two/12")
    ledger.record_step(second, Entry("s", StepState.DONE, {"id": "i-1"}))
    lines = ledger.journal_lines("plan-1", 1)
    assert [(one.holder, one.entry) for one in lines] == [
        ("olga@one/11", Entry("s", StepState.INTENT)),
        ("olga@two/12", Entry("s", StepState.DONE, {"id": "i-1"})),
    ]
    assert lines[0].recorded_at <= lines[1].recorded_at
