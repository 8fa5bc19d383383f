"""The calendar that traffic's periodicity is told by: sets of days as bits, so that a query can count them.

A month's end is its last three days and the first of the next: what closes a month runs on one of them, weekends pushed aside.
"""

from dataclasses import dataclass
from datetime import date, timedelta

DAYS_AT_MOST = 126  # looked at: 18 weeks, which fit into the signed 128 bits of a query's integer, shifted by one
WEEKEND = (5, 6)  # of date.weekday(); by UTC, like all hours
BEFORE_MONTH_ENDS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Sets of days; bit n stands for the nth day from *first_day*."""

    first_day: date
    weekdays: tuple[int, ...]  # all Mondays, ..., all Sundays
    month_ends: tuple[int, ...]  # for each month's end that the days touch

    @property
    def weekend(self) -> int:
        """All days of weekends."""
        return sum(self.weekdays[one] for one in WEEKEND)


def calendar_of(first_day: date, last_day: date) -> Calendar:
    """The calendar of the days between the two, both included; of the last `DAYS_AT_MOST` if there are more."""
    first = max(first_day, last_day - timedelta(days=DAYS_AT_MOST - 1))
    days = [first + timedelta(days=number) for number in range((last_day - first).days + 1)]
    weekdays = [sum(1 << number for number, day in enumerate(days) if day.weekday() == weekday) for weekday in range(7)]
    ends: dict[date, int] = {}
    for number, day in enumerate(days):
        for first_of_next in (day, (day.replace(day=1) + timedelta(days=32)).replace(day=1)):
            if first_of_next.day == 1 and first_of_next - BEFORE_MONTH_ENDS - timedelta(days=1) <= day:
                ends[first_of_next] = ends.get(first_of_next, 0) | 1 << number
    return Calendar(first, tuple(weekdays), tuple(ends[one] for one in sorted(ends)))
