"""What runs between sites while the waves are under way: observed traffic between groups of different waves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cloudmigrate.domain.plan_input import Exchange

# AWS counts a GB of transfer as 2^30 bytes (AWS billing, "Data transfer").
GB = 2**30


@dataclass(frozen=True, slots=True)
class Link:
    """The observed traffic of one group with another it needs; grain: (source group, target group)."""

    source: int
    target: int
    bytes_per_day: float
    edges: int  # (source, target, protocol, port) of resources
    shared: bool  # whether an end is a shared service that is held out


def links(exchanges: Iterable[Exchange], group_of: Mapping[str, int], shared: Iterable[int]) -> tuple[Link, ...]:
    """The traffic between groups, sorted; that with resources that stay is left out."""
    import numpy as np

    listed, of = list(exchanges), group_of.get
    source = np.array([of(one.source_uid, -1) for one in listed], dtype=np.int64)
    target = np.array([of(one.target_uid, -1) for one in listed], dtype=np.int64)
    known = (source >= 0) & (target >= 0) & (source != target)
    count = 1 + int(max(source.max(initial=0), target.max(initial=0)))
    keys, which, edges = np.unique((source * count + target)[known], return_inverse=True, return_counts=True)
    bytes_per_day = np.array([one.bytes_per_day for one in listed], dtype=np.float64)[known]
    carried = np.bincount(which, weights=bytes_per_day, minlength=len(keys))
    source, target = np.divmod(keys, count)
    held = np.fromiter(shared, dtype=np.int64)
    is_shared = np.isin(source, held) | np.isin(target, held)
    return tuple(map(Link, source.tolist(), target.tolist(), carried.tolist(), edges.tolist(), is_shared.tolist()))


def crossing(between: Iterable[Link], waves: Sequence[int]) -> tuple[Link, ...]:
    """The links whose ends move in different waves."""
    return tuple(one for one in between if waves[one.source] != waves[one.target])


def transfer_usd_per_day(bytes_per_day: float, usd_per_gb: float) -> float:
    """What it costs to run those bytes between the sites. An upper bound: both directions are charged, as flow logs sum them up."""
    return round(bytes_per_day / GB * usd_per_gb, 4)
