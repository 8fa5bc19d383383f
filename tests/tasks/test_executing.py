"""A wave on the emulator, with a ledger and people: gates that open and stay shut, one process at a time, every call on record."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from cloudmigrate.domain.calibration import UNCALIBRATED, Calibration
from cloudmigrate.domain.confirmations import Confirmation, hash_of, signed
from cloudmigrate.domain.gates import GateState
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.people import ApprovalPolicy, GateRule
from cloudmigrate.domain.roles import AnswerKind
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.waves import WaveBusyError, WritesAtRiskError
from cloudmigrate.execution.waves import GroupEnd
from cloudmigrate.simulate.emulator import Emulator
from tasks import wave_gates
from tasks.executing import carry_out
from tasks.recommending import calibration_so_far
from tasks.wave_gates import Waiting, ask, is_open
from tests.execution.kill_matrix import ONE_BY_ONE
from tests.execution.small_estate import ACCOUNT, SOURCE, START_SCRIPT, TARGET
from tests.signers import signer
from tests.tasks.small_shop import PEOPLE, PLAN_HASH, PREFLIGHT, Shop, approved, back, opened, resumed, started


@pytest.fixture
def shop(clean_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("CLOUDMIGRATE_USER", "olga")
    monkeypatch.setattr(wave_gates, "ASK_AGAIN_S", 0.0)
    with opened(tmp_path) as found:
        yield found


def test_a_wave_stops_at_each_gate_until_people_open_it_and_ends_whole(shop: Shop) -> None:
    before = shop.made.state()
    first = shop.goes_on()
    assert first.end.waiting_for == (Gate.EXECUTION,)
    assert shop.made.state() == before, "nothing is written before the gate"
    [(request, standing)] = first.waiting.requests
    assert (request.gate, request.requested_by, standing.state) == (Gate.EXECUTION, "olga", GateState.WAITING)
    assert shop.goes_on(resumed(shop)).waiting.requests[0][0] == request, "nobody is asked twice"
    shop.say(first.waiting, "ana")
    second = shop.goes_on(resumed(shop))
    assert second.end.waiting_for == (Gate.CUTOVER,)
    assert [one[1] for one in shop.made.state()[f"{ACCOUNT}/{SOURCE}"]["instances"]] == ["running", "running"]
    shop.say(second.waiting, "ben")
    third = shop.goes_on(resumed(shop))
    assert third.end.is_whole, third.end
    assert third.waiting == Waiting()
    arrived = len({one.uid for one in shop.prepared.steps})
    assert calibration_so_far(shop.workspace) == Calibration(arrived, arrived), "recommendations are told with what became of this one"
    assert [one[1] for one in shop.made.state()[f"{ACCOUNT}/{SOURCE}"]["instances"]] == ["stopped", "stopped"]
    with pytest.raises(WritesAtRiskError) as refused:
        back(shop, reason="a rehearsal", means=shop.means())
    assert len(refused.value.told) == 2, "both servers run in the target"
    assert all("CloudWatch has no figures" in one for one in refused.value.told)
    gone = back(shop, reason="a rehearsal", despite_writes=True, means=shop.means())
    assert (set(gone.groups.values()), gone.undo_failures) == ({GroupEnd.ROLLED_BACK}, {})
    assert shop.made.state() == before
    assert calibration_so_far(shop.workspace) == UNCALIBRATED, "that people took it back says nothing against it"


def test_every_write_call_is_an_event_with_who_why_and_the_id_of_the_request(shop: Shop) -> None:
    approved(shop)
    assert shop.goes_on().end.is_whole
    calls = [one for one in shop.workspace.ledger.audit_events(limit=10_000) if one.action.startswith("call.")]
    (launch,) = [one for one in calls if one.action == "call.ec2:RunInstances" and one.detail["uid"] == shop.made.uids["db"]]
    assert launch.actor.startswith("olga@")
    assert launch.detail["plan_hash"] == PLAN_HASH
    assert launch.detail["why"].startswith("launch ")
    assert (launch.detail["region"], launch.detail["outcome"]) == (TARGET, "done")
    assert launch.detail["request_id"]
    acts = [one for one in shop.prepared.steps if one.act.endswith(("run_instance", "stop_source", "create_image", "copy_image"))]
    told = {one.subject for one in calls}
    assert {one.step_id for one in acts} <= told
    assert START_SCRIPT not in repr(calls)
    assert "hunter2" not in repr(calls)
    assert shop.workspace.ledger.verify_audit() == ()


def test_a_rejection_after_an_approval_shuts_the_gate(shop: Shop) -> None:
    approved(shop)
    cutover = ask(shop.prepared, PREFLIGHT, [Gate.CUTOVER], estate=shop.estate)
    shop.say(cutover, "ben", AnswerKind.REJECT)
    outcome = shop.goes_on()
    assert outcome.end.waiting_for == (Gate.CUTOVER,)
    [(request, standing)] = outcome.waiting.requests
    assert request.request_id != cutover.requests[0][0].request_id, "it is asked for anew"
    assert standing.state is GateState.WAITING


def test_an_approval_is_void_when_what_would_run_is_not_what_was_approved(shop: Shop) -> None:
    approved(shop)
    other = shop.made.policy.model_copy(update={"instance_types": {"t3.micro": "t3.large"}})
    shop.made.policy = other
    changed = replace(shop.prepared, steps=tuple(shop.made.steps()))
    assert shop.goes_on(changed).end.waiting_for == (Gate.EXECUTION,)
    assert not is_open(changed, PREFLIGHT, Gate.EXECUTION, estate=shop.estate)
    assert not is_open(shop.prepared, "d" * 64, Gate.EXECUTION, estate=shop.estate), "nor with another preflight"
    assert is_open(shop.prepared, PREFLIGHT, Gate.EXECUTION, estate=shop.estate)


def test_a_change_of_the_estate_file_counts_at_the_next_gate(shop: Shop) -> None:
    approved(shop)
    shop.estate = shop.estate.model_copy(update={"approvals": ApprovalPolicy(cutover=GateRule(quorum=2))})
    outcome = shop.goes_on()
    assert outcome.end.waiting_for == (Gate.CUTOVER,)
    assert outcome.waiting.requests[0][1].missing == 1


def test_a_failure_takes_the_group_back_and_says_which_step(shop: Shop) -> None:
    before = shop.made.state()
    approved(shop)
    policy = shop.made.policy.model_copy(update={"key_pairs": {"ops": "nobody's"}})
    shop.made.policy = policy
    lacking = replace(shop.prepared, steps=tuple(shop.made.steps()))
    shop.say(ask(lacking, PREFLIGHT, [Gate.EXECUTION], estate=shop.estate), "ana")
    outcome = shop.goes_on(lacking)
    assert GroupEnd.ROLLED_BACK in outcome.end.groups.values()
    assert [why for why in outcome.end.failures.values() if "nobody's" in why]
    assert shop.made.state() == before
    said = calibration_so_far(shop.workspace)
    assert said.borne_out < said.finished


def test_one_process_runs_a_wave_and_another_is_refused(shop: Shop) -> None:
    approved(shop)
    seen: list[str] = []

    def heard(step: Step, entry: Any) -> None:
        if entry.state is StepState.DONE and not seen:
            with pytest.raises(WaveBusyError, match=r"olga@.*Next: watch it with `cloudmigrate status`") as refused:
                back(shop, reason="in its midst", means=shop.means())
            seen.append(refused.value.holder)

    outcome = carry_out(shop.prepared, PREFLIGHT, reopen=lambda: shop.estate, means=replace(shop.means(), heard=heard))
    assert outcome.end.is_whole
    assert seen  # two threads may come here at once


def test_who_was_stopped_between_intent_and_call_makes_no_call_once_another_took_the_wave_over(shop: Shop, tmp_path: Path) -> None:
    approved(shop)
    before = shop.made.state()
    shop.workspace.ledger.close()  # a fork and its parent must not share SQLite's connections
    child = os.fork()
    if not child:
        goes_on_and_stops(shop, "ec2.stop_source")
    try:
        assert os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
        for lock in tmp_path.glob("*-alone-*"):
            lock.unlink()  # as a server that was restarted, or a cut connection, loses the hold of who does not know of it
        assert set(back(shop, reason="it stands still", means=shop.means()).groups.values()) == {GroupEnd.ROLLED_BACK}
    finally:
        os.kill(child, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == TOLD_BUSY
    assert shop.made.state() == before, "the source runs: who woke up did not stop it"


TOLD_BUSY = 7


def goes_on_and_stops(shop: Shop, act: str) -> NoReturn:
    """In a child: the wave is carried on, and the process stops after the first intent of *act*, as by SIGSTOP."""

    def heard(step: Step, entry: Entry) -> None:
        if (step.act, entry.state) == (act, StepState.INTENT):
            os.kill(os.getpid(), signal.SIGSTOP)

    code = 1
    try:
        means = replace(shop.means(), limits=ONE_BY_ONE, heard=heard)
        carry_out(shop.prepared, PREFLIGHT, reopen=lambda: shop.estate, means=means)
    except WaveBusyError:
        code = TOLD_BUSY
    finally:
        os._exit(code)


def test_a_wave_that_another_process_began_meanwhile_is_left_to_it(shop: Shop) -> None:
    approved(shop)
    assert shop.goes_on().end.is_whole
    with pytest.raises(WaveBusyError):
        shop.goes_on(shop.prepared)  # prepared before the other began


def test_an_unknown_group_is_refused_by_name(shop: Shop) -> None:
    approved(shop)
    shop.goes_on()
    with pytest.raises(UsageError, match="has no move group nowhere"):
        back(shop, reason="", groups=["nowhere"], means=shop.means())


def test_a_step_by_hand_waits_for_a_signed_word_and_its_undo_for_a_withdrawal(shop: Shop) -> None:
    text = {"text": "make the cache"}
    cache = Step("c/cache/01-confirm", "by_hand.confirm", "c", "arn:cache", ACCOUNT, SOURCE, text, gate=Gate.BY_HAND, says="make the cache")
    prepared = replace(shop.prepared, steps=(cache,))
    say = confirming(shop, cache)
    outcome = shop.goes_on(prepared)
    assert (outcome.end.waiting_for, outcome.waiting.by_hand) == ((Gate.BY_HAND,), (cache,))
    say(is_done=True)
    assert shop.goes_on(prepared).end.is_whole
    stuck = back(shop, reason="", means=shop.means())
    assert "withdraw its confirmation" in stuck.undo_failures[cache.step_id]
    say(is_done=False)
    assert back(shop, reason="", means=shop.means()).groups == {"c": GroupEnd.ROLLED_BACK}
    say(is_done=True)
    assert back(shop, reason="", means=shop.means()).groups == {"c": GroupEnd.STUCK}, "no run took it up, and it was done"


def confirming(shop: Shop, step: Step) -> Callable[..., None]:
    def say(*, is_done: bool) -> None:
        word = Confirmation("acme", "plan-1", PLAN_HASH, 1, step.step_id, hash_of(step), is_done, "ana", "", datetime.now(UTC))
        shop.workspace.ledger.confirm_step(signed(word, signer("ana")), PEOPLE)

    return say


def test_steps_that_were_changed_in_the_ledger_with_their_hash_wait_for_an_approval_of_their_own(shop: Shop) -> None:
    approved(shop)
    shop.say(ask(shop.prepared, PREFLIGHT, [Gate.CUTOVER], estate=shop.estate), "ben", AnswerKind.REJECT)
    assert shop.goes_on().end.waiting_for == (Gate.CUTOVER,)
    forged = [
        replace(one, params={**one.params, "name": "evil.example.com."}) if one.act == "dns.upsert" else one for one in shop.prepared.steps
    ]
    forged[-1] = replace(forged[-1], says="what nobody approved")
    lines = len(shop.workspace.ledger.step_entries("plan-1", 1))
    outcome = shop.goes_on(replace(started(shop), steps=tuple(forged)))
    assert outcome.end.waiting_for == (Gate.EXECUTION,)
    assert len(shop.workspace.ledger.step_entries("plan-1", 1)) == lines
    assert shop.goes_on(started(shop)).end.waiting_for == (Gate.CUTOVER,), "the approved ones go on"


def test_a_wave_goes_on_though_who_approved_its_beginning_has_left_and_the_approval_expired(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.say(ask(shop.prepared, PREFLIGHT, [Gate.EXECUTION], estate=shop.estate), "ana")
    assert shop.goes_on().end.waiting_for == (Gate.CUTOVER,)
    left = PEOPLE[0].model_copy(update={"roles": ()})
    shop.estate = shop.estate.model_copy(update={"people": (left, PEOPLE[1])})
    monkeypatch.setattr(wave_gates, "utc_now", lambda: datetime.now(UTC) + timedelta(days=400))
    assert shop.goes_on(started(shop)).end.waiting_for == (Gate.CUTOVER,), "not of execution, which is behind it"


def test_a_name_that_cannot_be_signed_asks_for_nothing(shop: Shop) -> None:
    with pytest.raises(UsageError, match=r"requested_by .* control characters\. Next: set CLOUDMIGRATE_USER"):
        ask(shop.prepared, PREFLIGHT, [Gate.EXECUTION], estate=shop.estate, by="ol\x1bga")
    assert shop.workspace.ledger.approvals("acme").requests == ()
