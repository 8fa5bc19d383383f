"""Rules and guards of the pattern verdicts, case by case; the forest of these tests says what the case wants."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.load_metrics import SubjectKind
from cloudmigrate.domain.pattern_features import MODEL_FEATURES, Features, Pattern, matrix
from cloudmigrate.domain.pattern_forest import Forest, Tree
from cloudmigrate.domain.patterns import Verdict, classify, rules_met

END = datetime(2026, 11, 23, tzinfo=UTC)
BUSY = Features(
    uid="i-1",
    kind=SubjectKind.SERVER,
    samples=4032,
    hours=336,
    gaps=0,
    gap_hours=0,
    first_at=END - timedelta(days=14),
    last_at=END - timedelta(minutes=5),
    age_days=14.0,
    level_mean_pct=40.0,
    level_median_pct=40.0,
    floor_pct=38.0,
    high_pct=42.0,
    top_pct=43.0,
    peak_pct=50.0,
    peak_measured=True,
    spread=2.0,
    spikes=0.0,
    autocorrelation_day=0.1,
    autocorrelation_week=0.1,
    daily_share=0.05,
    daily_swing_pct=1.0,
    trend=0.0,
    trend_fit=0.0,
    step_fit=0.1,
    duty_cycle=1.0,
    days=14,
    low_cpu_days=0,
    low_days=0,
    network_days=14,
    network_hours=336,
    network_mb_a_day=5000.0,
    network_mb_a_day_max=6000.0,
    connection_hours=0,
    connections_max=None,
)
QUIET = replace(
    BUSY,
    level_mean_pct=1.0,
    level_median_pct=1.0,
    floor_pct=0.8,
    high_pct=1.2,
    top_pct=1.3,
    peak_pct=4.9,
    spread=0.1,
    duty_cycle=0.0,
    low_cpu_days=14,
    low_days=14,
    network_mb_a_day=1.0,
    network_mb_a_day_max=4.9,
)
UNMEASURED = {"network_days": 0, "network_hours": 0, "network_mb_a_day": None, "network_mb_a_day_max": None, "low_days": 0}
NIGHTLY = replace(BUSY, level_mean_pct=10.0, floor_pct=2.0, duty_cycle=0.25, autocorrelation_day=0.9, peak_pct=95.0)


def forest(**shares: float) -> Forest:
    """A forest of one leaf, which says the same of everything."""
    classes = (Pattern.BATCH, Pattern.BURSTY, Pattern.DECLINING, Pattern.DIURNAL, Pattern.GROWING, Pattern.STEADY)
    leaf = np.array([-1])
    votes = np.array([[shares.get(str(one), 0.0) for one in classes]])
    return Forest(classes, MODEL_FEATURES, (Tree(leaf, np.array([0.0]), leaf, leaf, votes),), 1)


def verdict(one: Features, **shares: float) -> Verdict:
    (found,) = classify([one], forest(**(shares or {"steady": 0.9, "bursty": 0.1})))
    return found


@pytest.mark.parametrize(
    ("one", "pattern", "rule"),
    [
        pytest.param(QUIET, Pattern.IDLE, "compute-optimizer-idle", id="peak-under-5-and-network-under-5"),
        pytest.param(replace(QUIET, peak_pct=5.0), Pattern.IDLE, "trusted-advisor-low-utilisation", id="a-peak-of-5-is-not-under-5"),
        pytest.param(
            replace(QUIET, network_mb_a_day_max=5.0), Pattern.IDLE, "trusted-advisor-low-utilisation", id="5-mb-is-low-to-one-rule-only"
        ),
        pytest.param(
            replace(QUIET, age_days=7.0, hours=168, days=7, low_cpu_days=7, low_days=7, network_hours=168),
            Pattern.IDLE,
            "trusted-advisor-low-utilisation",
            id="a-week-is-enough-for-days-only",
        ),
        pytest.param(
            replace(QUIET, hours=300, network_hours=300),
            Pattern.IDLE,
            "trusted-advisor-low-utilisation",
            id="too-many-hours-lack-for-a-peak",
        ),
        pytest.param(replace(QUIET, low_days=13), Pattern.IDLE, "compute-optimizer-idle", id="compute-optimizer-needs-no-days"),
        pytest.param(replace(QUIET, peak_pct=6.0, low_days=13), Pattern.STEADY, "model", id="one-day-with-traffic-is-use"),
        pytest.param(replace(QUIET, **UNMEASURED), Pattern.INSUFFICIENT_DATA, "looks-idle-unproved", id="no-network-is-never-idle"),
        pytest.param(replace(QUIET, network_hours=300), Pattern.INSUFFICIENT_DATA, "looks-idle-unproved", id="network-for-too-few-hours"),
        pytest.param(
            replace(QUIET, network_mb_a_day=900.0, network_mb_a_day_max=999.0, low_days=0), Pattern.STEADY, "model", id="quiet-at-work"
        ),
        pytest.param(
            replace(QUIET, peak_pct=99.7, network_mb_a_day_max=4.9), Pattern.STEADY, "model", id="low-days-with-a-peak-are-not-idle"
        ),
        pytest.param(
            replace(BUSY, level_mean_pct=9.0, peak_pct=60.0, **UNMEASURED),
            Pattern.INSUFFICIENT_DATA,
            "low-cpu-unproved",
            id="low-cpu-without-network-is-never-steady",
        ),
        pytest.param(
            replace(BUSY, kind=SubjectKind.REQUESTS, level_mean_pct=9.0, peak_pct=100.0, **UNMEASURED),
            Pattern.STEADY,
            "model",
            id="requests-are-their-own-proof",
        ),
        pytest.param(replace(BUSY, **UNMEASURED), Pattern.STEADY, "model", id="busy-needs-no-proof"),
        pytest.param(replace(BUSY, hours=95), Pattern.INSUFFICIENT_DATA, "too-few-hours", id="under-four-days"),
        pytest.param(replace(BUSY, hours=150, gap_hours=186), Pattern.INSUFFICIENT_DATA, "too-many-gaps", id="more-gaps-than-data"),
        pytest.param(NIGHTLY, Pattern.BATCH, "periodic-low-duty", id="a-quarter-of-the-time-is-batch"),
        pytest.param(replace(NIGHTLY, duty_cycle=0.26), Pattern.STEADY, "model", id="more-than-a-quarter-is-not"),
        pytest.param(replace(NIGHTLY, floor_pct=5.0), Pattern.STEADY, "model", id="nor-with-a-floor-that-works"),
        pytest.param(
            replace(NIGHTLY, autocorrelation_day=0.2, autocorrelation_week=0.8), Pattern.BATCH, "periodic-low-duty", id="once-a-week"
        ),
        pytest.param(replace(NIGHTLY, autocorrelation_day=None, autocorrelation_week=None), Pattern.STEADY, "model", id="no-rhythm"),
    ],
)
def test_rules(one: Features, pattern: Pattern, rule: str) -> None:
    found = verdict(one)
    assert (found.pattern, found.rule) == (pattern, rule)
    assert (found.confidence is None) == (pattern is Pattern.INSUFFICIENT_DATA)


@pytest.mark.parametrize(
    ("change", "pattern", "rule", "reason"),
    [
        pytest.param(
            {"connection_hours": 336, "connections_max": 0.0},
            Pattern.IDLE,
            "database-without-connections",
            "CPU peaks at 4.9 % and nobody connected in 14 days",
            id="nobody-connects",
        ),
        pytest.param({"connection_hours": 336, "connections_max": 1.0}, Pattern.STEADY, "model", "at 1.0 %", id="somebody-did-once"),
        pytest.param(
            {"connection_hours": 0}, Pattern.INSUFFICIENT_DATA, "looks-idle-unproved", "looks idle, connections not", id="not-measured"
        ),
    ],
)
def test_a_database_is_proved_idle_by_its_connections(change: dict[str, float], pattern: Pattern, rule: str, reason: str) -> None:
    found = verdict(replace(QUIET, kind=SubjectKind.DATABASE, **UNMEASURED, **change))
    assert (found.pattern, found.rule) == (pattern, rule)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("change", "shares", "pattern"),
    [
        pytest.param({"autocorrelation_day": 0.29}, {"diurnal": 0.6, "bursty": 0.4}, Pattern.BURSTY, id="no-rhythm-is-not-diurnal"),
        pytest.param({"autocorrelation_day": 0.31}, {"diurnal": 0.6, "bursty": 0.4}, Pattern.DIURNAL, id="rhythm-may-be"),
        pytest.param({"trend": -9.0, "trend_fit": 0.9}, {"growing": 0.6, "steady": 0.4}, Pattern.STEADY, id="falling-is-not-growing"),
        pytest.param({"trend": 6.1, "trend_fit": 0.9}, {"growing": 0.6, "steady": 0.4}, Pattern.GROWING, id="15-percent-a-week"),
        pytest.param({"trend": 5.9, "trend_fit": 0.9}, {"growing": 0.6, "steady": 0.4}, Pattern.STEADY, id="less-is-drift"),
        pytest.param({"trend": -8.0, "trend_fit": 0.5}, {"declining": 0.6, "steady": 0.4}, Pattern.DECLINING, id="declining"),
        pytest.param({}, {"batch": 0.9, "steady": 0.1}, Pattern.STEADY, id="the-model-cannot-make-a-busy-server-batch"),
    ],
)
def test_guards_hold_the_model(change: dict[str, float], shares: dict[str, float], pattern: Pattern) -> None:
    found = verdict(replace(BUSY, **change), **shares)
    assert found.pattern is pattern
    assert found.confidence == pytest.approx(shares[str(pattern)])
    assert ("is out: " in found.reason) == (shares[str(pattern)] < 0.5)


def test_confidence_falls_with_the_hours_that_are_missing() -> None:
    assert verdict(BUSY).confidence == pytest.approx(0.9)
    assert verdict(replace(BUSY, hours=168)).confidence == pytest.approx(0.45)
    assert verdict(replace(QUIET, hours=320, network_hours=320)).confidence == pytest.approx(320 / 336)


def test_a_resource_that_fell_silent_is_told() -> None:
    """Ten days of data, and none for the four that followed."""
    found = verdict(replace(BUSY, hours=240, last_at=END - timedelta(days=4)))
    assert found.reason.endswith("; no data for the last 4.0 days")
    assert found.confidence == pytest.approx(0.9 * 240 / 336)


def test_rules_of_aws_are_named_whatever_the_verdict() -> None:
    """A machine that peaks at 99.7 % and rests on four of its days is low utilisation to Trusted Advisor, and not idle."""
    one = replace(BUSY, low_cpu_days=14, low_days=4, peak_pct=99.7)
    assert rules_met(one) == ("trusted-advisor-low-utilisation",)
    assert verdict(one, bursty=1.0).pattern is Pattern.BURSTY
    assert rules_met(QUIET) == ("compute-optimizer-idle", "trusted-advisor-low-utilisation")
    assert rules_met(replace(QUIET, low_days=3, peak_measured=False)) == ()  # the peak of means is no peak
    assert rules_met(replace(QUIET, **UNMEASURED)) == ()


def test_a_tree_is_walked_to_its_leaf() -> None:
    """Spread over 0.5 of the level is bursty; under it, a duty cycle up to 0.25 is batch, above it steady."""
    duty = MODEL_FEATURES.index("duty_cycle")
    tree = Tree(
        feature=np.array([0, duty, -1, -1, -1]),
        threshold=np.array([0.5, 0.25, 0, 0, 0]),
        left=np.array([1, 3, -1, -1, -1]),
        right=np.array([2, 4, -1, -1, -1]),
        shares=np.array([[0, 0, 0], [0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0.2, 0.8]], dtype=float),
    )
    model = Forest((Pattern.BATCH, Pattern.BURSTY, Pattern.STEADY), MODEL_FEATURES, (tree, tree), 1)
    rows = matrix([replace(BUSY, spread=30.0), replace(BUSY, duty_cycle=0.25), BUSY])
    assert model.votes(rows).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0.2, 0.8]]
    assert Forest.of(model.value()).votes(rows).tolist() == model.votes(rows).tolist()
    assert model.votes(matrix([])).shape == (0, 3)


def test_a_forest_for_other_features_is_refused() -> None:
    value = forest(steady=1).value() | {"features": ["colour"]}
    with pytest.raises(ValueError, match="Next: fit it anew"):
        Forest.of(value)


@given(
    level=st.floats(0, 100),
    peak=st.floats(0, 100),
    low_cpu_days=st.integers(0, 14),
    hours=st.integers(0, 336),
    gap_hours=st.integers(0, 336),
    kind=st.sampled_from(SubjectKind),
    favourite=st.sampled_from(["steady", "batch", "bursty", "diurnal", "growing", "declining"]),
)
def test_what_was_not_measured_is_never_idle_and_low_never_steady(
    level: float, peak: float, low_cpu_days: int, hours: int, gap_hours: int, kind: SubjectKind, favourite: str
) -> None:
    """Without network and connections, whatever the CPU and whatever the model would like."""
    one = replace(
        BUSY,
        kind=kind,
        level_mean_pct=level,
        peak_pct=max(peak, level),
        low_cpu_days=low_cpu_days,
        hours=hours,
        gap_hours=gap_hours,
        **UNMEASURED,
    )
    found = verdict(one, **{favourite: 1.0})
    assert found.pattern is not Pattern.IDLE
    if level <= 10 and kind is not SubjectKind.REQUESTS:
        assert found.pattern is not Pattern.STEADY
