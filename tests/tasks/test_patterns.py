"""Patterns and sizes as tasks: published for every resource, the same when told again; artifact_patterns and artifact_sizing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.sizing_policy import SizingPolicy, SizingProfile
from cloudmigrate.lake.series import write_series
from cloudmigrate.ledger.records import SeriesSelection
from cloudmigrate.workspace import Workspace
from tasks.patterns import choose_sizes, classify_patterns
from tasks.snapshots import part_row, publish
from tests.pattern_lake import DATABASE, END, INSTANCE, resource, times, window

SNAPSHOT, RUN = "20261123T000000Z-3f9a1c", "run-1"
NIGHTLY, QUIET, ORDERS = "arn:nightly", "arn:quiet", "arn:orders"
INVENTORY = [
    resource(NIGHTLY, INSTANCE, {"InstanceType": "m5.xlarge"}),
    resource(QUIET, INSTANCE, {"InstanceType": "m5.large"}),
    resource(ORDERS, DATABASE, {"DBInstanceClass": "db.m5.large"}),
]
HALF = {"burstable": False, "architectures": ["x86_64"], "generation_current": True, "gpu_count": 0, "origin": "test"}
CPU_CREDITS = ("baseline_cpu_pct", "credits_per_hour", "max_credits")
RATES = ("network_baseline_gbps", "network_peak_gbps", "ebs_baseline_iops", "ebs_baseline_mbps", "ebs_peak_iops", "ebs_peak_mbps")
UNTOLD = dict.fromkeys((*CPU_CREDITS, *RATES))
TYPES = [
    {**HALF, **UNTOLD, "region": "eu-central-1", "instance_type": f"m5.{name}", "vcpus": vcpus, "memory_bytes": 4 * vcpus * 2**30}
    for name, vcpus in (("large", 2), ("xlarge", 4), ("2xlarge", 8))
]


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    """Two profiles: the usual one, and one without headroom."""
    policy = SizingPolicy(profiles=(SizingProfile(name="compute-optimizer"), SizingProfile(name="tight", headroom_pct=0)))
    accounts = (Account(id="111111111111", regions=("eu-central-1",)),)
    return Estate(estate="acme", lake=str(tmp_path / "lake"), ledger=f"sqlite:///{tmp_path}/ledger.db", accounts=accounts, sizing=policy)


def filled(estate: Estate, *, with_metrics: bool = True) -> Workspace:
    """A snapshot of three resources: one works at night, one is quiet, and of the database nothing was read."""
    workspace = Workspace.open(estate)
    workspace.ledger.begin_run(RUN, flow="discover-estate", estate="acme", parameters={})
    workspace.ledger.begin_snapshot(SNAPSHOT, "acme", RUN, started_at=datetime(2026, 11, 23, tzinfo=UTC))
    inventory = workspace.lake.write("inventory", INVENTORY, snapshot_id=SNAPSHOT, part="p")
    types = workspace.lake.write("instance_types", TYPES, snapshot_id=SNAPSHOT, part="p")
    workspace.ledger.commit_snapshot(SNAPSHOT, [part_row(inventory)])
    publish(workspace, SNAPSHOT, "instance_types", [types], RUN)
    if with_metrics:
        night = np.tile(np.repeat([2.0, 85.0, 2.0], [12, 36, 240]), 14)
        columns = {
            "uid": np.repeat(np.array([NIGHTLY, QUIET], dtype=object), len(night)),
            "observed_at": np.tile(times(len(night), 300), 2),
            "CPUUtilization|Average": np.concatenate([night, np.full(len(night), 1.0)]),
            "CPUUtilization|Maximum": np.concatenate([night, np.full(len(night), 2.0)]),
            "NetworkIn|Sum": np.concatenate([night * 1e6, np.full(len(night), 1e3)]),
            "NetworkOut|Sum": 1e3 * np.ones(2 * len(night)),
        }
        place = {"account_id": "111111111111", "region": "eu-central-1"}
        parts = write_series(workspace.lake, columns, **place, type=INSTANCE, period_s=300, run=window(), collected_at=END, part="p")
        workspace.ledger.add_series(parts, **place, run_id=RUN)
        selected = [SeriesSelection(one.path, one.valid_from, one.valid_to) for one in parts]
        workspace.ledger.bind_series(SNAPSHOT, selected, (window().start, window().end))
    return workspace


def read(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    with workspace.views(SNAPSHOT) as views:
        return {
            "patterns": views.query("from patterns order by uid").rows,
            "sizing": views.query("from sizing order by uid, profile").rows,
            "artifact_patterns": views.run("artifact_patterns"),
            "artifact_sizing": views.run("artifact_sizing"),
        }


def test_patterns_and_sizes_are_published_and_told_again_the_same(estate: Estate) -> None:
    """Three hours of each night at 85 % of four vCPUs: batch, at its size with headroom. The quiet one is idle."""
    workspace = filled(estate)
    for run_id in ("run-2", "run-3"):
        assert classify_patterns.fn(estate, snapshot_id=SNAPSHOT, run_id=run_id) == 3
        assert choose_sizes.fn(estate, snapshot_id=SNAPSHOT, run_id=run_id) == 6
        found = read(workspace)
        assert {row["uid"]: (row["pattern"], row["rule"]) for row in found["patterns"]} == {
            NIGHTLY: ("batch", "periodic-low-duty"),
            QUIET: ("idle", "compute-optimizer-idle"),
            ORDERS: ("insufficient_data", "no-data"),
        }
        assert {(row["uid"], row["profile"]): (row["verdict"], row["target_type"]) for row in found["sizing"]} == {
            (NIGHTLY, "compute-optimizer"): ("keep", "m5.xlarge"),  # 85 % leaves 15 free, but a batch may fill its CPU
            (NIGHTLY, "tight"): ("keep", "m5.xlarge"),
            (QUIET, "compute-optimizer"): ("keep", "m5.large"),
            (QUIET, "tight"): ("keep", "m5.large"),
            (ORDERS, "compute-optimizer"): ("insufficient_data", None),
            (ORDERS, "tight"): ("insufficient_data", None),
        }


def test_tables_show_what_matters_first(estate: Estate) -> None:
    workspace = filled(estate)
    classify_patterns.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2")
    choose_sizes.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2")
    found = read(workspace)
    assert [(row["name"], row["pattern"], row["confidence_pct"], row["duty_pct"]) for row in found["artifact_patterns"]] == [
        (QUIET, "idle", 100, 0),
        (NIGHTLY, "batch", 100, 13),  # three of 24 hours
        (ORDERS, "insufficient_data", None, None),
    ]
    assert [(row["name"], row["profile"], row["verdict"], row["short_minutes"]) for row in found["artifact_sizing"]][:2] == [
        (NIGHTLY, "compute-optimizer", "keep", 0),
        (NIGHTLY, "tight", "keep", 0),
    ]


def test_without_metrics_every_resource_says_so(estate: Estate) -> None:
    workspace = filled(estate, with_metrics=False)
    assert classify_patterns.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2") == 3
    assert choose_sizes.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2") == 6
    found = read(workspace)
    assert {row["reason"] for row in found["patterns"]} == {"CPUUtilization was not asked for"}
    assert {row["reason"] for row in found["sizing"]} == {"its CPU has no data point in the lookback"}
