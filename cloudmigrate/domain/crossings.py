"""What runs between sites while the waves are under way: observed traffic between groups of different waves."""

from collections import defaultdict
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
    held = set(shared)
    found: defaultdict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0])
    for one in exchanges:
        source, target = group_of.get(one.source_uid), group_of.get(one.target_uid)
        if source is not None and target is not None and source != target:
            entry = found[source, target]
            entry[0] += one.bytes_per_day
            entry[1] += 1
    return tuple(Link(a, b, entry[0], int(entry[1]), a in held or b in held) for (a, b), entry in sorted(found.items()))


def crossing(between: Iterable[Link], waves: Sequence[int]) -> tuple[Link, ...]:
    """The links whose ends move in different waves."""
    return tuple(one for one in between if waves[one.source] != waves[one.target])


def transfer_usd_per_day(bytes_per_day: float, usd_per_gb: float) -> float:
    """What it costs to run those bytes between the sites. An upper bound: both directions are charged, as flow logs sum them up."""
    return round(bytes_per_day / GB * usd_per_gb, 4)
