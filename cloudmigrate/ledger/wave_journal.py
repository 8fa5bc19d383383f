"""One wave's journal in the ledger, as the engine writes and reads it."""

from collections.abc import Iterable, Mapping
from threading import Lock

from cloudmigrate.domain.journal import NOTHING, Entry, Standing, StepState, after, is_begun, standings
from cloudmigrate.domain.steps import Step
from cloudmigrate.ledger.journal import WaveHold
from cloudmigrate.ledger.ledger import Ledger


class WaveJournal:
    """The record of one wave, by its present holder; safe between threads. Every method raises LedgerError, and WaveBusyError when
    another process has taken the wave over."""

    def __init__(self, ledger: Ledger, hold: WaveHold, steps: Iterable[Step] = ()) -> None:
        """*steps*: of the wave; a resource of theirs that a wave of another plan has in its hands is not begun."""
        self._steps = {one.step_id: one for one in steps}
        self._ledger = ledger
        self._hold = hold
        self._lock = Lock()
        lines = ledger.step_entries(hold.plan_id, hold.wave)
        self._lines = len(lines)
        self._known = standings(lines)

    def standings(self) -> Mapping[str, Standing]:
        """step -> what is known of it, now."""
        with self._lock:
            return dict(self._known)

    def record(self, entry: Entry) -> None:
        """Nothing; the line is kept, for good, or nothing of it is. Raises StepRefusedError where another plan moves the resource."""
        with self._lock:
            first, own = self._claimed(entry)
            self._ledger.record_step(self._hold, entry, first=first, own=own)
            self._lines += 1
            self._known[entry.step_id] = after(self._known.get(entry.step_id, NOTHING), entry, self._lines)

    def _claimed(self, entry: Entry) -> tuple[Step | None, list[Step]]:
        """The step and all that the wave has for its resource, where it is the first of them to begin."""
        step = self._steps.get(entry.step_id)
        if step is None or entry.state is not StepState.INTENT:
            return None, []
        own = [one for one in self._steps.values() if one.uid == step.uid]
        is_ours = any(is_begun(self._known.get(one.step_id, NOTHING)) for one in own)
        return (None, []) if is_ours else (step, own)
