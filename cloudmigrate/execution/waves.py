"""A wave run: what may start is started, few at once; a group in which a step fails goes back, the others go on."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cloudmigrate.domain.journal import NOTHING, Standing, StepState, is_begun, is_returning, point_passed, startable, to_undo
from cloudmigrate.domain.steps import Gate, Step, by_group, check_steps
from cloudmigrate.errors.steps import StepError, StepGivenUpError, StepNotDueError
from cloudmigrate.errors.waves import PastReturnError
from cloudmigrate.execution.carrying import Carrier

ASK_AGAIN_S = 5.0  # where another wave has the places that a step needs
KEEP_S = 30.0  # a wave's own places are leased, and kept so often


class GroupEnd(StrEnum):
    """Where a move group is when nothing more runs."""

    MIGRATED = "migrated"  # every step is done
    ROLLED_BACK = "rolled_back"  # something failed and everything was undone
    STUCK = "stuck"  # something could not be undone, or lies behind the point of no return: a person has to
    WAITING = "waiting"  # for a gate, or for a day
    NOT_STARTED = "not_started"  # what it needs failed, or too much else did


@dataclass(frozen=True, slots=True)
class Limits:
    """How much runs at once, and how much may fail."""

    at_once: int = 8
    waiting: int = 12  # beside them: steps that only wait. Further ones take places of those that work, so no more than both are under way
    per_account: int = 6
    per_region: int = 6
    per_name: int = 2  # of what a step itself says few may share: a source database, an API family
    failed_groups: int = 1  # when so many groups have failed, no further one is begun


@dataclass(frozen=True, slots=True)
class _Running:
    """A step that runs, and whether it only waits, beside those that work."""

    step: Step
    aside: bool

    def places(self, limits: Limits) -> dict[str, int]:
        """What it shares with others, and how many may have it at once."""
        step, shared = self.step, {f"name {name}": limits.per_name for name in self.step.limited_by}
        if self.aside:
            return shared
        place = f"{step.account_id}/{step.region}"
        return {f"account {step.account_id}": limits.per_account, f"region {place}": limits.per_region, **shared}


@dataclass(frozen=True, slots=True)
class WaveEnd:
    """How a wave ended: by group, with the errors of steps that failed and of those that could not be undone."""

    groups: Mapping[str, GroupEnd]
    failures: Mapping[str, str] = field(default_factory=dict)  # step -> what happened
    undo_failures: Mapping[str, str] = field(default_factory=dict)
    waiting_for: tuple[Gate, ...] = ()
    waiting_until: datetime | None = None  # when the first of the waits of days is due: resumed before, it only looks again

    @property
    def is_whole(self) -> bool:
        """Whether every group is migrated."""
        return set(self.groups.values()) <= {GroupEnd.MIGRATED}


def run_wave(
    steps: Sequence[Step],
    carrier: Carrier,
    *,
    is_open: Callable[[Gate], bool],
    limits: Limits,
    rolls_back: bool = True,
    is_confirmed: Callable[[Step], bool] = lambda _: False,
    before_undo: Callable[[Collection[str]], None] = lambda _: None,
) -> WaveEnd:
    """Run what is not done yet of a wave, to its end, to a gate, or back. Raises WaveBusyError where another process took over.

    *is_open* says whether a gate is open, *is_confirmed* whether a person said that a step by hand is done. With *rolls_back* a group
    of which a step failed is undone at once; else it stays for a person.
    *before_undo* hears of the groups that go back, before anything of them is undone.
    A group that another process was taking back goes back to the end, and is not begun again in the same run.
    """
    check_steps(steps)

    def may_start(step: Step) -> bool:
        return step.gate is None or (is_confirmed(step) if step.gate is Gate.BY_HAND else is_open(step.gate))

    groups = by_group(steps)
    known = carrier.journal.standings()
    returned = with_dependents(steps, [name for name, own in groups.items() if is_returning(own, known)], known)
    if returned:
        before_undo(returned)
    undo_failures = undo([one for one in steps if one.group in returned], carrier, is_confirmed)
    failures: dict[str, str] = {}
    due: dict[str, datetime] = {}
    _run([one for one in steps if one.group not in returned], carrier, failures, due, may_start=may_start, limits=limits)
    known = carrier.journal.standings()
    ends = {name: _group_end(own, known, failures, lambda one: may_start(one) and one.step_id not in due) for name, own in groups.items()}
    ends |= {name: GroupEnd.STUCK if to_undo(groups[name], known) else GroupEnd.ROLLED_BACK for name in returned}
    if rolls_back:
        returning = _going_back(steps, [name for name, end in ends.items() if end is GroupEnd.STUCK], known) - returned
        if returning:
            before_undo(returning)
        undo_failures |= undo([one for one in steps if one.group in returning], carrier, is_confirmed)
        stuck = {one.group for one in steps if one.step_id in undo_failures}
        ends |= {name: GroupEnd.STUCK if name in stuck else GroupEnd.ROLLED_BACK for name in returning}
    waiting = {one.gate for one in startable(steps, known) if one.gate and not may_start(one) and ends[one.group] is GroupEnd.WAITING}
    days = [due[one.step_id] for one in steps if one.step_id in due and ends[one.group] is GroupEnd.WAITING]
    return WaveEnd(ends, failures, undo_failures, tuple(gate for gate in Gate if gate in waiting), min(days, default=None))


def roll_back(
    steps: Sequence[Step],
    carrier: Carrier,
    groups: Collection[str] | None = None,
    *,
    is_confirmed: Callable[[Step], bool] = lambda _: False,
    before_undo: Callable[[Collection[str]], None] = lambda _: None,
) -> WaveEnd:
    """Take back what was done of these groups (default: all), and of groups that were built on them.

    *is_confirmed* says whether a person said that a step by hand is done; *before_undo* hears of the groups that go back. Raises
    PastReturnError, before anything is undone.
    """
    known = carrier.journal.standings()
    everything = by_group(steps)
    wanted = set(everything) if groups is None else with_dependents(steps, groups, known)
    chosen = {name: own for name, own in everything.items() if name in wanted}
    for name, own in chosen.items():
        passed = point_passed(own, known)
        if passed is not None:
            raise PastReturnError(name, passed.step_id)
    before_undo(set(chosen))
    broken = undo([one for one in steps if one.group in chosen], carrier, is_confirmed)
    stuck = {one.group for one in steps if one.step_id in broken}
    return WaveEnd({name: GroupEnd.STUCK if name in stuck else GroupEnd.ROLLED_BACK for name in chosen}, undo_failures=broken)


def undo(steps: Collection[Step], carrier: Carrier, is_confirmed: Callable[[Step], bool] = lambda _: False) -> dict[str, str]:
    """Take back everything that these steps did, newest first; step -> why it could not be, for those that could not.

    What a person confirmed and no run took up yet was done all the same: it is taken up first, so that it is not forgotten.
    """
    broken, known = {}, carrier.journal.standings()
    for step in steps:
        if step.gate is Gate.BY_HAND and not is_begun(known.get(step.step_id, NOTHING)) and is_confirmed(step):
            carrier.carry_out(step)
    for step in to_undo(steps, carrier.journal.standings()):
        error = carrier.take_back(step)
        if error is not None:
            broken[step.step_id] = str(error)
    return broken


def with_dependents(steps: Sequence[Step], groups: Iterable[str], known: Mapping[str, Standing]) -> set[str]:
    """These groups and every other whose begun steps need, at first or second hand, what one of them did."""
    returning = set(groups)
    group_of = {one.step_id: one.group for one in steps}
    begun = [one for one in steps if is_begun(known.get(one.step_id, NOTHING))]
    while True:
        more = {one.group for one in begun if any(group_of[need] in returning for need in one.needs)} - returning
        if not more:
            return returning
        returning |= more


def _going_back(steps: Sequence[Step], failed: Iterable[str], known: Mapping[str, Standing]) -> set[str]:
    """The *failed* groups with those that were built on them, as far as nothing of these is behind a point of no return.

    What such a group was built on stays as well: a server whose old database was retired for good must not come back to look for it.
    """
    passed = {name for name, own in by_group(steps).items() if point_passed(own, known)}
    found: set[str] = set()
    for name in failed:
        together = with_dependents(steps, [name], known)
        if not (together - {name}) & passed:
            found |= together
    return found - passed


def _run(
    steps: Sequence[Step],
    carrier: Carrier,
    failures: dict[str, str],
    due: dict[str, datetime],
    *,
    may_start: Callable[[Step], bool],
    limits: Limits,
) -> None:
    """Start steps until none can be started and none runs; *failures* gets what went wrong, *due* what waits for a later day.

    A step that is not due holds no thread, and is not asked again in this run.
    """
    with ThreadPoolExecutor(max_workers=limits.at_once + limits.waiting, thread_name_prefix="cloudmigrate-step") as pool:
        try:
            _started(steps, carrier, failures, due, pool=pool, may_start=may_start, limits=limits)
        except BaseException:  # Ctrl-C, or a journal that takes no more lines: the pool waits for what runs, which must not wait on
            carrier.halt.call()
            raise


def _started(
    steps: Sequence[Step],
    carrier: Carrier,
    failures: dict[str, str],
    due: dict[str, datetime],
    *,
    pool: ThreadPoolExecutor,
    may_start: Callable[[Step], bool],
    limits: Limits,
) -> None:
    running: dict[Future[None], _Running] = {}
    ended: list[str] = []
    known = carrier.journal.standings()
    begun = {one.group for one in steps if is_begun(known.get(one.step_id, NOTHING))}
    while True:
        failed = {one.group for one in steps if one.step_id in failures}
        carrier.world.give_up(failed)
        left = [one for one in steps if one.step_id not in due]
        held_up: set[tuple[object, ...]] = set()  # of what steps share: that of which other waves have all places

        def free(step: Step, held_up: Collection[object] = held_up) -> bool:
            return _shares(step) not in held_up and may_start(step)

        while True:
            known, now, waits = carrier.journal.standings(), running.values(), carrier.world.only_waits
            found = list(_next(left, known, now, begun=begun, failed=failed, may_start=free, waits=waits, limits=limits))
            granted = carrier.places.exchange(ended, {one.step.step_id: one.places(limits) for one in found})
            ended.clear()
            for one in found:
                if one.step.step_id in granted:
                    begun.add(one.step.group)
                    running[pool.submit(carrier.carry_out, one.step)] = one
            if len(granted) == len(found):
                break
            held_up |= {_shares(one.step) for one in found if one.step.step_id not in granted}
        if not running and not held_up:
            return
        if not running:
            carrier.pause(ASK_AGAIN_S)
            continue
        for future in wait(running, timeout=ASK_AGAIN_S if held_up else KEEP_S, return_when=FIRST_COMPLETED).done:
            step = running.pop(future).step
            ended.append(step.step_id)
            try:
                future.result()
            except StepNotDueError as error:
                due[step.step_id] = error.due_at
            except StepGivenUpError:
                continue  # what failed first is told
            except StepError as error:
                failures[step.step_id] = str(error)


def _shares(step: Step) -> tuple[object, ...]:
    """What a step shares with others: those that share the same are held up together."""
    return step.account_id, step.region, step.limited_by


def _next(
    steps: Sequence[Step],
    known: Mapping[str, Standing],
    running: Collection[_Running],
    *,
    begun: Collection[str],
    failed: Collection[str],
    may_start: Callable[[Step], bool],
    waits: Callable[[Step], bool],
    limits: Limits,
) -> Iterator[_Running]:
    """The steps to start now, in their order, as many as the limits let.

    A step that only waits, for hours perhaps, holds none of the places of those that work, but for what it says itself that few may
    share: a source database is loaded from by few at once, however little the wait for it does.
    """
    busy = {one.step.step_id for one in running}
    taken = Counter(name for one in running for name in one.places(limits))
    aside = sum(one.aside for one in running)
    count = len(running) - aside
    begun = set(begun)
    for step in startable(steps, known):
        if step.step_id in busy or step.group in failed or not may_start(step):
            continue
        if step.group not in begun and len(failed) >= limits.failed_groups > 0:
            continue
        one = _Running(step, aside < limits.waiting and waits(step))
        places = one.places(limits)
        if (count >= limits.at_once and not one.aside) or any(taken[name] >= most for name, most in places.items()):
            continue
        taken.update(places.keys())
        aside, count = aside + one.aside, count + (not one.aside)
        begun.add(step.group)
        yield one


def _group_end(
    own: Sequence[Step], known: Mapping[str, Standing], failures: Mapping[str, str], may_start: Callable[[Step], bool]
) -> GroupEnd:
    """Where a group is, before anything is undone: STUCK says that something of it failed, or waits for what will not come."""
    of_steps = [known.get(one.step_id, NOTHING) for one in own]
    waits = any(not may_start(one) for one in startable(own, known))
    if all(one.state is StepState.DONE for one in of_steps):
        return GroupEnd.MIGRATED
    if not any(is_begun(one) for one in of_steps):
        return GroupEnd.WAITING if waits else GroupEnd.NOT_STARTED
    failed = any(one.step_id in failures for one in own)
    return GroupEnd.WAITING if waits and not failed else GroupEnd.STUCK
