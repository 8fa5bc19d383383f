"""What burstable instance types earn and save in CPU credits; DescribeInstanceTypes tells only that they are burstable.

Source: Amazon EC2 User Guide, "Key concepts for burstable performance instances", table of credits and baseline (read 2026-11-28). One
credit is one vCPU at 100 % for one minute, so credits an hour = vCPUs x baseline x 60, and what is saved at most is a day's earnings:
a test holds both for every row.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CpuCredits:
    """One size's credits."""

    vcpus: int
    credits_per_hour: float
    max_credits: float
    baseline_cpu_pct: float  # of each vCPU


_T2 = {
    "nano": CpuCredits(1, 3, 72, 5),
    "micro": CpuCredits(1, 6, 144, 10),
    "small": CpuCredits(1, 12, 288, 20),
    "medium": CpuCredits(2, 24, 576, 20),
    "large": CpuCredits(2, 36, 864, 30),
    "xlarge": CpuCredits(4, 54, 1296, 22.5),
    "2xlarge": CpuCredits(8, 81.6, 1958.4, 17),
}
_SINCE_T3 = {
    "nano": CpuCredits(2, 6, 144, 5),
    "micro": CpuCredits(2, 12, 288, 10),
    "small": CpuCredits(2, 24, 576, 20),
    "medium": CpuCredits(2, 24, 576, 20),
    "large": CpuCredits(2, 36, 864, 30),
    "xlarge": CpuCredits(4, 96, 2304, 40),
    "2xlarge": CpuCredits(8, 192, 4608, 40),
}
CPU_CREDITS: Mapping[str, CpuCredits] = {
    f"{family}.{size}": earned
    for family, sizes in (("t2", _T2), ("t3", _SINCE_T3), ("t3a", _SINCE_T3), ("t4g", _SINCE_T3))
    for size, earned in sizes.items()
}
