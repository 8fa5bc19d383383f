"""A run that ends in its midst: what waits for hours lets go, nothing more is begun, and the journal says where each step is."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cloudmigrate.domain.journal import StepState
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.errors.waves import WaveHaltedError
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.halting import Halt
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import Limits, run_wave
from tests.execution.model import ModelJournal, ModelWorld, chain


@dataclass
class Waiting(ModelWorld):
    """A world in which one step waits for a state that does not come for hours, as waiters do: by the run's own pauses."""

    halt: Halt = field(default_factory=Halt)
    waits: threading.Event = field(default_factory=threading.Event)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        if step.step_id == "slow/wait":
            self.waits.set()
            self.halt.sleep(3600)
        return super().act(step, params, key)


def carrier(world: Waiting, journal: ModelJournal) -> Carrier:
    return Carrier("a" * 64, 1, world, journal, Patience(tries=2, looks=1), world.halt)


@pytest.mark.parametrize("cause", [KeyboardInterrupt, LedgerError("record", "ledger.db", "the disk is full", "free space")])
def test_a_run_that_is_broken_off_ends_at_once_though_a_step_waits_for_hours(cause: BaseException | type[BaseException]) -> None:
    world, journal = Waiting(), ModelJournal()
    steps = [*chain("slow", "wait", "switch"), *chain("web", "copy", "start")]

    def broken_off(step: Step) -> bool:
        if journal.standings().get("web/copy") and world.waits.wait(10):
            raise cause
        return False

    steps[-1] = replace(steps[-1], gate=Gate.BY_HAND)
    with pytest.raises(cause if isinstance(cause, type) else type(cause)):
        run_wave(steps, carrier(world, journal), is_open=lambda _: True, is_confirmed=broken_off, limits=Limits())
    known = journal.standings()
    assert known["slow/wait"].state is StepState.INTENT
    assert known.keys() == {"slow/wait", "web/copy"}
    assert run_wave([one for one in steps if one.group == "web"], carrier(Waiting(), journal), is_open=lambda _: True, limits=Limits())


def test_nothing_is_done_once_the_run_is_to_end() -> None:
    world, journal = Waiting(), ModelJournal()
    world.halt.call()
    with pytest.raises(WaveHaltedError, match="Next: resume it"):
        carrier(world, journal).carry_out(next(chain("web", "copy")))
    assert world.left() == []
