"""Every step of an itinerary, killed at every boundary of its journal, then resumed or rolled back; the whole state is compared.

The engine runs without Prefect, its journal is a ledger on SQLite, and after each death a new process's objects take the wave over.
"""

import contextlib
import hashlib
import itertools
import os
import signal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Act
from cloudmigrate.domain.journal import Entry, Standing, StepState
from cloudmigrate.domain.steps import Gate, Step, step_of
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Journal, Patience, World
from cloudmigrate.execution.waves import GroupEnd, Limits, WaveEnd, roll_back, run_wave
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.wave_journal import WaveJournal
from tests.execution.model import Killed
from tests.execution.small_estate import sessions

ONE_BY_ONE = Limits(at_once=1, waiting=0)
AT_MOST = 8  # deaths in one run
PATIENCE = Patience(tries=3, looks=2)


class Point(StrEnum):
    """Where the process dies."""

    BEFORE_INTENT = "before the intent"
    AFTER_INTENT = "after the intent"
    AFTER_CALL = "after the call, before its record"
    AFTER_RECORD = "after the record"
    BEFORE_UNDOING = "before the undoing"
    AFTER_UNDOING = "after the undoing"
    AFTER_UNDO_CALL = "after the undo, before its record"
    AFTER_UNDONE = "after the undone"

    @property
    def is_of_return(self) -> bool:
        """Whether it lies on the way back."""
        return self in (Point.BEFORE_UNDOING, Point.AFTER_UNDOING, Point.AFTER_UNDO_CALL, Point.AFTER_UNDONE)


RECORDS = {
    StepState.INTENT: (Point.BEFORE_INTENT, Point.AFTER_INTENT),
    StepState.DONE: (None, Point.AFTER_RECORD),
    StepState.UNDOING: (Point.BEFORE_UNDOING, Point.AFTER_UNDOING),
    StepState.UNDONE: (None, Point.AFTER_UNDONE),
}


@dataclass(frozen=True)
class Case:
    """One death, and what follows it."""

    step_id: str
    point: Point
    then: str  # "resume" or "roll back"

    @property
    def name(self) -> str:
        """Step, point, and what follows."""
        return f"{self.step_id}: {self.point}, then {self.then}"


def cases(steps: Sequence[Step]) -> Iterator[Case]:
    """All of an itinerary: on the way there each death is followed by both, on the way back by the way back."""
    for step, point in itertools.product(steps, Point):
        yield from (Case(step.step_id, point, then) for then in (("roll back",) if point.is_of_return else ("resume", "roll back")))


def together(cases: Sequence[Case]) -> list[tuple[int, ...]]:
    """The places of cases that one run can have: deaths at one point of different steps, followed by what ends all of them; else alone."""
    alike = dict[tuple[Point, str], list[int]]()
    for place, case in enumerate(cases):
        alike.setdefault((case.point, case.then), []).append(place)
    runs = list[tuple[int, ...]]()
    for (point, then), places in alike.items():
        most = AT_MOST if point.is_of_return or then == "resume" else 1
        runs += [tuple(places[at : at + most]) for at in range(0, len(places), most)]
    return runs


def before_gates(steps: Sequence[Step], closed: frozenset[Gate]) -> list[Step]:
    """The steps that can be reached while these gates are closed."""
    behind: set[str] = set()
    for one in steps:
        if one.gate in closed or not behind.isdisjoint(one.needs):
            behind.add(one.step_id)
    return [one for one in steps if one.step_id not in behind]


def _by_exception() -> None:
    raise Killed


def _by_signal() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Death:
    """Comes once for each case, where it says."""

    def __init__(self, *cases: Case, strike: Callable[[], None] = _by_exception) -> None:
        self.left = list(cases)
        self._strike = strike

    def at(self, step_id: str, point: Point | None) -> None:
        """Nothing, or the end of the process."""
        for case in self.left:
            if (step_id, point) == (case.step_id, case.point):
                self.left.remove(case)
                self._strike()
                return


@dataclass(frozen=True)
class MortalWorld:
    """A world whose caller may die after a call."""

    world: World
    death: Death

    def look(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        return self.world.look(step, params, key)

    def begun(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        return self.world.begun(step, params, key)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        given = self.world.act(step, params, key)
        self.death.at(step.step_id, Point.AFTER_CALL)
        return given

    def undo(self, step: Step, params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        self.world.undo(step, params, outputs)
        self.death.at(step.step_id, Point.AFTER_UNDO_CALL)

    def is_repeatable(self, step: Step) -> bool:
        return self.world.is_repeatable(step)

    def give_up(self, groups: Collection[str]) -> None:
        self.world.give_up(groups)

    def only_waits(self, step: Step) -> bool:
        return self.world.only_waits(step)


@dataclass(frozen=True)
class MortalJournal:
    """A journal whose writer may die before and after a line."""

    journal: Journal
    death: Death

    def standings(self) -> Mapping[str, Standing]:
        return self.journal.standings()

    def doubt(self, step_id: str) -> str:
        return self.journal.doubt(step_id)

    def record(self, entry: Entry) -> None:
        before, after = RECORDS.get(entry.state, (None, None))
        self.death.at(entry.step_id, before)
        self.journal.record(entry)
        self.death.at(entry.step_id, after)


class MadeEstate(Protocol):
    """What an itinerary moves, on the emulator."""

    @property
    def sessions(self) -> AwsSessions:
        """Clients of its accounts."""

    def steps(self) -> list[Step]:
        """The steps that move it."""

    def state(self) -> Mapping[str, Any]:
        """All that a migration could leave behind or take away, with names in the place of ids."""


WorldOf = Callable[[AwsSessions, Mapping[str, Act]], World]


def aws_world(sessions: AwsSessions, acts: Mapping[str, Act]) -> World:
    """The cloud alone, in which nothing is waited for."""
    return AwsWorld(sessions, acts=acts, pause_factor=0)


def is_done(end: WaveEnd, closed: frozenset[Gate]) -> bool:
    """Whether all is done that can be with the gates that are closed."""
    return end.is_whole or (set(end.groups.values()) <= {GroupEnd.MIGRATED, GroupEnd.WAITING} and set(end.waiting_for) <= closed)


@dataclass
class Matrix:
    """Runs cases on one estate: each begins with the estate as it was, and leaves it so."""

    estate: MadeEstate
    ledger: Ledger
    steps: list[Step]
    acts: Mapping[str, Act] = field(default_factory=lambda: BY_NAME)
    label: str = "plan"  # of its plans in the ledger
    world_of: WorldOf = aws_world
    closed: frozenset[Gate] = frozenset()  # gates that stay closed: what lies behind them has cases of its own
    before: Mapping[str, Any] = field(init=False)
    whole: Mapping[str, Any] = field(init=False)  # what an undisturbed run gives
    runs: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.before = self.estate.state()
        self.whole = {}
        plan = self._plan()
        end = self._run(plan)
        if not is_done(end, self.closed):
            raise AssertionError(f"an undisturbed run did not come to its end: {end}")
        self.whole = self.estate.state()
        self._back(plan)

    def fails(self, *cases: Case) -> str | None:
        """What is not as it should be after the cases, or None. The estate is as before where nothing is.

        Of several (`together`), each kills the process that took over from the one that the case before killed.
        """
        plan, death = self._plan(), Death(*cases)
        resumed = any(one.then == "resume" for one in cases)
        is_back = any(one.point.is_of_return for one in cases)
        if is_back:
            self._run(plan)
        go = self._back if is_back else self._run
        for _ in cases:  # who comes next goes the same way, until the last death
            with contextlib.suppress(Killed):
                go(plan, death)
                break
        spared = [one.name for one in death.left if not self._is_never_called(one)]
        wrong = self.resumes(plan) if resumed and not spared else None
        not_back = self.returns(plan)
        return f"the process did not die there: {'; '.join(spared)}" if spared else wrong or not_back

    def _is_never_called(self, case: Case) -> bool:
        """Whether the case dies after an undo of what has none."""
        return case.point is Point.AFTER_UNDO_CALL and self._step(case.step_id).reversal.value == "nothing"

    def _step(self, step_id: str) -> Step:
        return next(one for one in self.steps if one.step_id == step_id)

    def _plan(self) -> str:
        return f"{self.label}-{next(self.runs)}"

    def resumes(self, plan: str) -> str | None:
        """What is wrong after a wave that another process left is resumed, or None."""
        end = self._run(plan)
        return differences(self.whole, self.estate.state()) if is_done(end, self.closed) else f"it did not come to its end: {end}"

    def returns(self, plan: str) -> str | None:
        """What is wrong after a wave that another process left is rolled back, or None."""
        back = self._back(plan)
        return f"not undone: {dict(back.undo_failures)}" if back.undo_failures else differences(self.before, self.estate.state())

    def _run(self, plan: str, death: Death | None = None) -> WaveEnd:
        return run_wave(self.steps, self._carrier(plan, death), is_open=lambda gate: gate not in self.closed, limits=ONE_BY_ONE)

    def _back(self, plan: str, death: Death | None = None) -> WaveEnd:
        return roll_back(self.steps, self._carrier(plan, death))

    def _carrier(self, plan: str, death: Death | None) -> Carrier:
        return mortal_carrier(self.world_of(self.estate.sessions, self.acts), self.ledger, plan, death or Death())


def mortal_carrier(world: World, ledger: Ledger, plan: str, death: Death) -> Carrier:
    """A carrier that takes the wave over, and dies as it must."""
    journal = WaveJournal(ledger, ledger.take_wave(plan, 1, estate="test", holder="test"))
    digest = hashlib.sha256(plan.encode()).hexdigest()
    return Carrier(digest, 1, MortalWorld(world, death), MortalJournal(journal, death), PATIENCE, sleep=lambda _: None)


def run_and_die(documents: list[dict[str, Any]], folder: Path, plan: str, case: Case) -> None:
    """In a process of its own: the wave runs, and forward or back, where the case says, the kernel ends the process."""
    steps, death = [step_of(one) for one in documents], Death(case, strike=_by_signal)
    ledger, world = ledger_in(folder), AwsWorld(sessions(), pause_factor=0)
    run_wave(steps, mortal_carrier(world, ledger, plan, death), is_open=lambda _: True, limits=ONE_BY_ONE)
    roll_back(steps, mortal_carrier(world, ledger, plan, death))


def ledger_in(folder: Path) -> Ledger:
    """A ledger on SQLite in the folder."""
    return Ledger.open(f"sqlite:///{folder / 'ledger.db'}")


def differences(wanted: Mapping[str, Any], got: Mapping[str, Any]) -> str | None:
    """Where two states differ, or None."""
    wrong = [f"{path}: {one!r} and not {other!r}" for path, one, other in _paths(wanted, got) if one != other]
    return "; ".join(wrong) or None


def _paths(wanted: Any, got: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for name in sorted(wanted.keys() | got.keys()):
            yield from _paths(wanted.get(name), got.get(name), f"{path}/{name}")
    else:
        yield path, got, wanted
