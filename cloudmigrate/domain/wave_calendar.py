"""When each wave takes place: dates from the policy, shifted past freeze windows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy


@dataclass(frozen=True, slots=True)
class WaveDates:
    """The days of one wave, both included, and the freeze windows that it was shifted past."""

    starts_on: date
    ends_on: date
    shifted_past: tuple[FreezeWindow, ...] = ()


class WaveCalendar:
    """The dates of waves from 1 on; the same for the same policy, whatever the waves hold. Without a first day there are none."""

    def __init__(self, policy: WavePolicy) -> None:
        self._known: list[WaveDates | None] = []
        self._coming = _dates(policy)
        self._partial = tuple(window for window in policy.freeze_windows if window.environments)

    def dates(self, wave: int) -> WaveDates | None:
        """The days of that wave; None without a calendar, or after the last day that a date can name."""
        while len(self._known) < wave:
            self._known.append(next(self._coming, None))
        return self._known[wave - 1]

    def frozen(self, wave: int, environment: str | None) -> FreezeWindow | None:
        """The freeze window that keeps that environment out of the wave; windows for all have shifted the wave itself."""
        if not self._partial or environment is None:
            return None
        dates = self.dates(wave)
        return next((one for one in self._partial if dates and environment in one.environments and overlaps(one, dates)), None)

    def scoped(self, wave: int) -> FreezeWindow | None:
        """The first freeze window for some environments that the wave lies in."""
        dates = self.dates(wave) if self._partial else None
        return next((one for one in self._partial if dates and overlaps(one, dates)), None)


def overlaps(window: FreezeWindow, dates: WaveDates) -> bool:
    """Whether they share a day."""
    return window.from_on <= dates.ends_on and dates.starts_on <= window.to_on


def _dates(policy: WavePolicy) -> Iterator[WaveDates]:
    if policy.first_wave_on is None:
        return
    for_all = sorted((one for one in policy.freeze_windows if not one.environments), key=lambda one: (one.from_on, one.to_on))
    starts_on = policy.first_wave_on
    takes, apart = timedelta(days=policy.wave_days - 1), timedelta(days=policy.days_between_waves)
    try:
        while True:
            passed: list[FreezeWindow] = []
            for window in for_all:
                if overlaps(window, WaveDates(starts_on, starts_on + takes)):
                    starts_on = window.to_on + timedelta(days=1)
                    passed.append(window)
            yield WaveDates(starts_on, starts_on + takes, tuple(passed))
            starts_on += apart
    except OverflowError:  # after the year 9999
        return
