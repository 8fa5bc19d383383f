"""What counts as a gap of an assessment."""

import pytest

from cloudmigrate.domain.assessment import Assessment


def assessment(**more: int | None) -> Assessment:
    return Assessment("s", "p", (), {"AWS::EC2::Instance": 1}, {"ok": 3, "empty": 2, "denied": 0}, **more)


@pytest.mark.parametrize(
    ("found", "has_gaps"),
    [
        pytest.param(assessment(), False, id="nothing-asked-of-metrics-no-flow-logs-there"),
        pytest.param(assessment(metric_gaps=0, flow_log_gaps=0), False, id="all-read"),
        pytest.param(assessment(metric_gaps=1), True, id="a-metric-was-refused"),
        pytest.param(assessment(flow_log_gaps=1), True, id="a-place-of-flow-logs-was-not-read"),
        pytest.param(Assessment("s", None, (), {}, {"ok": 1, "partial": 1}), True, id="a-type-was-seen-in-part"),
    ],
)
def test_gaps(found: Assessment, *, has_gaps: bool) -> None:
    assert found.has_gaps is has_gaps


def test_a_script_is_told_that_traffic_was_not_measured() -> None:
    assert assessment().document()["flow_log_gaps"] is None
