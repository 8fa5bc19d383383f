"""Use by percentile and the replay over small series, worked out by hand.

The SQL files sizing_use, sizing_replay, sizing_load and sizing_subjects.
"""

import gzip
import json
from importlib import resources
from typing import Any

import numpy as np
import pytest

from cloudmigrate.domain.instance_sizes import types_by_region
from cloudmigrate.domain.sizing_policy import COMPUTE_OPTIMIZER, SizingPolicy, SizingProfile
from cloudmigrate.domain.sizing_records import Dimension
from cloudmigrate.lake import sizing
from cloudmigrate.lake.sizing import write_sizing
from cloudmigrate.lake.views import Selection, Views
from tests.pattern_lake import CACHE, DATABASE, INSTANCE, resource, series_views, window

GIB = 1024**3
DAY = 288  # periods of five minutes
ONE = SizingPolicy(profiles=(SizingProfile(name="plain", burstable=False),))


def type_row(name: str, vcpus: int, gib: float, **more: object) -> dict[str, object]:
    """A row of `instance_types`."""
    nullable = ("baseline_cpu_pct", "credits_per_hour", "max_credits", "network_baseline_gbps", "network_peak_gbps")
    nullable += ("ebs_baseline_iops", "ebs_baseline_mbps", "ebs_peak_iops", "ebs_peak_mbps")
    row = {"region": "eu-central-1", "instance_type": name, "vcpus": vcpus, "memory_bytes": int(gib * GIB), "architectures": ["x86_64"]}
    return {**row, "burstable": False, "generation_current": True, "gpu_count": 0, "origin": "test", **dict.fromkeys(nullable), **more}


TYPES = [
    type_row("m5.large", 2, 8, network_baseline_gbps=0.75, network_peak_gbps=10.0, ebs_baseline_iops=3600, ebs_peak_iops=18750),
    type_row("m5.xlarge", 4, 16, network_baseline_gbps=1.25, network_peak_gbps=10.0, ebs_baseline_iops=6000, ebs_peak_iops=18750),
    type_row("m5.2xlarge", 8, 32, network_baseline_gbps=2.5, network_peak_gbps=10.0, ebs_baseline_iops=12000, ebs_peak_iops=18750),
    type_row("t3.large", 2, 8, burstable=True, baseline_cpu_pct=30.0, credits_per_hour=36.0, max_credits=864.0),
]


def sized(
    columns: dict[str, Any],
    spec: dict[str, object],
    *,
    type_: str = INSTANCE,
    types: list[dict[str, object]] | None = None,
    policy: SizingPolicy = ONE,
    days: int = 14,
) -> list[dict[str, Any]]:
    """The rows of `sizing` of one resource."""
    datasets = {"inventory": [resource("i-1", type_, spec)], "instance_types": TYPES if types is None else types}
    with series_views({"i-1": columns}, type_=type_, days=days, datasets=datasets) as views:
        part = write_sizing(views, policy, window=window(days))
        with Views(views.lake, Selection("s", {"sizing": (part.path,)})) as written:
            return written.rows("sizing")


def server(**more: Any) -> dict[str, Any]:
    """A server at 20 % with 30 % of its memory used, and little traffic."""
    usual = {"CPUUtilization|Average": 20.0, "CPUUtilization|Maximum": 20.0, "mem_used_percent|Maximum": 30.0, "NetworkIn|Sum": 1e6}
    return {**usual, "NetworkOut|Sum": 1e6, "EBSReadOps|Sum": 3000.0, "EBSWriteOps|Sum": 0.0, **more}


def test_every_number_of_a_smaller_size() -> None:
    """20 % of 4 vCPUs are 0.8, 30 % of 16 GiB are 4.8, 2 MB in five minutes are 53 kbit/s, 3,000 operations in 300 s are 10 a second."""
    (row,) = sized(server(), {"InstanceType": "m5.xlarge"})
    assert (row["current_type"], row["target_type"], row["verdict"], row["risk"]) == ("m5.xlarge", "m5.large", "smaller", 0)
    assert (row["cpu_used"], row["cpu_capacity_now"], row["cpu_capacity_target"]) == (pytest.approx(0.8), 4, 2)
    assert row["memory_used"] == pytest.approx(4.8 * GIB)
    assert row["network_used"] == pytest.approx(16e6 / 300 / 1e9)
    assert (row["network_capacity_now"], row["network_capacity_target"]) == (1.25, 0.75)
    assert row["iops_used"] == pytest.approx(10)
    assert row["throughput_used"] is None
    assert (row["throughput_measured_minutes"], row["credits_used"]) == (None, None)
    for name in ("cpu", "memory", "network", "iops"):
        assert (row[f"{name}_short_minutes"], row[f"{name}_measured_minutes"], row[f"{name}_risk"]) == (0, 14 * 1440, 0)


def test_the_percentile_is_of_the_peaks_within_periods() -> None:
    """Means of 20 %, but peaks of 70 % throughout: half the size would be at 140 %."""
    (row,) = sized(server(**{"CPUUtilization|Maximum": 70.0}), {"InstanceType": "m5.xlarge"})
    assert (row["verdict"], row["cpu_used"]) == ("keep", pytest.approx(2.8))
    assert row["runner_up"] == "m5.large"
    assert row["runner_up_reason"] == "CPU would be at 140% of it, and 20 % are to stay free"


def test_a_peak_beyond_the_percentile_is_short_for_its_whole_period() -> None:
    """Three of 4,032 periods reach 60 % of four vCPUs, over two: under half a percent, so the percentile does not see them."""
    peaks = np.full(14 * DAY, 20.0)
    peaks[[5, 6, 4000]] = 60.0
    (row,) = sized(server(**{"CPUUtilization|Maximum": peaks}), {"InstanceType": "m5.xlarge"})
    assert (row["target_type"], row["cpu_short_minutes"], row["cpu_risk"], row["risk"]) == ("m5.large", 15, 2, 2)


def test_memory_is_short_where_more_is_used_than_the_target_has() -> None:
    used = np.full(14 * DAY, 30.0)
    used[:2] = 51.0  # of 16 GiB: over 8
    (row,) = sized(server(**{"mem_used_percent|Maximum": used}), {"InstanceType": "m5.xlarge"})
    assert (row["target_type"], row["memory_short_minutes"], row["memory_risk"]) == ("m5.large", 10, 2)


def test_bursts_over_a_baseline_last_half_an_hour_a_day() -> None:
    """One gigabit is over m5.large's 0.75 and under its peak. 25 minutes on one day are free, 50 on another cost 20."""
    bytes_ = np.full(14 * DAY, 1e6)
    bytes_[:5] = bytes_[DAY : DAY + 10] = 1e9 / 8 * 300
    (row,) = sized(server(**{"NetworkIn|Sum": bytes_}), {"InstanceType": "m5.xlarge"})
    assert (row["target_type"], row["network_short_minutes"], row["network_risk"]) == ("m5.large", 20, 2)


def test_over_a_peak_is_short_at_once() -> None:
    bytes_ = np.full(14 * DAY, 1e6)
    bytes_[0] = 11e9 / 8 * 300
    (row,) = sized(server(**{"NetworkIn|Sum": bytes_}), {"InstanceType": "m5.xlarge"})
    assert row["network_short_minutes"] == 5


def test_unmeasured_memory_keeps_the_memory() -> None:
    (row,) = sized(server(**{"mem_used_percent|Maximum": np.nan}), {"InstanceType": "m5.xlarge"})
    assert (row["verdict"], row["memory_used"], row["memory_measured_minutes"]) == ("keep", None, None)
    assert row["runner_up_reason"] == "its memory is smaller, and memory was not measured"


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"CPUUtilization|Average": 20.0, "mem_used_percent|Maximum": 30.0}, id="never-fetched"),
        pytest.param(server(**{"CPUUtilization|Maximum": np.r_[np.nan, np.full(14 * DAY - 1, 20.0)]}), id="lacking-once"),
    ],
)
def test_nothing_smaller_without_maximum(columns: dict[str, Any]) -> None:
    (row,) = sized(columns, {"InstanceType": "m5.xlarge"})
    assert (row["verdict"], row["target_type"]) == ("keep", "m5.xlarge")
    assert row["reason"] == "no smaller size is proposed: only means of CPU were fetched, no Maximum"


def test_credits_are_replayed_against_burstable_targets() -> None:
    """0.4 vCPUs for ever are 24 credits an hour of 36: t3.large lasts. It is the smaller of two with as much."""
    burstable = SizingPolicy(profiles=(SizingProfile(name=COMPUTE_OPTIMIZER),))
    (row,) = sized(server(**{"CPUUtilization|Average": 10.0}), {"InstanceType": "m5.xlarge"}, policy=burstable)
    assert (row["target_type"], row["credits_used"], row["credits_capacity_target"]) == ("t3.large", pytest.approx(24), 36)
    assert (row["credits_short_minutes"], row["credits_measured_minutes"], row["credits_surplus_vcpu_hours"]) == (0, 14 * 1440, 0)
    # 20 % of four vCPUs are 48 credits an hour: 12 more than earned, from an empty balance; every period is short
    (row,) = sized(server(), {"InstanceType": "m5.xlarge"}, policy=burstable)
    assert (row["target_type"], row["runner_up"]) == ("m5.large", "t3.large")
    assert row["runner_up_reason"] == "20160 of 20160 minutes would have been short of CPU credits"


def test_credits_of_hourly_series_are_replayed_by_the_hour() -> None:
    """A t3.large at 40 % of two vCPUs spends 48 credits an hour and earns 36: every hour of the 14 days is short, by 12 credits."""
    columns = {"i-1": server(**{"CPUUtilization|Average": 40.0, "CPUUtilization|Maximum": 40.0})}
    datasets = {"inventory": [resource("i-1", INSTANCE, {"InstanceType": "t3.large"})], "instance_types": TYPES}
    with series_views(columns, period_s=3600, datasets=datasets) as views:
        (found,) = sizing.sizings(views, types_by_region(views.rows("instance_types")), ONE, window=window(14))
    lack = found.dimensions[Dimension.CREDITS]
    assert (lack.used, lack.short_minutes, lack.measured_minutes) == (pytest.approx(48), 14 * 1440, 14 * 1440)
    assert found.surplus_vcpu_hours == pytest.approx(14 * 24 * 12 / 60)


def test_a_databases_memory_is_what_is_not_free_and_its_rates_are_rates() -> None:
    """13 of 16 GiB free: 3 used. 500 and 400 operations a second; 5 MB a second are 40 megabits."""
    columns = {
        "CPUUtilization|Average": 10.0,
        "CPUUtilization|Maximum": 20.0,
        "FreeableMemory|Minimum": 13.0 * GIB,
        "ReadIOPS|Maximum": 500.0,
        "WriteIOPS|Maximum": 400.0,
        "ReadThroughput|Maximum": 5e6,
        "WriteThroughput|Maximum": 0.0,
    }
    (row,) = sized(columns, {"DBInstanceClass": "db.m5.xlarge"}, type_=DATABASE)
    assert (row["current_type"], row["target_type"]) == ("db.m5.xlarge", "db.m5.large")
    assert row["memory_used"] == pytest.approx(3 * GIB, rel=1e-6)
    assert (row["iops_used"], row["throughput_used"]) == (pytest.approx(900), pytest.approx(40))
    assert (row["network_used"], row["network_risk"]) == (None, 2)  # never measured, and it shrinks


def test_a_cache_is_sized_by_the_same_law() -> None:
    columns = {"CPUUtilization|Average": 10.0, "CPUUtilization|Maximum": 10.0, "FreeableMemory|Minimum": 12.0 * GIB}
    (row,) = sized(columns, {"CacheNodeType": "cache.m5.xlarge"}, type_=CACHE)
    assert (row["current_type"], row["target_type"]) == ("cache.m5.xlarge", "cache.m5.large")


def test_the_lookback_and_the_percentile_are_the_profiles() -> None:
    """A busy first week, at 70 %, and a quiet second: seven days back see only the quiet one, and half the periods are at 20 %."""
    peaks = np.repeat([70.0, 20.0], 7 * DAY)
    profiles = (
        SizingProfile(name="two-weeks", burstable=False),
        SizingProfile(name="one-week", lookback_days=7, burstable=False),
        SizingProfile(name="median", percentile=50, burstable=False, risk_at_most=4),
    )
    rows = sized(server(**{"CPUUtilization|Maximum": peaks}), {"InstanceType": "m5.xlarge"}, policy=SizingPolicy(profiles=profiles))
    assert {row["profile"]: (row["verdict"], row["cpu_measured_minutes"]) for row in rows} == {
        "two-weeks": ("keep", 20160),
        "one-week": ("smaller", 10080),
        "median": ("keep", 20160),  # between the two middle values, 20 and 70, at 45 %: 90 % of half the size
    }


def test_resources_without_data_or_size_have_a_row_too() -> None:
    (row,) = sized({"CPUUtilization|Average": np.r_[np.full(14 * DAY - 300, np.nan), np.full(300, 5.0)]}, {"InstanceType": "m5.large"})
    assert (row["verdict"], row["reason"]) == ("insufficient_data", "25 hours have data and 30 are needed")
    (row,) = sized(server(), {"InstanceType": "m5.large"}, types=[])
    assert row["reason"] == "the sizes that its region offers were never read. Next: refresh prices, then analyse again"
    (row,) = sized(server(), {})
    assert row["reason"] == "nothing is known of the size "


def test_cutting_into_ranges_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["A", "a'b", "ü", "z"]
    datasets = {"inventory": [resource(uid, INSTANCE, {"InstanceType": "m5.xlarge"}) for uid in names], "instance_types": TYPES}
    policy = SizingPolicy()
    with series_views({uid: server() for uid in names}, days=2, datasets=datasets) as views:
        whole = [row["target_type"] for row in _rows(views, policy, "whole")]
        monkeypatch.setattr(sizing, "VALUES_A_RANGE", 1000)
        monkeypatch.setattr(sizing, "CELLS_A_RANGE", 600)
        assert [row["target_type"] for row in _rows(views, policy, "cut")] == whole == ["m5.large"] * 4


def _rows(views: Views, policy: SizingPolicy, part: str) -> list[dict[str, Any]]:
    path = write_sizing(views, policy, window=window(2), part=part).path
    with Views(views.lake, Selection("s", {"sizing": (path,)})) as written:
        return sorted(written.rows("sizing"), key=lambda row: str(row["uid"]))


def moto_types() -> list[dict[str, object]]:
    """The real table of instance types that the emulator answers with, as rows of `instance_types` (credits of the t3 family alone)."""
    packed = resources.files("moto.ec2").joinpath("resources", "instance_types.json.gz").read_bytes()
    rows = []
    for name, one in json.loads(gzip.decompress(packed)).items():
        cards, ebs = one["NetworkInfo"].get("NetworkCards", [{}]), one.get("EbsInfo", {}).get("EbsOptimizedInfo", {})
        is_t3 = name == "t3.large"
        rows.append(
            type_row(
                name,
                one["VCpuInfo"]["DefaultVCpus"],
                one["MemoryInfo"]["SizeInMiB"] / 1024,
                architectures=one["ProcessorInfo"]["SupportedArchitectures"],
                burstable=one["BurstablePerformanceSupported"],
                generation_current=one["CurrentGeneration"],
                gpu_count=sum(gpu.get("Count", 0) for gpu in one.get("GpuInfo", {}).get("Gpus", [])),
                baseline_cpu_pct=30.0 if is_t3 else None,
                credits_per_hour=36.0 if is_t3 else None,
                max_credits=864.0 if is_t3 else None,
                network_baseline_gbps=cards[0].get("BaselineBandwidthInGbps"),
                network_peak_gbps=cards[0].get("PeakBandwidthInGbps"),
                ebs_baseline_iops=ebs.get("BaselineIops"),
                ebs_baseline_mbps=ebs.get("BaselineBandwidthInMbps"),
                ebs_peak_iops=ebs.get("MaximumIops"),
                ebs_peak_mbps=ebs.get("MaximumBandwidthInMbps"),
            )
        )
    return rows


def test_among_all_real_types_the_own_family_is_halved() -> None:
    """Of about 1,400 types, many with two vCPUs and 8 GiB, a server that needs 1 vCPU and 4.8 GiB gets its own family; arm beside."""
    columns = server(**{"CPUUtilization|Average": 25.0, "CPUUtilization|Maximum": 25.0})
    (row,) = sized(columns, {"InstanceType": "m5.xlarge"}, types=moto_types(), days=3)
    assert (row["verdict"], row["target_type"]) == ("smaller", "m5.large")
    assert row["arm_type"] is not None
    assert row["arm_type"].endswith(".large")
    assert row["runner_up_reason"] is not None
