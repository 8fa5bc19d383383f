"""What instance types hold, and which of them could stand in for which. Rows of the dataset `instance_types`.

Assumptions, all on the safe side or said so in docs/patterns.md: a vCPU counts as one whatever its generation and architecture; a class
of RDS or ElastiCache holds what the instance type of the same name holds.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FAMILY = re.compile(r"^([a-z]+)(\d+)([a-z0-9-]*)$")
ARM = "arm64"
# General families by letter, and the oldest generation worth moving to, the first on Nitro. Others (GPU, storage, HPC) keep their own.
OLDEST_GENERATION: Mapping[str, int] = {"t": 3, "c": 5, "m": 5, "r": 5}  # burstable, compute, general, memory
# A vCPU weighs as much as ten GiB; a GiB of burstable types, which are sold by their memory, as much as three. So go the list prices of t3,
# c5, m5 and r5 (Linux, on demand): t3.large 24, c5.large 24, m5.large 28, r5.large 36 against 8.3, 8.5, 9.6 and 12.6 US cents an hour in
# us-east-1. It only says what is smaller; on money, prices decide.
GIB = 1024**3
GIB_PER_VCPU, BURSTABLE_PER_GIB = 10.0, 3.0
PLAIN = frozenset({"", "i", "a", "g"})  # whose processor; any other letter stands for a local disk, a faster network or the like
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
    def generation(self) -> int:
        """Such as 6 of m6i."""
        return self._parts[1]

    @property
    def variant(self) -> str:
        """What follows the generation, such as i of m6i."""
        return self._parts[2]

    @property
    def is_arm(self) -> bool:
        """Whether it runs programs built for arm64."""
        return ARM in self.architectures

    @property
    def is_general(self) -> bool:
        """Whether it is of a general family, with no more to it than vCPUs and memory."""
        letter, generation, variant = self._parts
        return variant in PLAIN and generation >= OLDEST_GENERATION.get(letter, 1_000)

    @property
    def size(self) -> float:
        """What larger and smaller mean: a weight that goes with list prices (see `GIB_PER_VCPU`), and is no price."""
        gib = self.memory_bytes / GIB
        return BURSTABLE_PER_GIB * gib if self.burstable else GIB_PER_VCPU * self.vcpus + gib

    def order(self, current: "InstanceType") -> tuple[Any, ...]:
        """Smaller first; among equals its own family, then families with its processor, then those nearest in generation."""
        apart = abs(self.generation - current.generation)
        return self.size, self.family != current.family, self._maker != current._maker, apart, self.instance_type

    @property
    def _maker(self) -> str:
        """Whose processor: i, a or g; the first generations of Intel have no letter."""
        return self.variant[:1] or "i"


@dataclass(frozen=True)
class Pool:
    """What could take the place of one type, smallest first, with what each holds as arrays."""

    types: tuple[InstanceType, ...]

    @cached_property
    def vcpus(self) -> Floats:
        """Of each type."""
        return np.array([one.vcpus for one in self.types], dtype=np.float64)

    @cached_property
    def memory_bytes(self) -> Floats:
        """Of each type."""
        return np.array([one.memory_bytes for one in self.types], dtype=np.float64)

    @cached_property
    def peaks(self) -> tuple[Floats, Floats, Floats]:
        """Of network, IOPS and throughput; infinite where AWS tells none."""
        told = [(one.network_peak_gbps, one.ebs_peak_iops, one.ebs_peak_mbps) for one in self.types]
        table = np.array([[np.inf if value is None else value for value in row] for row in told], dtype=np.float64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]


@dataclass(frozen=True)
class TypesOfRegion:
    """The instance types that a region offers, by name."""

    by_name: Mapping[str, InstanceType]
    _pools: dict[tuple[str, bool, bool, bool], Pool] = field(default_factory=dict, compare=False, repr=False)

    def candidates(self, current: InstanceType, *, managed: bool, arm: bool, burstable: bool) -> Pool:
        """What could take the place of *current*, smallest first; *managed*: of a database or cache, which offer fewer families."""
        key = (current.instance_type, managed, arm, burstable)
        if key not in self._pools:
            found = [
                one
                for one in self.by_name.values()
                if one.is_arm == arm
                and one.gpu_count == current.gpu_count
                and (burstable or not one.burstable or one.instance_type == current.instance_type)
                and "metal" not in one.instance_type
                and _may_stand_in(one, current, managed=managed)
            ]
            self._pools[key] = Pool(tuple(sorted(found, key=lambda one: one.order(current))))
        return self._pools[key]


def types_by_region(rows: Iterable[Mapping[str, Any]]) -> dict[str, TypesOfRegion]:
    """The rows of `instance_types`, by region."""
    names = InstanceType.__dataclass_fields__.keys()
    found: dict[str, dict[str, InstanceType]] = {}
    for row in rows:
        values = {name: row[name] for name in names if row.get(name) is not None}
        one = InstanceType(**{**values, "architectures": tuple(row["architectures"])})
        found.setdefault(str(row["region"]), {})[one.instance_type] = one
    return {region: TypesOfRegion(by_name) for region, by_name in found.items()}


def distinct(candidates: Iterable[InstanceType], most: int) -> tuple[InstanceType, ...]:
    """The first *most* that hold different things: m5, m5a and m6i of one size are one choice."""
    found: dict[tuple[Any, ...], InstanceType] = {}
    for one in candidates:
        found.setdefault((one.vcpus, one.memory_bytes, one.burstable), one)
        if len(found) == most:
            break
    return tuple(found.values())


def _may_stand_in(one: InstanceType, current: InstanceType, *, managed: bool) -> bool:
    if one.family == current.family:
        return True
    if current.variant not in PLAIN or (one.letter == current.letter and one.generation < current.generation):
        return False  # what the letter stands for may be needed; and nobody moves back
    if managed:
        return one.is_arm and not current.is_arm and one.family in MANAGED_ARM and one.letter == current.letter
    return one.generation_current and one.is_general and current.letter in OLDEST_GENERATION
