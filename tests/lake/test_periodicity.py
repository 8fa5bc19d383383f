"""How traffic repeats (traffic_totals, traffic_periods): by hand-made activity, and laws about a dropped occurrence."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.periodicity import DAYS_AT_MOST, calendar_of
from cloudmigrate.lake.dataset import UTC_TIME
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.traffic import add_up_days
from cloudmigrate.lake.views import Selection, Views

MONDAY = date(2025, 11, 3)
COUNTS = ("source", "target", "bytes", "packets", "flows")
BY_DAY = pa.schema(
    {"day": pa.date32(), "first_at": UTC_TIME, "last_at": UTC_TIME}
    | dict.fromkeys(COUNTS, pa.int64())
    | {"service": pa.int32(), "seen": pa.int64()}
)
Activity = Mapping[date, Iterable[int]]  # day -> hours


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("periods")


def words(folder: Path, *edges: Activity, flows_an_hour: int = 2) -> list[str]:
    """The periodicity of each edge, all in one window."""
    rows: list[dict[str, Any]] = []
    for number, activity in enumerate(edges):
        for day, hours in activity.items():
            some = sorted(hours)
            at = datetime.combine(day, datetime.min.time(), UTC)
            rows.append(
                dict.fromkeys(BY_DAY.names, 0)
                | {"source": number, "target": 9, "day": day, "flows": flows_an_hour * len(some)}
                | {"first_at": at, "last_at": at, "seen": sum(1 << 32 + hour for hour in some)}
            )
    with Views(Lake.open(str(folder)), Selection("s", {})) as views:
        views.register("by_day", rows, BY_DAY)
        add_up_days(views)
        return [row[0] for row in views.execute("select periodicity from periods order by source").fetchall()]


def days(*numbers: int, hours: Iterable[int] = (3,), first: date = MONDAY) -> Activity:
    return {first + timedelta(days=number): list(hours) for number in numbers}


def month_ends(*months: tuple[int, int], shift: int = 0) -> Activity:
    return {date(year, month, 1) + timedelta(days=shift - 1): [2] for year, month in months}


OFFICE = tuple(range(7, 17))


@pytest.mark.parametrize(
    ("activity", "word"),
    [
        pytest.param(days(0), "once", id="one-hour"),
        pytest.param({MONDAY: [22, 23], MONDAY + timedelta(days=1): [0, 1]}, "once", id="one-night"),
        pytest.param(days(0, 2), "irregular", id="two-days"),
        pytest.param(days(*range(14), hours=range(24)), "hourly", id="every-hour-a-little"),
        pytest.param(days(*range(14)), "daily", id="every-night"),
        pytest.param(days(*range(14), hours=OFFICE), "daily", id="in-office-hours-and-on-weekends"),
        pytest.param(days(0, 1, 2, 3, 4, 7, 8, 9, 10, 11, hours=OFFICE), "weekdays", id="in-office-hours"),
        pytest.param(days(0, 1, 2, 3, 4), "daily", id="five-days-without-a-weekend-between-cannot-tell"),
        pytest.param(days(5, 12), "weekly", id="two-saturdays-of-a-fortnight"),
        pytest.param({**days(5, 12, 19, hours=[23]), **days(6, 13, 20, hours=[0, 1])}, "weekly", id="saturday-nights-past-midnight"),
        pytest.param(days(5, 6, 12, 13, 19, 20), "weekly", id="weekends"),
        pytest.param(days(5, 33), "irregular", id="four-weeks-apart"),
        pytest.param(days(0, 14, 28, 42), "irregular", id="every-other-week"),
        pytest.param(month_ends((2025, 9), (2025, 10), (2025, 11)), "month_end", id="last-days"),
        pytest.param(month_ends((2025, 9), (2025, 10), (2025, 11), shift=1), "month_end", id="first-days"),
        pytest.param(month_ends((2025, 10), (2025, 11)), "month_end", id="two-month-ends"),
        pytest.param(month_ends((2025, 11)), "once", id="one-month-end-shows-nothing"),
        pytest.param(month_ends((2025, 9), (2025, 10), (2025, 11), shift=10), "irregular", id="monthly-on-the-tenth"),
        pytest.param(days(0, 3, 4, 9, 13), "irregular", id="now-and-then"),
    ],
)
def test_words(folder: Path, activity: Activity, word: str) -> None:
    assert words(folder, activity) == [word]


def test_many_records_an_hour_are_continuous(folder: Path) -> None:
    assert words(folder, days(*range(3), hours=range(24)), flows_an_hour=5) == ["continuous"]


def test_a_month_end_cannot_show_in_a_fortnight() -> None:
    calendar = calendar_of(date(2025, 11, 20), date(2025, 12, 3))

    assert len(calendar.month_ends) == 1  # and two are needed


KINDS: Mapping[str, tuple[Activity, str]] = {
    "hourly": (days(*range(10), hours=range(24)), "hourly"),
    "daily": (days(*range(14)), "daily"),
    "weekdays": (days(*(n for n in range(28) if n % 7 < 5), hours=OFFICE), "weekdays"),
    "weekly": (days(*range(2, 42, 7)), "weekly"),
    "month_end": (month_ends((2025, 8), (2025, 9), (2025, 10), (2025, 11)), "month_end"),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_dropped_occurrence_changes_nothing(folder: Path, kind: str, data: st.DataObject) -> None:
    activity, word = KINDS[kind]
    if kind == "hourly":
        day, hour = data.draw(st.sampled_from(sorted(activity))), data.draw(st.integers(0, 23))
        dropped = {one: [n for n in hours if (one, n) != (day, hour)] for one, hours in activity.items()}
    else:
        gone = data.draw(st.sampled_from(sorted(activity)))
        dropped = {one: hours for one, hours in activity.items() if one != gone}

    assert words(folder, dropped) == [word]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 6), st.integers(0, 23), st.integers(0, 300))
def test_words_do_not_depend_on_when_the_window_begins(folder: Path, weekday: int, hour: int, shift: int) -> None:
    first = MONDAY + timedelta(days=7 * shift)
    weekly = days(*range(weekday, 35, 7), hours=[hour], first=first)
    daily = days(*range(weekday, weekday + 12), hours=[hour], first=first)
    always = days(*range(35), hours=range(24), first=first)

    assert words(folder, weekly, daily, always) == ["weekly", "daily", "hourly"]


def test_of_a_long_window_the_last_weeks_tell(folder: Path) -> None:
    """A year ago it ran now and then; since the spring every Monday."""
    old = days(0, 5, 9, 33, 41)
    weekly = days(*range(280, 399, 7))

    assert words(folder, {**old, **weekly}, days(*range(399))) == ["weekly", "daily"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(date(2025, 11, 27), date(2025, 12, 2), [[1, 2, 3, 4]], id="28-november-to-1-december"),
        pytest.param(date(2024, 2, 27), date(2024, 3, 31), [[0, 1, 2, 3], [31, 32, 33]], id="a-leap-year"),
        pytest.param(date(2025, 11, 5), date(2025, 11, 20), [], id="none"),
    ],
)
def test_month_ends_are_the_last_three_days_and_the_first(first: date, last: date, expected: Sequence[Sequence[int]]) -> None:
    assert [bits_of(one) for one in calendar_of(first, last).month_ends] == expected


def test_weekdays_make_up_all_days_of_the_calendar() -> None:
    calendar = calendar_of(date(2024, 1, 1), date(2025, 11, 30))

    assert sum(calendar.weekdays) == (1 << DAYS_AT_MOST) - 1
    assert calendar.first_day == date(2025, 7, 28)
    assert bits_of(calendar.weekdays[0])[:2] == [0, 7]  # that was a Monday
    assert calendar.weekend == calendar.weekdays[5] | calendar.weekdays[6]


def bits_of(mask: int) -> list[int]:
    return [number for number in range(mask.bit_length()) if mask >> number & 1]
