"""The table of data checks, and the frames that are prepared for it."""

import json
from datetime import UTC, datetime

import pytest

from cloudmigrate.domain.quality import (
    CHECKS,
    FRAME_KEYS,
    Check,
    CheckKind,
    CheckResult,
    Expected,
    Severity,
    critical_failures,
    metric_frame,
    scope_frame,
)
from cloudmigrate.lake import datasets


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.dataset}.{check.name}")
def test_every_check_is_whole(check: Check) -> None:
    """Its dataset and frame exist, and it has the parameters of its kind and no other."""
    assert check.dataset in datasets.BY_NAME
    assert check.frame in FRAME_KEYS
    assert (check.known is not None) == (check.kind is CheckKind.IN_SET)
    assert (check.pattern is not None) == (check.kind is CheckKind.MATCHES)
    assert (check.low is not None or check.high is not None) == (check.kind is CheckKind.BETWEEN)
    assert check.known is None or check.known in Expected.__dataclass_fields__


def test_checks_are_named_apart() -> None:
    assert len({(check.dataset, check.name) for check in CHECKS}) == len(CHECKS)


def test_what_stops_a_run() -> None:
    """Null or duplicate keys, unknown types and impossible values stop it; what may rightly be unresolved does not."""
    warnings = {f"{check.dataset}.{check.name}" for check in CHECKS if check.severity is Severity.WARNING}
    assert warnings == {"coverage.gaps_explained", "relations.target_in_inventory", "metrics.uid_in_inventory"}


def test_scope_frame_asks_for_every_triple() -> None:
    coverage = [{"account_id": "1", "region": "global", "type": "T", "status": "denied"}]
    assert scope_frame(coverage, {("1", "global", "T"), ("1", "eu-west-1", "U")}) == [
        {"account_id": "1", "region": "eu-west-1", "type": "U", "has_row": False},
        {"account_id": "1", "region": "global", "type": "T", "has_row": True},
    ]


@pytest.mark.parametrize(
    ("type_", "metric", "stat", "low", "over_floor", "percent_max"),
    [
        pytest.param("AWS::EC2::Instance", "CPUUtilization", "Average", 2.0, 2.0, 120.0, id="share"),
        pytest.param("AWS::EC2::Instance", "CPUUtilization", "SampleCount", 2.0, 2.0, None, id="samples-of-a-share"),
        pytest.param("AWS::EC2::Instance", "NetworkIn", "Average", 2.0, 2.0, None, id="bytes"),
        pytest.param("AWS::ECS::Service", "CPUUtilization", "Average", 2.0, 2.0, None, id="ecs-may-exceed-its-reservation"),
        pytest.param("AWS::RDS::DBInstance", "ReplicaLag", "Average", -1.0, 0.0, None, id="lag-of-no-replication"),
        pytest.param(None, "CPUUtilization", "Average", 2.0, 2.0, None, id="unknown-resource"),
        pytest.param("AWS::EC2::Instance", "CPUUtilization", "Average", None, None, 120.0, id="no-finite-point"),
    ],
)
def test_metric_frame(
    type_: str | None, metric: str, stat: str, low: float | None, over_floor: float | None, percent_max: float | None
) -> None:
    group = {"uid": "u", "type": type_, "metric": metric, "stat": stat, "value_min": low, "value_max": 120.0}
    shares = {("AWS::EC2::Instance", "CPUUtilization"), ("AWS::ECS::Service", "CPUUtilization")}
    assert metric_frame([group], shares) == [{**group, "over_floor": over_floor, "percent_max": percent_max}]


UNIQUE = next(check for check in CHECKS if check.name == "uid_unique")


def test_a_result_is_a_row_of_quality() -> None:
    """Samples are cut and hold no number that JSON lacks: they come from strangers and go into reports."""
    result = CheckResult(UNIQUE, 3, 2, passed=False, sample=({"uid": "x" * 10_000, "copies": 2, "type": float("nan")},))
    row = result.row()
    assert list(row) == datasets.QUALITY.schema.names
    assert json.loads(str(row["sample"])) == [{"uid": "x" * 200, "copies": "2", "type": None}]
    assert (row["dataset"], row["check_name"], row["severity"]) == ("inventory", "uid_unique", "critical")


def test_critical_failures_are_told_in_a_line_each() -> None:
    target = next(check for check in CHECKS if check.name == "target_in_inventory")
    rows = [
        CheckResult(UNIQUE, 3, 2, passed=False, sample=({"uid": "a"},)).row(),
        CheckResult(UNIQUE, 3, 0, passed=True).row(),
        CheckResult(target, 9, 4, passed=False).row(),
    ]
    assert critical_failures(rows) == ('inventory.uid_unique: 2 of 3 rows, such as [{"uid": "a"}]',)


def test_clocks_may_differ_by_what_a_signature_allows() -> None:
    read_until = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    expected = Expected(frozenset(), frozenset(), frozenset(), frozenset(), read_until)
    assert expected.latest_at == datetime(2026, 11, 22, 20, 15, tzinfo=UTC)
    assert expected.statuses == {"ok", "empty", "partial", "denied", "throttled", "failed", "not_attempted"}
