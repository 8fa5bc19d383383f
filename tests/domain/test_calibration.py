"""What journals of waves say of recommendations, by hand."""

from dataclasses import replace

import pytest

from cloudmigrate.domain.calibration import UNCALIBRATED, Calibration, calibration_of
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.steps import Gate, Step

BEGUN, D, F, U, N = StepState.INTENT, StepState.DONE, StepState.FAILED, StepState.UNDOING, StepState.UNDONE


def step(uid: str, name: str, gate: Gate | None = None) -> Step:
    return Step(f"{uid}/{name}", "ec2.run_instance", uid, uid, "111111111111", "eu-central-1", gate=gate)


def lines(step_id: str, *states: StepState) -> list[Entry]:
    return [Entry(step_id, state) for state in states]


STEPS = [step("web", "a"), step("web", "b"), step("db", "a")]
ARRIVED = [*lines("web/a", BEGUN, D), *lines("web/b", BEGUN, D)]


@pytest.mark.parametrize(
    ("entries", "borne_out", "finished"),
    [
        pytest.param([], 0, 0, id="nothing-begun"),
        pytest.param(ARRIVED[:3], 0, 0, id="under-way"),
        pytest.param(ARRIVED, 1, 1, id="arrived"),
        pytest.param([*ARRIVED, *lines("db/a", BEGUN, F)], 1, 2, id="another-failed"),
        pytest.param([*lines("web/a", BEGUN, D), *lines("web/b", BEGUN, F, U, N), *lines("web/a", U, N)], 0, 1, id="went-back-by-itself"),
        pytest.param([*lines("web/b", BEGUN, F, BEGUN, D), *lines("web/a", BEGUN, D)], 1, 1, id="failed-and-arrived-after-all"),
        pytest.param([*ARRIVED, *lines("web/b", U, N), *lines("web/a", U, N)], 0, 0, id="taken-back-by-a-person"),
        pytest.param(
            [*lines("web/b", BEGUN, F, BEGUN, D, U, N), *lines("web/a", BEGUN, D, U, N)], 0, 0, id="failed-and-arrived-and-taken-back"
        ),
    ],
)
def test_a_wave_by_hand(entries: list[Entry], borne_out: int, finished: int) -> None:
    assert calibration_of([(STEPS, entries)]) == Calibration(borne_out, finished)


def test_the_newest_wave_of_a_resource_counts() -> None:
    failed = lines("web/a", BEGUN, F)
    assert calibration_of([(STEPS, ARRIVED), (STEPS, failed)]) == Calibration(1, 1)
    assert calibration_of([(STEPS, failed), (STEPS, ARRIVED)]) == Calibration(0, 1)


def test_what_people_do_by_hand_says_nothing() -> None:
    by_hand = [replace(one, gate=Gate.BY_HAND) if one.step_id == "web/b" else one for one in STEPS]
    assert calibration_of([(by_hand, ARRIVED)]) == UNCALIBRATED


def test_the_share_is_a_half_and_nears_what_was_seen() -> None:
    assert UNCALIBRATED.share == 0.5
    assert Calibration(3, 3).share == 4 / 5
    assert Calibration(1, 4).share == pytest.approx(2 / 6)
