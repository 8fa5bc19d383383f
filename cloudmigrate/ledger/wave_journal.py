"""One wave's journal in the ledger, as the engine writes and reads it."""

from collections.abc import Mapping
from threading import Lock

from cloudmigrate.domain.journal import NOTHING, Entry, Standing, after, standings
from cloudmigrate.ledger.journal import WaveHold
from cloudmigrate.ledger.ledger import Ledger


class WaveJournal:
    """The record of one wave, by its present holder; safe between threads. Every method raises LedgerError, and WaveBusyError when
    another process has taken the wave over."""

    def __init__(self, ledger: Ledger, hold: WaveHold) -> None:
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
        """Nothing; the line is kept, for good, or nothing of it is."""
        with self._lock:
            self._ledger.record_step(self._hold, entry)
            self._lines += 1
            self._known[entry.step_id] = after(self._known.get(entry.step_id, NOTHING), entry, self._lines)
