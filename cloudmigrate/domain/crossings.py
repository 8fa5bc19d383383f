"""What runs between sites while the waves are under way: observed traffic between groups of different waves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cloudmigrate.domain.plan_input import Exchange
from cloudmigrate.domain.wave_goals import distances

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]

# AWS counts a GB of transfer as 2^30 bytes (AWS billing, "Data transfer").
GB = 2**30


class Link(NamedTuple):
    """The observed traffic of one group with another it needs; grain: (source group, target group)."""

    source: int
    target: int
    bytes_per_day: float
    edges: int  # (source, target, protocol, port) of resources
    shared: bool  # whether an end is a shared service that is held out


@dataclass(frozen=True, eq=False)
class Links:
    """Links as columns of one length, sorted by source and target: an estate may have half a million."""

    source: "Numbers"
    target: "Numbers"
    bytes_per_day: "npt.NDArray[np.float64]"
    edges: "Numbers"
    shared: "npt.NDArray[np.bool_]"

    def __len__(self) -> int:
        return len(self.source)

    def __iter__(self) -> Iterator[Link]:
        columns = (self.source, self.target, self.bytes_per_day, self.edges, self.shared)
        return map(Link, *(column.tolist() for column in columns))

    def where(self, kept: "npt.NDArray[np.bool_]") -> "Links":
        """Those of which *kept* says so."""
        return Links(self.source[kept], self.target[kept], self.bytes_per_day[kept], self.edges[kept], self.shared[kept])


def ends_of(exchanges: Sequence[Exchange], group_of: Mapping[str, int]) -> "Numbers":
    """The groups of both ends of each exchange, -1 where the resource is in none; shape (m, 2)."""
    import numpy as np

    ends = ((group_of.get(one.source_uid, -1), group_of.get(one.target_uid, -1)) for one in exchanges)
    return np.array(list(ends), dtype=np.int64).reshape(-1, 2)


def links(ends: "Numbers", bytes_per_day: Sequence[float], shared: Iterable[int]) -> Links:
    """The traffic between groups, from the groups of both ends of each exchange; that with resources that stay is left out."""
    import numpy as np

    source, target = ends[:, 0], ends[:, 1]
    known = (source >= 0) & (target >= 0) & (source != target)
    count = 1 + int(ends.max(initial=0))
    keys, which, edges = np.unique((source * count + target)[known], return_inverse=True, return_counts=True)
    carried = np.bincount(which, weights=np.array(bytes_per_day, dtype=np.float64)[known], minlength=len(keys)).astype(np.float64)
    source, target = np.divmod(keys, count)
    held = np.zeros(count, dtype=np.bool_)
    held[[one for one in shared if one < count]] = True
    return Links(source, target, carried, edges.astype(np.int64), held[source] | held[target])


def crossing(between: Links, waves: Sequence[int], retires: Sequence[bool] = ()) -> Links:
    """The links whose ends are at different sites for a while: they move in different waves, or one moves before the other is retired.

    *retires* is of each group; () where none is retired.
    """
    import numpy as np

    return between.where(distances(np.array(waves, dtype=np.int64), between.source, between.target, retires) > 0)


def transfer_usd_per_day(bytes_per_day: float, usd_per_gb: float) -> float:
    """What it costs to run those bytes between the sites. An upper bound: both directions are charged, as flow logs sum them up."""
    return round(bytes_per_day / GB * usd_per_gb, 4)
