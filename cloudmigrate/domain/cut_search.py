"""The cheapest way to cut a small graph in two, each side of at most a given size if that is possible.

Up to 14 nodes every way is looked at. Beyond, cuts come from maximum flows between growing sides: each flow gives the cheapest cut
that keeps two sets of nodes apart; the smaller set then takes in its whole side and one node more, and the next cut is better balanced.
That is exact for the sets at hand, not for all balanced cuts, which nobody finds fast (minimum bisection is NP-hard; Garey, Johnson
and Stockmeyer 1976).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Side = npt.NDArray[np.bool_]

_EVERY_WAY_UP_TO = 14
_FLOWS_AT_MOST = 60  # for each pair of first nodes
_MOST_CAPACITY = 2**30  # scipy's flows are 32-bit integers


@dataclass(frozen=True)
class CutGraph:
    """Nodes with sizes, and what it costs to cut between two of them: (lower, higher node) -> weight above 0."""

    sizes: Sequence[float]
    weights: Mapping[tuple[int, int], float]


def cheapest_cut(graph: CutGraph, limit: float) -> "Side | None":
    """Which nodes are on the first side of the best cut found; None for fewer than two nodes.

    Best is: of the cuts whose sides both fit *limit* the cheapest; where there is none, the cheapest for each unit of the smaller side.
    """
    count = len(graph.sizes)
    if count < 2:
        return None
    sides = _every_side(count) if count <= _EVERY_WAY_UP_TO else _sides_by_flows(graph)
    best: tuple[tuple[bool, float, float, tuple[int, ...]], Side] | None = None
    for side in sides:
        key = _key(graph, side, limit)
        if best is None or key < best[0]:
            best = key, side
    assert best is not None  # noqa: S101 - two nodes have a cut between them
    return best[1]


def cut_weight(graph: CutGraph, side: "Side") -> float:
    """What the cut costs."""
    return sum(weight for (a, b), weight in sorted(graph.weights.items()) if side[a] != side[b])


def _key(graph: CutGraph, side: "Side", limit: float) -> tuple[bool, float, float, tuple[int, ...]]:
    here = sum(size for size, inside in zip(graph.sizes, side, strict=True) if inside)
    there = sum(graph.sizes) - here
    weight = cut_weight(graph, side)
    smaller, larger = min(here, there), max(here, there)
    fits = larger <= limit
    return (not fits, weight if fits else weight / max(smaller, 1e-9), larger, tuple(map(int, side)))


def _every_side(count: int) -> Iterator["Side"]:
    """Every way to part *count* nodes in two; the last node is always on the second side."""
    import numpy as np

    for number in range(1, 1 << (count - 1)):
        yield np.array([number >> node & 1 for node in range(count)], dtype=np.bool_)


def _sides_by_flows(graph: CutGraph) -> Iterator["Side"]:
    flows = _Flows(graph)
    first = flows.farthest([0])
    second = flows.farthest([first])
    third = flows.farthest([first, second])
    for start, end in dict.fromkeys(((first, second), (first, third), (second, third), (flows.heaviest(), second))):
        if start != end:
            yield from flows.growing(start, end)


class _Flows:
    """Cuts of one graph between sets of its nodes."""

    def __init__(self, graph: CutGraph) -> None:
        import numpy as np
        from scipy.sparse import csr_array

        self._count = len(graph.sizes)
        self._sizes = np.array(graph.sizes, dtype=np.float64)
        ends = np.array(sorted(graph.weights), dtype=np.int64).reshape(-1, 2)
        weights = np.array([graph.weights[a, b] for a, b in ends.tolist()], dtype=np.float64)
        scale = min(1.0, _MOST_CAPACITY / max(float(weights.sum()), 1.0)) * (1.0 if weights.sum() > 1e6 else 1000.0)
        capacities = np.maximum(1, np.round(weights * scale)).astype(np.int64)
        self._infinite = int(capacities.sum()) + 1
        self._ends = np.concatenate([ends, ends[:, ::-1]])
        self._capacities = np.concatenate([capacities, capacities])
        shape = (self._count, self._count)
        self._near = csr_array((self._capacities.astype(np.float64), (self._ends[:, 0], self._ends[:, 1])), shape=shape)

    def farthest(self, starts: Sequence[int]) -> int:
        """The node whose way to the nearest of *starts* is longest, over edges that are short where they carry much."""
        import numpy as np
        from scipy.sparse.csgraph import dijkstra

        lengths = self._near.copy()
        lengths.data = 1.0 / lengths.data
        ways = dijkstra(lengths, indices=list(starts)).min(axis=0)
        ways[list(starts)] = -1.0
        return int(np.argmax(ways))

    def heaviest(self) -> int:
        """The node that exchanges most."""
        import numpy as np

        return int(np.argmax(np.asarray(self._near.sum(axis=1)).ravel()))

    def growing(self, start: int, end: int) -> Iterator["Side"]:
        """The cheapest cuts between two sets of nodes, from one node each on, until they meet."""
        import numpy as np

        near, far = np.zeros(self._count, dtype=np.bool_), np.zeros(self._count, dtype=np.bool_)
        near[start], far[end] = True, True
        more = max(1, self._count // (2 * _FLOWS_AT_MOST))
        for _ in range(_FLOWS_AT_MOST):
            first, last = self._cut(near, far)
            yield first
            yield ~last
            grows = self._sizes[first].sum() <= self._sizes[last].sum()
            grown = (first if grows else last).copy()  # what was given away stays as it is
            added = self._beside(grown, far if grows else near, more)
            if not len(added):
                return
            grown[added] = True
            near, far = (grown, far) if grows else (near, grown)

    def _cut(self, near: "Side", far: "Side") -> tuple["Side", "Side"]:
        """The smallest first and the smallest last side of the cheapest cuts between *near* and *far*."""
        import numpy as np
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import breadth_first_order, maximum_flow

        count, source, sink = self._count, self._count, self._count + 1
        firsts, lasts = np.flatnonzero(near), np.flatnonzero(far)
        rows = np.concatenate([self._ends[:, 0], np.full(len(firsts), source), lasts])
        columns = np.concatenate([self._ends[:, 1], firsts, np.full(len(lasts), sink)])
        bound = np.full(len(firsts) + len(lasts), self._infinite)
        capacities = np.concatenate([self._capacities, bound]).astype(np.int32)
        graph = csr_array((capacities, (rows, columns)), shape=(count + 2, count + 2))
        left = csr_array(graph - maximum_flow(graph, source, sink).flow)
        left.eliminate_zeros()
        first, last = np.zeros(count + 2, dtype=np.bool_), np.zeros(count + 2, dtype=np.bool_)
        first[breadth_first_order(left, source, return_predecessors=False)] = True
        last[breadth_first_order(csr_array(left.T), sink, return_predecessors=False)] = True
        return first[:count], last[:count]

    def _beside(self, grown: "Side", other: "Side", more: int) -> "npt.NDArray[np.int64]":
        """Up to *more* nodes that *grown* exchanges most with and that are not of the *other* set."""
        import numpy as np

        pull = self._near @ grown.astype(np.float64)
        free = ~grown & ~other
        if free.sum() < 1:
            return np.array([], dtype=np.int64)
        order = np.lexsort((np.arange(self._count), -np.where(free, pull, -1.0)))
        found: npt.NDArray[np.int64] = order[: min(more, int(free.sum()))]
        return found
