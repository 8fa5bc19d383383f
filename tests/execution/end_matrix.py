"""What cannot be undone, killed at the boundaries of its journal: each case on an estate of its own, for it ends with what is gone."""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.errors.waves import PastReturnError
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.waves import WaveEnd, roll_back, run_wave
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.simulate.emulator import Emulator
from tests.execution.kill_matrix import ONE_BY_ONE, Case, Death, MadeEstate, Point, WorldOf, before_gates, differences, mortal_carrier
from tests.execution.model import Killed


def end_cases(steps: Sequence[Step], closed: frozenset[Gate]) -> Iterator[Case]:
    """Each step behind the gates, at each point on the way there, then both; and a rollback that comes too late."""
    reached = {one.step_id for one in before_gates(steps, closed)}
    behind = [one for one in steps if one.step_id not in reached]
    for step, point in itertools.product(behind, Point):
        if not point.is_of_return:
            yield from (Case(step.step_id, point, then) for then in ("resume", "roll back"))


@dataclass
class EndMatrix:
    """Runs cases, each on a new estate."""

    make: Callable[[], MadeEstate]
    emulator: Emulator
    ledger: Ledger
    world_of: WorldOf
    closed: frozenset[Gate]
    runs: Iterator[int] = field(default_factory=itertools.count)
    estate: MadeEstate = field(init=False)
    steps: list[Step] = field(init=False)  # of the first estate: those of the others are at the same places
    whole: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = self._anew()
        plan = self._plan()
        end = self._run(plan, self.steps)
        if not end.is_whole:
            raise AssertionError(f"an undisturbed run did not come to its end: {end}")
        self.whole = self.estate.state()
        with contextlib.suppress(PastReturnError):
            roll_back(self.steps, self._carrier(plan, Death()))
            raise AssertionError("a rollback behind the point of no return was not refused")

    def fails(self, case: Case) -> str | None:
        """What is not as it should be after the case, or None."""
        place = next(number for number, one in enumerate(self.steps) if one.step_id == case.step_id)
        steps, plan = self._anew(), self._plan()
        before = self.estate.state()
        death = Death(Case(steps[place].step_id, case.point, case.then))
        with contextlib.suppress(Killed):
            self._run(plan, steps, death)
        if death.left:
            return "the process did not die there"
        if case.then == "roll back":
            carrier = self._carrier(plan, Death())
            gone = [one for one in steps if one.step_id in carrier.journal.standings() and one.reversal.value == "no_return"]
            try:
                back = roll_back(steps, carrier)
            except PastReturnError:
                if not gone:
                    return "a rollback was refused before the point of no return"
            else:
                return f"not undone: {dict(back.undo_failures)}" if back.undo_failures else differences(before, self.estate.state())
        end = self._run(plan, steps)
        return differences(self.whole, self.estate.state()) if end.is_whole else f"it did not come to its end: {end}"

    def _anew(self) -> list[Step]:
        self.emulator.reset()
        self.estate = self.make()
        return self.estate.steps()

    def _plan(self) -> str:
        return f"end-{next(self.runs)}"

    def _run(self, plan: str, steps: Sequence[Step], death: Death | None = None) -> WaveEnd:
        return run_wave(steps, self._carrier(plan, death or Death()), is_open=lambda _: True, limits=ONE_BY_ONE)

    def _carrier(self, plan: str, death: Death) -> Carrier:
        return mortal_carrier(self.world_of(self.estate.sessions, BY_NAME), self.ledger, plan, death)
