"""Every kind of call of an itinerary, broken in every way that a network and a service break calls; the whole state is compared.

The calls come from an undisturbed run, so an itinerary that is added has its cases at once. One that passes (a throttle, an answer
that is lost) must not be seen in the end; one that stays (a permission that is missing) sends the groups that need it back, or leaves
a step that cannot be undone to a person, with the commands, and stops no other undo.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cloudmigrate.aws.sessions import AwsSessions, CallPolicy
from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Act
from cloudmigrate.domain.journal import StepState, is_begun
from cloudmigrate.domain.shell_commands import undo_commands
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience, World
from cloudmigrate.execution.waves import GroupEnd, WaveEnd, roll_back, run_wave
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.wave_journal import WaveJournal
from tests.call_faults import Break, CallFaults, Fault, MarkedCall, Passed, mark_calls
from tests.execution.kill_matrix import ONE_BY_ONE, MadeEstate, WorldOf, aws_world, differences, is_done

PATIENCE = Patience(tries=4, looks=4)
LATE_BY = 2  # looks that do not see what was made: fewer than the engine looks
READ_TIMEOUT_S = 2.0  # longer than the emulator takes; what a lost answer costs
PATIENT_S = 60.0
AT_MOST = 8  # calls that are broken in one run
THERE, BACK = "there", "back"
TAKEN_BACK_LATE = "what it made shows late, and is taken back at once"


@dataclass
class Now:
    """What the engine is at: one step at a time."""

    way: str = ""
    step_id: str = ""
    doing: str = ""

    def __str__(self) -> str:
        return f"{self.way}|{self.step_id}|{self.doing}"


@dataclass(frozen=True)
class TellingWorld:
    """A world that keeps what the engine is at."""

    world: World
    now: Now

    def look(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        with self._at(step, "look"):
            return self.world.look(step, params, key)

    def begun(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        return self.world.begun(step, params, key)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        with self._at(step, "act"):
            return self.world.act(step, params, key)

    def undo(self, step: Step, params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        with self._at(step, "undo"):
            self.world.undo(step, params, outputs)

    def is_repeatable(self, step: Step) -> bool:
        return self.world.is_repeatable(step)

    def give_up(self, groups: Collection[str]) -> None:
        self.world.give_up(groups)

    def only_waits(self, step: Step) -> bool:
        return self.world.only_waits(step)

    @contextmanager
    def _at(self, step: Step, doing: str) -> Iterator[None]:
        self.now.step_id, self.now.doing = step.step_id, doing
        yield


class MarkingSessions(AwsSessions):
    """Clients that mark their calls with what the engine is at, and soon give up an answer."""

    def __init__(self, like: AwsSessions, now: Now, read_timeout_s: float) -> None:
        policy = CallPolicy(attempts=1, read_timeout_s=read_timeout_s)
        super().__init__([*like._accounts.values()], correlation_id="test", loopback_only=True, policy=policy)
        self._now = now
        self._marking: set[int] = set()

    def client(self, account_id: str, service: str, region: str) -> Any:
        found = super().client(account_id, service, region)
        if id(found) not in self._marking:
            self._marking.add(id(found))
            mark_calls(found, lambda: str(self._now))
        return found


@dataclass(frozen=True)
class BrokenCall:
    """One call of one step, and what becomes of it."""

    call: MarkedCall
    nth: int
    fault: str  # a Fault, or TAKEN_BACK_LATE

    @property
    def way(self) -> str:
        """There or back."""
        return self.call.by.split("|")[0]

    @property
    def step_id(self) -> str:
        """The step whose call it is."""
        return self.call.by.split("|")[1]

    @property
    def rule(self) -> Break:
        """What the proxy is told."""
        return Break(self.call, self.nth, Fault.LATE if self.fault == TAKEN_BACK_LATE else Fault(self.fault), LATE_BY)

    @property
    def name(self) -> str:
        """Step, call, and what becomes of it."""
        _, _, doing = self.call.by.split("|")
        nth = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.step_id}: {doing} {self.call.service}.{self.call.operation}{nth} {self.fault}"


def faults_of(passed: Passed) -> Iterator[str]:
    """What can become of such a call."""
    yield from (Fault.THROTTLED, Fault.TIMEOUT, Fault.RESET_AFTER, Fault.DENIED, Fault.TRUNCATED)
    if passed.call.is_read:
        yield Fault.ERROR_BEFORE
        return
    yield from (Fault.ERROR_AFTER, Fault.RESET_BEFORE)
    if passed.makes and passed.call.by.startswith(THERE):
        yield from (Fault.LATE, Fault.LOST_AND_LATE, TAKEN_BACK_LATE)


def broken_calls(passed: list[Passed], steps: list[Step], *, each_step: bool = False) -> Iterator[BrokenCall]:
    """The cases of what an undisturbed run there and back called: each call of each act once, or of each of these steps."""
    act_of = {one.step_id: one.act for one in steps}
    known = set[tuple[Any, ...]]()
    for one in passed:
        way, step_id, doing = one.call.by.split("|")
        if step_id not in act_of:
            continue
        kind = (step_id if each_step else act_of[step_id], way, doing, one.call.service, one.call.operation, one.nth, one.makes)
        if kind in known:
            continue
        known.add(kind)
        yield from (BrokenCall(one.call, one.nth, fault) for fault in faults_of(one))


def together(cases: Sequence[BrokenCall]) -> list[tuple[int, ...]]:
    """The places of cases that one run can have: what passes by itself, of calls that differ; all else alone."""
    open_runs, alone = list[list[int]](), list[tuple[int, ...]]()
    for place, case in enumerate(cases):
        if case.fault in (Fault.DENIED, TAKEN_BACK_LATE):
            alone.append((place,))
            continue
        fits = (run for run in open_runs if len(run) < AT_MOST and _fits(case, [cases[at] for at in run]))
        run = next(fits, None)
        if run is None:
            open_runs.append(run := [])
        run.append(place)
    return [*map(tuple, open_runs), *alone]


def _fits(case: BrokenCall, run: Sequence[BrokenCall]) -> bool:
    """Whether the run breaks other calls, and fewer of the same step than it has tries: a copy makes many, and each costs it a try."""
    return case.call not in {one.call for one in run} and sum(one.call.by == case.call.by for one in run) < PATIENCE.tries - 1


@dataclass
class FaultMatrix:
    """Runs cases on one estate: each begins with the estate as it was, and leaves it so."""

    estate: MadeEstate
    ledger: Ledger
    steps: list[Step]
    faults: CallFaults
    acts: Mapping[str, Act] = field(default_factory=lambda: BY_NAME)
    label: str = "broken"  # of its plans in the ledger
    read_timeout_s: float = READ_TIMEOUT_S
    world_of: WorldOf = aws_world
    closed: frozenset[Gate] = frozenset()  # gates that stay closed
    before: Mapping[str, Any] = field(init=False)
    passed: list[Passed] = field(init=False)  # what an undisturbed run there and back calls
    ends: dict[frozenset[str], Mapping[str, Any]] = field(default_factory=dict)  # migrated groups -> the state that they alone make
    now: Now = field(default_factory=Now)
    runs: int = 0

    def __post_init__(self) -> None:
        self.patient = MarkingSessions(self.estate.sessions, self.now, PATIENT_S)
        self.impatient = MarkingSessions(self.estate.sessions, self.now, self.read_timeout_s)
        self.sessions = self.patient
        self.before = self.estate.state()
        self.passed = []
        for groups in sorted({frozenset[str](), *(self._needed(one.group) for one in self.steps)}, key=lambda one: (len(one), sorted(one))):
            self._undisturbed(groups)

    def _undisturbed(self, groups: frozenset[str]) -> None:
        """Keep the state that these groups make, and the calls of a run there and back: at last those of all groups."""
        plan = self._plan()
        self.faults.rules()
        end = self._run(plan, self._of(groups)) if groups else None
        if end is not None and not is_done(end, self.closed):
            raise AssertionError(f"an undisturbed run did not come to its end: {end}")
        self.ends[groups] = self.estate.state()
        if groups:
            self._back(plan)
            known = {(one.call, one.nth) for one in self.passed}
            self.passed += [one for one in self.faults.passed if (one.call, one.nth) not in known]

    def _needed(self, group: str) -> frozenset[str]:
        """The group and all that it is built on."""
        group_of = {one.step_id: one.group for one in self.steps}
        found = {group}
        while more := {group_of[need] for one in self.steps if one.group in found for need in one.needs} - found:
            found |= more
        return frozenset(found)

    def _of(self, groups: frozenset[str]) -> list[Step]:
        return [one for one in self.steps if one.group in groups]

    def fails(self, *cases: BrokenCall) -> str | None:
        """What is not as it should be after these calls broke in one run, or None. The estate is as before where nothing is.

        Of the wave, the groups of the broken calls are run, and those that they are built on.
        """
        plan, owners = self._plan(), {one.step_id: one.group for one in self.steps}
        steps = self._of(frozenset[str]().union(*(self._needed(owners[one.step_id]) for one in cases)))
        ways, faults = {one.way for one in cases}, {one.fault for one in cases}
        if TAKEN_BACK_LATE in faults:
            steps = steps[: 1 + max(at for at, one in enumerate(steps) if one.step_id == cases[0].step_id)]
        self.sessions = self.impatient if faults & {Fault.TIMEOUT, Fault.LOST_AND_LATE} else self.patient
        self.faults.rules(*(one.rule for one in cases))
        end = self._run(plan, steps)
        wrong = None
        if ways == {BACK} and Fault.DENIED in faults:
            wrong = self._denied_back(plan, cases[0])
        elif THERE in ways and TAKEN_BACK_LATE not in faults:
            wrong = self._ends(plan, end, passes=Fault.DENIED not in faults)
        if Fault.DENIED in faults:
            missed = self._missed(cases)
            self.faults.rules()  # somebody grants it
            not_back = self._returns(plan)
        else:
            not_back = self._returns(plan)
            missed = self._missed(cases)
        self.sessions = self.patient
        self.faults.rules()
        return wrong or not_back or missed

    def _missed(self, cases: Sequence[BrokenCall]) -> str | None:
        missed = [one.name for one in cases if one.rule not in self.faults.struck]
        return f"the call was not made: {', '.join(missed)}" if missed else None

    def _ends(self, plan: str, end: WaveEnd, *, passes: bool) -> str | None:
        """What is wrong with the end of a wave, or None: whole where what was broken *passes*, else each group whole or as before."""
        if passes != is_done(end, self.closed):
            return f"it came to another end: {end}"
        there = {GroupEnd.MIGRATED, GroupEnd.WAITING} if set(end.waiting_for) <= self.closed else {GroupEnd.MIGRATED}
        if end.undo_failures or not set(end.groups.values()) <= {*there, GroupEnd.ROLLED_BACK, GroupEnd.NOT_STARTED}:
            return f"it is neither migrated nor rolled back: {end}"
        migrated = frozenset(name for name, how in end.groups.items() if how in there)
        got = self.estate.state()
        if migrated not in self.ends:  # what it is held to must be made first, from the state before
            wrong = self._returns(plan)
            if wrong:
                return wrong
            self._undisturbed(migrated)
        return differences(self.ends[migrated], got)

    def _denied_back(self, plan: str, case: BrokenCall) -> str | None:
        """What is wrong after a way back on which one step may not be undone, or None."""
        end = self._back(plan)
        told = end.undo_failures.get(case.step_id)
        if told is None:
            return f"the step is not told as not undone: {dict(end.undo_failures)}"
        known = WaveJournal(self.ledger, self.ledger.take_wave(plan, 1, estate="test", holder="test")).standings()
        step = next(one for one in self.steps if one.step_id == case.step_id)
        if not undo_commands(step, known, self.acts):
            return f"no command for a person: {told}"
        left = {
            one: standing.state for one, standing in known.items() if is_begun(standing) and standing.state is not StepState.UNDO_FAILED
        }
        return f"undos were stopped: {left}" if left else None

    def _returns(self, plan: str) -> str | None:
        """What is wrong after a wave is rolled back, or None."""
        back = self._back(plan)
        return f"not undone: {dict(back.undo_failures)}" if back.undo_failures else differences(self.before, self.estate.state())

    def _plan(self) -> str:
        self.runs += 1
        return f"{self.label}-{self.runs}"

    def _run(self, plan: str, steps: list[Step]) -> WaveEnd:
        self.now.way = THERE
        return run_wave(steps, self._carrier(plan), is_open=lambda gate: gate not in self.closed, limits=ONE_BY_ONE)

    def _back(self, plan: str) -> WaveEnd:
        self.now.way = BACK
        return roll_back(self.steps, self._carrier(plan))

    def _carrier(self, plan: str) -> Carrier:
        journal = WaveJournal(self.ledger, self.ledger.take_wave(plan, 1, estate="test", holder="test"))
        world = TellingWorld(self.world_of(self.sessions, self.acts), self.now)
        return Carrier(sha256(plan.encode()).hexdigest(), 1, world, journal, PATIENCE, sleep=lambda _: None)
