"""What instance types hold, and which of them could stand in for which. Rows of the dataset `instance_types`.

Assumptions, all on the safe side or said so in docs/patterns.md: a vCPU counts as one whatever its generation and architecture; a class
of RDS or ElastiCache holds what the instance type of the same name holds.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

FAMILY = re.compile(r"^([a-z]+)(\d+)([a-z0-9-]*)$")
ARM = "arm64"
# General families, by letter: t burstable, c compute, m general, r memory. Others (GPU, storage, HPC, Mac) are kept within their own.
GENERAL = frozenset("tcmr")
# Families of arm64 that both RDS and ElastiCache offer (their pages of supported node types and instance classes).
MANAGED_ARM = frozenset({"t4g", "m6g", "m7g", "r6g", "r7g"})


@dataclass(frozen=True)
class InstanceType:
    """One instance type in one region."""

    instance_type: str
    vcpus: int
    memory_bytes: int
    architectures: tuple[str, ...]
    burstable: bool = False
    generation_current: bool = True
    gpu_count: int = 0
    baseline_cpu_pct: float | None = None  # of each vCPU
    credits_per_hour: float | None = None
    max_credits: float | None = None
    network_baseline_gbps: float | None = None
    network_peak_gbps: float | None = None
    ebs_baseline_iops: float | None = None
    ebs_baseline_mbps: float | None = None  # megabits
    ebs_peak_iops: float | None = None
    ebs_peak_mbps: float | None = None

    @cached_property
    def family(self) -> str:
        """Such as m6i."""
        return self.instance_type.split(".", 1)[0]

    @cached_property
    def _parts(self) -> tuple[str, int, str]:
        found = FAMILY.match(self.family)
        return (found.group(1), int(found.group(2)), found.group(3)) if found else (self.family, 0, "")

    @property
    def letter(self) -> str:
        """What kind of family it is of, such as m."""
        return self._parts[0]

    @property
    def is_arm(self) -> bool:
        """Whether it runs programs built for arm64."""
        return ARM in self.architectures

    @property
    def lasting_vcpus(self) -> float:
        """The vCPUs that it gives for ever: of a burstable type, its baseline."""
        return self.vcpus * self.baseline_cpu_pct / 100 if self.burstable and self.baseline_cpu_pct is not None else float(self.vcpus)

    @property
    def size(self) -> tuple[float, int]:
        """What larger and smaller mean: by lasting vCPUs, then by memory."""
        return self.lasting_vcpus, self.memory_bytes

    def order(self, current: "InstanceType") -> tuple[Any, ...]:
        """Smaller first; among equals its own family, then plain ones (no local disk, no faster network), then newer ones."""
        letter, generation, variant = self._parts
        return (*self.size, self.family != current.family, letter != current.letter, len(variant), -generation, self.instance_type)


@dataclass(frozen=True)
class TypesOfRegion:
    """The instance types that a region offers, by name."""

    by_name: Mapping[str, InstanceType]

    def candidates(self, current: InstanceType, *, managed: bool, arm: bool, burstable: bool) -> list[InstanceType]:
        """What could take the place of *current*, smallest first; *managed*: of a database or cache, which offer fewer families."""
        found = [
            one
            for one in self.by_name.values()
            if one.is_arm == arm
            and one.gpu_count == current.gpu_count
            and (burstable or not one.burstable or one.instance_type == current.instance_type)
            and "metal" not in one.instance_type
            and _may_stand_in(one, current, managed=managed)
        ]
        return sorted(found, key=lambda one: one.order(current))


def types_by_region(rows: Iterable[Mapping[str, Any]]) -> dict[str, TypesOfRegion]:
    """The rows of `instance_types`, by region."""
    names = InstanceType.__dataclass_fields__.keys()
    found: dict[str, dict[str, InstanceType]] = {}
    for row in rows:
        values = {name: row[name] for name in names if row.get(name) is not None}
        one = InstanceType(**{**values, "architectures": tuple(row["architectures"])})
        found.setdefault(str(row["region"]), {})[one.instance_type] = one
    return {region: TypesOfRegion(by_name) for region, by_name in found.items()}


def distinct(candidates: Sequence[InstanceType]) -> list[InstanceType]:
    """The first of those that hold the same: m5, m5a and m6i of one size are one choice."""
    found: dict[tuple[Any, ...], InstanceType] = {}
    for one in candidates:
        found.setdefault((one.vcpus, one.memory_bytes, one.burstable), one)
    return list(found.values())


def _may_stand_in(one: InstanceType, current: InstanceType, *, managed: bool) -> bool:
    if one.family == current.family:
        return True
    if managed:
        return one.is_arm and not current.is_arm and one.family in MANAGED_ARM and one.letter == current.letter
    return one.generation_current and one.letter in GENERAL and current.letter in GENERAL
