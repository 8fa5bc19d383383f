"""The end of a run in its midst: by Ctrl-C, or because the journal takes no more lines. What waits stops waiting; nothing more is begun."""

from dataclasses import dataclass, field
from threading import Event

from cloudmigrate.errors.waves import WaveHaltedError


@dataclass(frozen=True, slots=True)
class Halt:
    """Whether this run of a wave is to end now; safe between threads."""

    _called: Event = field(default_factory=Event)

    def call(self) -> None:
        """From now on pauses end at once, and no further call is begun."""
        self._called.set()

    def check(self) -> None:
        """Nothing, as long as the run goes on. Raises WaveHaltedError."""
        if self._called.is_set():
            raise WaveHaltedError

    def sleep(self, seconds: float) -> None:
        """Nothing, after so long. Raises WaveHaltedError, at once, where the run is to end."""
        if self._called.wait(seconds):
            raise WaveHaltedError
