"""Dates of waves, by hand."""

from datetime import date

import pytest
from pydantic import ValidationError

from cloudmigrate.domain.wave_calendar import WaveCalendar, WaveDates
from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy


def freeze(from_on: str, to_on: str, *environments: str) -> FreezeWindow:
    return FreezeWindow.model_validate({"from": from_on, "to": to_on, "reason": "close", "environments": environments})


def starts(policy: WavePolicy, count: int) -> list[str]:
    calendar = WaveCalendar(policy)
    return [str(dates.starts_on) if (dates := calendar.dates(wave)) else "none" for wave in range(1, count + 1)]


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        pytest.param([], ["2027-01-02", "2027-01-16", "2027-01-30"], id="every two weeks"),
        pytest.param([freeze("2027-01-17", "2027-01-20")], ["2027-01-02", "2027-01-21", "2027-02-04"], id="its last day touches a freeze"),
        pytest.param([freeze("2027-01-18", "2027-01-20")], ["2027-01-02", "2027-01-16", "2027-01-30"], id="a freeze between waves"),
        pytest.param(
            [freeze("2027-01-21", "2027-01-25"), freeze("2027-01-10", "2027-01-19")],
            ["2027-01-02", "2027-01-26", "2027-02-09"],
            id="past one freeze into the next",
        ),
        pytest.param([freeze("2027-01-01", "2027-01-01")], ["2027-01-02", "2027-01-16", "2027-01-30"], id="over before the first"),
        pytest.param(
            [freeze("2027-01-02", "2027-12-31", "prod")], ["2027-01-02", "2027-01-16", "2027-01-30"], id="of one environment only"
        ),
    ],
)
def test_starts_by_hand(windows: list[FreezeWindow], expected: list[str]) -> None:
    assert starts(WavePolicy(first_wave_on=date(2027, 1, 2), freeze_windows=tuple(windows)), 3) == expected


def test_a_freeze_of_an_environment_keeps_it_out_of_the_waves_that_it_touches() -> None:
    window = freeze("2027-01-16", "2027-01-20", "prod")
    calendar = WaveCalendar(WavePolicy(first_wave_on=date(2027, 1, 2), freeze_windows=(window,)))
    assert [calendar.frozen(wave, "prod") for wave in (1, 2, 3)] == [None, window, None]
    assert calendar.frozen(2, "dev") is calendar.frozen(2, None) is None


def test_a_shifted_wave_names_what_it_was_shifted_past() -> None:
    window = freeze("2027-01-02", "2027-01-04")
    calendar = WaveCalendar(WavePolicy(first_wave_on=date(2027, 1, 2), wave_days=3, freeze_windows=(window,)))
    assert calendar.dates(1) == WaveDates(date(2027, 1, 5), date(2027, 1, 7), (window,))


def test_without_a_first_day_there_are_no_dates() -> None:
    assert starts(WavePolicy(), 2) == ["none", "none"]


def test_dates_end_with_the_calendar() -> None:
    assert starts(WavePolicy(first_wave_on=date(9999, 12, 20)), 2) == ["9999-12-20", "none"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"first_wave_on": "2027-01-02", "freeze_windows": [{"from": "2027-02-02", "to": "2027-01-02", "reason": "x"}]},
            "before it begins",
        ),
        ({"freeze_windows": [{"from": "2027-01-02", "to": "2027-01-02", "reason": "x"}]}, "give first_wave_on too"),
        (
            {
                "first_wave_on": "2027-01-02",
                "freeze_windows": [{"from": "2020-01-01", "to": "9999-12-31", "reason": "x", "environments": ["prod"]}],
            },
            "longer than 3660 days. Next: exclude",
        ),
        ({"wave_days": 15}, "cannot start every 14 days"),
        ({"max_effort_hours_per_wave": float("nan")}, "finite number|greater than 0"),
        ({"waves": 3}, "Extra inputs"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(fields: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        WavePolicy.model_validate(fields)
