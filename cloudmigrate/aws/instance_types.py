"""The instance types of a region: size, architecture, credits, network and EBS limits."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cloudmigrate.aws.cpu_credits import CPU_CREDITS
from cloudmigrate.aws.failures import CALL_ERRORS, Failure, failure_of, plain
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.resources import CoverageStatus

TYPES_OPERATION, TYPES_ACTION = "describe_instance_types", "ec2:DescribeInstanceTypes"
MIB = 1 << 20
# What a machine's figures lie between: a hundred times the largest that AWS has.
FIGURES: Mapping[str, tuple[float, float]] = {
    "vcpus": (1, 100_000),
    "memory_bytes": (MIB, 1 << 52),
    "gpu_count": (0, 10_000),
    "network_baseline_gbps": (0, 1_000_000),
    "network_peak_gbps": (0, 1_000_000),
    "ebs_baseline_iops": (0, 100_000_000),
    "ebs_baseline_mbps": (0, 100_000_000),
    "ebs_peak_iops": (0, 100_000_000),
    "ebs_peak_mbps": (0, 100_000_000),
}
# "Up to 12.5 Gigabit", "10 Gigabit", "4x 100 Gigabit": what is told where no card states figures. "Low" and "Moderate" are no figures.
NETWORK = re.compile(r"(?P<up>Up to )?(?:(?P<cards>\d{1,3})x )?(?P<gbps>\d{1,6}(?:\.\d{1,6})?) Gigabit", re.IGNORECASE)


def instance_types(sessions: AwsSessions, account_id: str, region: str) -> tuple[list[dict[str, Any]], Failure | None]:
    """Rows of the dataset instance_types, sorted by name; with a failure none, as a half list would hide types that are there.

    A type whose figures no machine has is left out, which is a partial failure beside the other rows.
    """
    found: list[dict[str, Any]] = []
    absurd: list[str] = []
    try:
        for page in sessions.client(account_id, "ec2", region).get_paginator(TYPES_OPERATION).paginate():
            for row in (type_row(one, region) for one in page.get("InstanceTypes") or () if one):
                if row is not None and _can_be(row):
                    found.append(row)
                elif row is not None:
                    absurd.append(row["instance_type"])
    except CALL_ERRORS as error:
        return [], failure_of(error, TYPES_ACTION)
    return sorted(found, key=lambda row: str(row["instance_type"])), _left_out(sorted(absurd))


def _can_be(row: Mapping[str, Any]) -> bool:
    """Whether a machine can have these figures."""
    return all(least <= row[name] <= most for name, (least, most) in FIGURES.items() if row[name] is not None)


def _left_out(types: Sequence[str]) -> Failure | None:
    if not types:
        return None
    were = counted(len(types), "instance type was", "instance types were")
    detail = plain(f"{were} left out, as no machine has such figures, such as {types[0]}")
    return Failure(CoverageStatus.PARTIAL, "BrokenItem", None, detail, "run again; if it stays, report it")


def type_row(entry: Mapping[str, Any], region: str) -> dict[str, Any] | None:
    """The row of one type; None for what lacks a name or a size."""
    name = entry.get("InstanceType")
    vcpus = _of(entry, "VCpuInfo").get("DefaultVCpus")
    memory_mib = _of(entry, "MemoryInfo").get("SizeInMiB")
    if not name or vcpus is None or memory_mib is None:
        return None
    ebs = _of(_of(entry, "EbsInfo"), "EbsOptimizedInfo")
    earned = CPU_CREDITS.get(str(name))
    baseline, peak = network_gbps(_of(entry, "NetworkInfo"))
    return {
        "region": region,
        "instance_type": str(name),
        "vcpus": vcpus,
        "memory_bytes": memory_mib * MIB,
        "architectures": list(_of(entry, "ProcessorInfo").get("SupportedArchitectures") or ()),
        "burstable": bool(entry.get("BurstablePerformanceSupported")),
        "generation_current": bool(entry.get("CurrentGeneration")),
        "gpu_count": sum(int(one.get("Count") or 0) for one in _of(entry, "GpuInfo").get("Gpus") or ()),
        "origin": "describe_instance_types",
        "baseline_cpu_pct": earned.baseline_cpu_pct if earned else None,
        "credits_per_hour": earned.credits_per_hour if earned else None,
        "max_credits": earned.max_credits if earned else None,
        "network_baseline_gbps": baseline,
        "network_peak_gbps": peak,
        "ebs_baseline_iops": ebs.get("BaselineIops"),
        "ebs_baseline_mbps": ebs.get("BaselineBandwidthInMbps"),
        "ebs_peak_iops": ebs.get("MaximumIops"),
        "ebs_peak_mbps": ebs.get("MaximumBandwidthInMbps"),
    }


def network_gbps(network: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """What the network gives for ever and at most, over all cards; from the words where no card states it."""
    cards = network.get("NetworkCards") or ()
    baselines = [one.get("BaselineBandwidthInGbps") for one in cards]
    peaks = [one.get("PeakBandwidthInGbps") for one in cards]
    baseline, peak = (sum(map(float, some)) if some and None not in some else None for some in (baselines, peaks))
    told = NETWORK.fullmatch(str(network.get("NetworkPerformance") or ""))
    if told is not None:
        words = float(told["gbps"]) * int(told["cards"] or 1)
        peak = words if peak is None else peak
        baseline = words if baseline is None and not told["up"] else baseline
    return baseline, peak


def _of(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = entry.get(name)
    return found if isinstance(found, Mapping) else {}
