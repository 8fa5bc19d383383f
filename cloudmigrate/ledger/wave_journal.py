"""One wave's journal in the ledger, as the engine writes and reads it, and its places among other waves."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from cloudmigrate import log
from cloudmigrate.domain.journal import NOTHING, Entry, Standing, StepState, after, is_begun, standings
from cloudmigrate.domain.steps import Step
from cloudmigrate.errors.steps import StepUnrecordedError
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger.journal import WaveHold
from cloudmigrate.ledger.journal_proof import Doubt
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import NotedHead

logger = log.get_logger(__name__)
FRESH_S = 1.0  # an answer that took longer may be of before this process stood still
ASKED_AT_MOST = 3  # by then it is the database that is slow


@dataclass
class WavePlaces:
    """What a wave shares with others that run now. Its rows are leased: who dies, or stands still for minutes, has them no more."""

    ledger: Ledger
    hold: WaveHold
    _ended: set[str] = field(default_factory=set)  # not given back yet
    _is_held_up: bool = False

    def exchange(self, ended: Collection[str], wanted: Mapping[str, Mapping[str, int]]) -> Collection[str]:
        """The steps of *wanted* that may start now. Raises LedgerError; not where nothing is wanted: limits are not worth a wave."""
        self._ended.update(ended)
        try:
            granted = self.ledger.exchange_places(self.hold, self._ended, wanted)
        except LedgerError as error:
            if wanted:
                raise
            logger.warning(f"the places of wave {self.hold.wave} cannot be kept now, and it goes on: {error}")
            return ()
        self._ended.clear()
        held_up = sorted(wanted.keys() - granted)
        if held_up and not self._is_held_up:
            logger.info(f"other waves have the places of {', '.join(held_up)} (execution.limits): asked for again every few seconds")
        self._is_held_up = bool(held_up)
        return granted


@contextmanager
def told_of(plan_id: str, wave: int, step: Step | None) -> Iterator[None]:
    """What the ledger did not take within it is told with the step's place, and how the wave goes on. Raises StepUnrecordedError."""
    try:
        yield
    except LedgerError as error:
        if step is None:
            raise
        place = {"account_id": step.account_id, "region": step.region, "uid": step.uid}
        raise StepUnrecordedError(error, plan_id=plan_id, wave=wave, **place) from error


class WaveJournal:
    """The record of one wave, by its present holder; safe between threads. Every method raises LedgerError, and WaveBusyError when
    another process has taken the wave over."""

    def __init__(
        self,
        ledger: Ledger,
        hold: WaveHold,
        steps: Iterable[Step] = (),
        *,
        signed: Callable[[], Sequence[NotedHead]] = tuple,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*steps*: of the wave; a resource of theirs that a wave of another plan has in its hands is not begun.

        *signed*: heads of the audit chain that people signed; asked for where lines are held against it.
        """
        self._steps = {one.step_id: one for one in steps}
        self._signed = signed
        self._clock = clock
        self._ledger = ledger
        self._hold = hold
        self._lock = Lock()
        self._lines = list(ledger.step_entries(hold.plan_id, hold.wave))
        self._doubts: Mapping[str, Doubt] | None = None if self._lines else {}
        self._known = standings(self._lines)

    def standings(self) -> Mapping[str, Standing]:
        """step -> what is known of it, now."""
        with self._lock:
            return dict(self._known)

    def doubt(self, step_id: str) -> str:
        """Why what was found of that step, written before this process, is not to be acted upon; empty where the audit chain tells it."""
        with self._lock:
            if self._doubts is None:
                self._doubts = self._ledger.journal_doubts(self._hold.plan_id, self._hold.wave, self._lines, self._signed())
            found = self._doubts.get(step_id)
            return found.why if found else ""

    def record(self, entry: Entry) -> None:
        """Nothing; the line is kept, for good, or nothing of it is. Raises StepRefusedError where another plan moves the resource."""
        with self._lock:
            first, own = self._claimed(entry)
            with told_of(self._hold.plan_id, self._hold.wave, self._steps.get(entry.step_id)):
                self._ledger.record_step(self._hold, entry, first=first, own=own)
            self._lines.append(entry)
            self._known[entry.step_id] = after(self._known.get(entry.step_id, NOTHING), entry, len(self._lines))

    def refuse_lost(self) -> None:
        """Nothing, if a moment ago nobody had taken the wave over: asked right before a call, and again where the answer took long."""
        for _ in range(ASKED_AT_MOST):
            asked_at = self._clock()
            self._ledger.refuse_lost(self._hold)
            if self._clock() - asked_at < FRESH_S:
                return

    def _claimed(self, entry: Entry) -> tuple[Step | None, list[Step]]:
        """The step and all that the wave has for its resource, where it is the first of them to begin."""
        step = self._steps.get(entry.step_id)
        if step is None or entry.state is not StepState.INTENT:
            return None, []
        own = [one for one in self._steps.values() if one.uid == step.uid]
        is_ours = any(is_begun(self._known.get(one.step_id, NOTHING)) for one in own)
        return (None, []) if is_ours else (step, own)
