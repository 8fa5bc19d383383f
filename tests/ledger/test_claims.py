"""Two plans that begin the same resource at the same moment: one moves it, the other is refused, whatever their processes looked at."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from threading import Barrier

import pytest

from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.steps import Step, step_document, steps_hash
from cloudmigrate.errors.steps import StepRefusedError
from cloudmigrate.execution.waves import GroupEnd, Limits, run_wave
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import WaveStart
from cloudmigrate.ledger.wave_journal import WaveJournal
from tests.execution.model import ModelWorld, carrier
from tests.signers import PLAN, PREFLIGHT, T0

MOVE = (
    Step("web/1-image", "ec2.create_image", "web", 'arn:web"100%_\\é', "1" * 12, "eu-west-1"),
    Step("web/2-run", "ec2.run_instance", "web", 'arn:web"100%_\\é', "1" * 12, "eu-west-1", needs=("web/1-image",)),
    Step("db/1-image", "ec2.create_image", "db", "arn:db", "1" * 12, "eu-west-1"),
)
INTENT, DONE, UNDOING, UNDONE = (
    Entry("web/1-image", one) for one in (StepState.INTENT, StepState.DONE, StepState.UNDOING, StepState.UNDONE)
)


def begun(ledger: Ledger, plan_id: str, steps: tuple[Step, ...] = MOVE, estate: str = "acme") -> WaveJournal:
    """The wave begun, and none of its steps."""
    documents = [step_document(one) for one in steps]
    ledger.start_wave(WaveStart(estate, plan_id, PLAN, 1, steps_hash(steps), documents, PREFLIGHT, "olga", T0))
    return WaveJournal(ledger, ledger.take_wave(plan_id, 1, estate=estate, holder=f"olga@{plan_id}/1"), steps)


@pytest.fixture
def four(ledger: Ledger, ledger_url: str) -> Iterator[list[Ledger]]:
    """The same ledger as four processes have it."""
    with ExitStack() as opened:
        yield [ledger, *(opened.enter_context(Ledger.open(ledger_url)) for _ in range(3))]


def test_of_plans_that_begin_a_resource_at_once_exactly_one_does(four: list[Ledger]) -> None:
    journals = [begun(one, f"plan-{number}") for number, one in enumerate(four)]
    together = Barrier(len(journals))

    def begin(journal: WaveJournal) -> str:
        together.wait()
        try:
            journal.record(INTENT)
        except StepRefusedError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(len(journals)) as pool:
        told = list(pool.map(begin, journals))
    assert told.count("") == 1, told
    winner = told.index("")
    assert all(f"wave 1 of plan plan-{winner} moves it and was not taken back. Next: see" in one for one in told if one)
    assert [len(four[0].step_entries(f"plan-{number}", 1)) for number in range(4)] == [int(number == winner) for number in range(4)]
    journals[winner].record(DONE)
    journals[winner].record(Entry("web/2-run", StepState.INTENT))


def test_what_another_plan_took_back_may_be_begun_and_other_resources_and_estates_always(ledger: Ledger) -> None:
    one, other = begun(ledger, "plan-1"), begun(ledger, "plan-2")
    one.record(INTENT)
    other.record(Entry("db/1-image", StepState.INTENT))
    begun(ledger, "plan-3", estate="umbrella").record(INTENT)
    with pytest.raises(StepRefusedError):
        other.record(INTENT)
    one.record(UNDOING)
    one.record(UNDONE)
    other.record(INTENT)
    with pytest.raises(StepRefusedError, match="plan plan-2"):
        one.record(INTENT)


def test_what_was_moved_whole_is_not_moved_again_and_may_be_retired(ledger: Ledger) -> None:
    one = begun(ledger, "plan-1", MOVE[:2])
    for step in MOVE[:2]:
        one.record(Entry(step.step_id, StepState.INTENT))
        one.record(Entry(step.step_id, StepState.DONE))
    with pytest.raises(StepRefusedError):
        begun(ledger, "plan-2", MOVE[:2]).record(INTENT)
    stop = replace(MOVE[0], step_id="web/1-stop", act="ec2.stop_source")
    begun(ledger, "plan-3", (stop,)).record(Entry("web/1-stop", StepState.INTENT))


def test_a_wave_leaves_the_group_that_another_plan_moves_and_carries_the_others_on(ledger: Ledger) -> None:
    begun(ledger, "plan-1").record(INTENT)
    world, journal = ModelWorld(), begun(ledger, "plan-2")
    end = run_wave(MOVE, replace(carrier(world, journal), journal=journal), is_open=lambda _: True, limits=Limits(failed_groups=0))  # type: ignore[arg-type]
    assert end.groups == {"web": GroupEnd.NOT_STARTED, "db": GroupEnd.MIGRATED}
    assert "plan plan-1 moves it" in end.failures["web/1-image"]
    assert not [one for one in journal.standings() if one.startswith("web/")]
