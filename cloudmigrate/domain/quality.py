"""What must hold for a snapshot's data before anything is concluded from it: the table of checks.

A check looks at one column of a frame: rows that DuckDB has prepared, with a boolean or a count where a rule spans more than one
column (is the source known, how many rows share the key). Frames come in two grains, one row per record or, for very large
snapshots, one row per group of records with the group's worst values; the columns are the same, so one table serves both.
"""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.resources import CoverageStatus

# AWS refuses requests signed by a clock that is more than 15 minutes off (Signature Version 4, "Request date"), so whoever could read
# the estate is at most that far from AWS's own time.
CLOCK_TOLERANCE = timedelta(minutes=15)

# CloudWatch divides work done in a period by the period's nominal length, while the samples behind it span a few seconds more or less:
# a 60 s sample that took in 63 s of full load reads 105 %. Above that a value is no share of a capacity.
PERCENT_AT_MOST = 105.0

# Shares that may rightly exceed 100: ECS divides use by what the tasks reserved, and a container may use more than its reservation
# (Amazon ECS Developer Guide, "Service utilization metrics").
UNBOUNDED_PERCENT_TYPES = frozenset({"AWS::ECS::Service", "AWS::ECS::Cluster"})

# The least value of a metric, where it is not 0: RDS reports a ReplicaLag of -1 when replication is not running
# (Amazon RDS User Guide, "Monitoring replication lag").
METRIC_FLOORS: Mapping[str, float] = {"ReplicaLag": -1.0}

# Of a percentage, a sum or a count of samples is no percentage.
_NOT_A_SHARE = frozenset({"Sum", "SampleCount"})

PROVIDERS = frozenset({"aws", "azure", "gcp"})


class Severity(StrEnum):
    """What a failed check does."""

    CRITICAL = "critical"  # stops the run before analysis
    WARNING = "warning"  # is counted and shown


class CheckKind(StrEnum):
    """What is asked of each value of a column; a null passes every kind but the first."""

    NOT_NULL = "not_null"
    IN_SET = "in_set"
    MATCHES = "matches"
    BETWEEN = "between"
    TRUE = "true"


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table of checks; identified by dataset and name."""

    dataset: str
    name: str
    kind: CheckKind
    column: str
    severity: Severity
    frame: str  # the frame that has the column
    known: str | None = None  # IN_SET: the attribute of Expected that holds the set
    pattern: str | None = None  # MATCHES
    low: float | None = None  # BETWEEN, inclusive
    high: float | None = None


# What identifies a row of a frame, for the samples of a result.
FRAME_KEYS: Mapping[str, tuple[str, ...]] = {
    "inventory": ("uid", "account_id", "region", "type"),
    "coverage": ("account_id", "region", "type", "status"),
    "coverage_scope": ("account_id", "region", "type"),
    "relations": ("source_uid", "target_uid", "kind"),
    "metrics": ("uid", "metric", "stat"),
}

_C, _W = Severity.CRITICAL, Severity.WARNING

CHECKS: tuple[Check, ...] = (
    Check("inventory", "uid_not_null", CheckKind.NOT_NULL, "uid", _C, "inventory"),
    Check("inventory", "uid_unique", CheckKind.BETWEEN, "copies", _C, "inventory", low=1, high=1),
    Check("inventory", "type_known", CheckKind.IN_SET, "type", _C, "inventory", known="types"),
    Check("inventory", "provider_known", CheckKind.IN_SET, "provider", _C, "inventory", known="providers"),
    Check("inventory", "account_id_is_12_digits", CheckKind.MATCHES, "account_id", _C, "inventory", pattern=r"^[0-9]{12}\Z"),
    Check("inventory", "region_not_empty", CheckKind.MATCHES, "region", _C, "inventory", pattern=r"^[a-z]"),
    Check("inventory", "storage_not_negative", CheckKind.BETWEEN, "storage_bytes", _C, "inventory", low=0),
    Check("inventory", "not_created_in_the_future", CheckKind.BETWEEN, "created_ahead_s", _C, "inventory", high=0),
    Check("coverage", "key_unique", CheckKind.BETWEEN, "copies", _C, "coverage", low=1, high=1),
    Check("coverage", "status_known", CheckKind.IN_SET, "status", _C, "coverage", known="statuses"),
    Check("coverage", "gaps_explained", CheckKind.TRUE, "explained", _W, "coverage"),
    Check("coverage", "scope_complete", CheckKind.TRUE, "has_row", _C, "coverage_scope"),
    Check("relations", "key_unique", CheckKind.BETWEEN, "copies", _C, "relations", low=1, high=1),
    Check("relations", "kind_known", CheckKind.IN_SET, "kind", _C, "relations", known="relation_kinds"),
    Check("relations", "source_in_inventory", CheckKind.TRUE, "source_known", _C, "relations"),
    Check("relations", "target_in_inventory", CheckKind.TRUE, "target_known", _W, "relations"),
    Check("metrics", "no_point_twice", CheckKind.BETWEEN, "repeated_points", _C, "metrics", high=0),
    Check("metrics", "values_finite", CheckKind.BETWEEN, "points_not_finite", _C, "metrics", high=0),
    Check("metrics", "values_not_under_floor", CheckKind.BETWEEN, "over_floor", _C, "metrics", low=0),
    Check("metrics", "percentages_in_range", CheckKind.BETWEEN, "percent_max", _C, "metrics", high=PERCENT_AT_MOST),
    Check("metrics", "not_in_the_future", CheckKind.BETWEEN, "observed_ahead_s", _C, "metrics", high=0),
    Check("metrics", "uid_in_inventory", CheckKind.TRUE, "uid_known", _W, "metrics"),
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a snapshot is checked against.

    ``scope`` holds every (account, region, type) that discovery was to look at; ``percent_metrics`` the (type, metric) pairs that
    are shares of a capacity; ``read_until`` is when reading ended: what was made while discovery ran is not from the future.
    """

    types: frozenset[str]
    relation_kinds: frozenset[str]
    scope: frozenset[tuple[str, str, str]]
    percent_metrics: frozenset[tuple[str, str]]
    read_until: datetime
    providers: frozenset[str] = PROVIDERS
    statuses: frozenset[str] = field(default_factory=lambda: frozenset(CoverageStatus))

    @property
    def latest_at(self) -> datetime:
        """The latest instant that is not in the future."""
        return self.read_until + CLOCK_TOLERANCE


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; grain of the dataset ``quality``."""

    check: Check
    checked_rows: int
    failed_rows: int
    passed: bool
    sample: tuple[Mapping[str, Any], ...] = ()  # keys of a few offending rows
    detail: str | None = None

    def row(self) -> dict[str, object]:
        """The result as a row of ``quality``."""
        return {
            "dataset": self.check.dataset,
            "check_name": self.check.name,
            "severity": str(self.check.severity),
            "passed": self.passed,
            "checked_rows": self.checked_rows,
            "failed_rows": self.failed_rows,
            "sample": json.dumps([_brief(keys) for keys in self.sample]) if self.sample else None,
            "detail": self.detail,
        }


def critical_failures(rows: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """One line for each failed critical check among rows of ``quality``."""
    return tuple(
        f"{row['dataset']}.{row['check_name']}: {row['failed_rows']} of {counted(int(str(row['checked_rows'])), 'row')}"
        + (f" ({row['detail']})" if row["detail"] else "")
        + (f", such as {row['sample']}" if row["sample"] else "")
        for row in rows
        if row["severity"] == Severity.CRITICAL and not row["passed"]
    )


def scope_frame(coverage: Iterable[Mapping[str, Any]], scope: Iterable[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """One row per (account, region, type) in scope, and whether coverage has a row for it."""
    covered = {(row["account_id"], row["region"], row["type"]) for row in coverage}
    return [
        {"account_id": account_id, "region": region, "type": type_, "has_row": (account_id, region, type_) in covered}
        for account_id, region, type_ in sorted(scope)
    ]


def metric_frame(groups: Iterable[Mapping[str, Any]], percent_metrics: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
    """The per-metric aggregates with what the checks ask: how far over its floor a metric is, and its maximum if it is a share."""
    found = []
    for group in groups:
        is_share = (
            (group["type"], group["metric"]) in percent_metrics
            and group["type"] not in UNBOUNDED_PERCENT_TYPES
            and group["stat"] not in _NOT_A_SHARE
        )
        low = group["value_min"]
        floor = METRIC_FLOORS.get(group["metric"], 0.0)
        found.append({**group, "over_floor": None if low is None else low - floor, "percent_max": group["value_max"] if is_share else None})
    return found


def _brief(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of a row for a sample: long text cut, since names come from strangers, and no number that JSON does not have."""
    return {key: None if isinstance(value, float) and math.isnan(value) else str(value)[:200] for key, value in keys.items()}
