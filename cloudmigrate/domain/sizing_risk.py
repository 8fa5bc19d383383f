"""How risky a size is, dimension by dimension: minutes that would have been short, and what was never measured. Pure.

Risk, of each dimension (the thresholds are judgement): 0 never short, with the profile's headroom; 1 never short; 2 short in up to 0.1 % of
the measured minutes (20 minutes in 14 days), or smaller than now and never measured; 3 in up to 1 %; 4 in more. The highest counts.
"""

from collections.abc import Mapping

from cloudmigrate.domain.instance_sizes import InstanceType
from cloudmigrate.domain.sizing_policy import SizingProfile
from cloudmigrate.domain.sizing_records import Dimension, DimensionRow, Replayed, Shortage, Use

RARELY, SOMETIMES = 0.001, 0.01
BURSTS = frozenset({Dimension.NETWORK, Dimension.IOPS, Dimension.THROUGHPUT, Dimension.CREDITS})


def rows_of(
    target: InstanceType, current: InstanceType, use: Use, replayed: Replayed, profile: SizingProfile
) -> dict[Dimension, DimensionRow]:
    """Every dimension of *target* in the place of *current*, with its risk.

    Of the present size itself bursts and credits are no risk: the series ran on it.
    """
    needs = use.needs(current)
    now, then = capacities(current), capacities(target)
    is_present = target.instance_type == current.instance_type
    found = {}
    for dimension in Dimension:
        used = replayed.credits_spent_per_hour if dimension is Dimension.CREDITS else needs.get(dimension)
        shortage = replayed.shortages.get(dimension)
        full = _full(dimension, then[dimension], profile)
        found[dimension] = DimensionRow(
            used=used,
            capacity_now=now[dimension],
            capacity_target=then[dimension],
            short_minutes=shortage.short_minutes if shortage else None,
            measured_minutes=shortage.measured_minutes if shortage else None,
            risk=0
            if is_present and dimension in BURSTS
            else _risk(shortage, used, full)
            if shortage
            else _unmeasured(now[dimension], then[dimension]),
        )
    return found


def highest(rows: Mapping[Dimension, DimensionRow]) -> int:
    """The risk of a whole size."""
    return max(row.risk for row in rows.values())


def capacities(one: InstanceType) -> dict[Dimension, float | None]:
    """What a size holds of each dimension for ever; None where AWS does not tell, or it has no such limit."""
    return {
        Dimension.CPU: one.vcpus,
        Dimension.MEMORY: one.memory_bytes,
        Dimension.NETWORK: one.network_baseline_gbps,
        Dimension.IOPS: one.ebs_baseline_iops,
        Dimension.THROUGHPUT: one.ebs_baseline_mbps,
        Dimension.CREDITS: one.credits_per_hour if one.burstable else None,
    }


def _full(dimension: Dimension, capacity: float | None, profile: SizingProfile) -> float | None:
    """What of a capacity may be used before headroom is eaten into."""
    free_pct = {Dimension.CPU: profile.headroom_pct, Dimension.MEMORY: profile.memory_headroom_pct}.get(dimension, 0.0)
    return None if capacity is None else capacity * (1 - free_pct / 100)


def _risk(shortage: Shortage, used: float | None, full: float | None) -> int:
    share = shortage.short_minutes / shortage.measured_minutes if shortage.measured_minutes else 0.0
    if share > 0:
        return 4 if share > SOMETIMES else 3 if share > RARELY else 2
    return int(used is not None and full is not None and used > full * (1 + 1e-9))


def _unmeasured(now: float | None, then: float | None) -> int:
    return 2 if now is not None and then is not None and then < now else 0
