"""The estate's graph condensed, on arrays of node numbers: what fuses, what is a circle, and on which layer each lies.

A node is a number from 0. Nodes joined by parts are one unit; units that need one another in a circle are one knot; the knots and
the needs between them have no circle. 100,000 nodes with 500,000 edges take about as long as scipy's own two calls for components.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

_STEPS = 300  # layers found by arrays; what lies higher is walked knot by knot


@dataclass(frozen=True)
class Condensed:
    """Unit of each node, knot of each node, and the needs between knots: distinct pairs (needs, is needed), sorted."""

    unit_of: "Numbers"
    knot_of: "Numbers"
    needs: "Numbers"  # shape (m, 2)
    layers: "Numbers"  # knot -> the most knots that move on any way from it down, itself included
    moving: "Flags"  # knot -> whether one of its nodes moves


def condense(count: int, parts: "Numbers", needs: "Numbers", moves: "Flags") -> Condensed:
    """The graph of *count* nodes with edges *parts* and *needs* (each of shape (m, 2)) condensed; repeated edges change nothing."""
    import numpy as np

    unit_of = components(count, parts, directed=False)
    units = int(unit_of.max(initial=-1)) + 1
    ends = unit_of[needs] if len(parts) else needs
    knot_of_unit = components(units, ends, directed=True)
    knot_of = knot_of_unit[unit_of] if len(parts) else knot_of_unit
    knots = int(knot_of.max(initial=-1)) + 1
    between = distinct(knot_of_unit[ends], knots)
    moving = np.zeros(knots, dtype=np.bool_)
    moving[knot_of[moves]] = True
    return Condensed(unit_of, knot_of, between, layers(knots, between, moving), moving)


def components(count: int, edges: "Numbers", *, directed: bool) -> "Numbers":
    """For each of *count* nodes the number of its component: strongly connected when *directed*, else connected."""
    # scipy takes 0.8 s to import; 100,000 nodes take it 0.1 s, and networkx 6 s.
    import numpy as np

    if count == 0 or len(edges) == 0:
        return np.arange(count, dtype=np.int64)
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    ends = edges.astype(np.int32)
    graph = csr_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(count, count))
    labels: Numbers = connected_components(graph, directed=directed, connection="strong", return_labels=True)[1].astype(np.int64)
    return labels


def distinct(edges: "Numbers", count: int) -> "Numbers":
    """The distinct pairs among *edges* that join different nodes, sorted."""
    import numpy as np

    source, target = edges[:, 0], edges[:, 1]
    apart = source != target
    keys = _sorted_once(source[apart] * max(count, 1) + target[apart])
    return np.stack(np.divmod(keys, max(count, 1)), axis=1)


def beside(count: int, source: "Numbers", target: "Numbers") -> tuple["Numbers", "Numbers"]:
    """Where the targets of each of *count* sources begin (and, last, where all end), and the targets of all in turn, sorted."""
    import numpy as np

    # One number for each pair: sorting those takes a tenth of the time of sorting by two columns.
    width = int(target.max(initial=0)) + 1
    source, target = np.divmod(np.sort(source * width + target), width)
    return np.searchsorted(source, np.arange(count + 1)), target


def _sorted_once(numbers: "Numbers") -> "Numbers":
    """The distinct *numbers*, sorted; numpy's own ``unique`` hashes them first, which takes four times as long."""
    import numpy as np

    ordered = np.sort(numbers)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def layers(count: int, needs: "Numbers", moving: "Flags") -> "Numbers":
    """For each knot of a graph without circles the most moving knots on any way from it down, itself included."""
    import numpy as np

    found = moving.astype(np.int64)
    own = found.copy()
    order = np.argsort(needs[:, 1], kind="stable")
    above = needs[order, 0]
    starts = np.searchsorted(needs[order, 1], np.arange(count + 1))
    waiting = np.bincount(needs[:, 0], minlength=count)
    ready: Numbers = np.flatnonzero(waiting == 0)
    for _ in range(_STEPS):
        if not len(ready):
            return found
        lengths = starts[ready + 1] - starts[ready]
        source = above[np.repeat(starts[ready] - np.cumsum(lengths) + lengths, lengths) + np.arange(int(lengths.sum()))]
        # All edges end in finished knots.
        np.maximum.at(found, source, np.repeat(found[ready], lengths) + own[source])
        np.subtract.at(waiting, source, 1)
        ready = _sorted_once(source[waiting[source] == 0])
    return _walked(found=found, own=own, above=above, starts=starts, waiting=waiting, ready=ready)


def _walked(*, found: "Numbers", own: "Numbers", above: "Numbers", starts: "Numbers", waiting: "Numbers", ready: "Numbers") -> "Numbers":
    """The rest of the layers, knot by knot: in a deep graph a step finishes too few for arrays to pay."""
    import numpy as np

    layer, adds, up, at, open_needs = found.tolist(), own.tolist(), above.tolist(), starts.tolist(), waiting.tolist()
    stack = ready.tolist()
    while stack:
        knot = stack.pop()
        for source in up[at[knot] : at[knot + 1]]:
            layer[source] = max(layer[source], layer[knot] + adds[source])
            open_needs[source] -= 1
            if open_needs[source] == 0:
                stack.append(source)
    return np.array(layer, dtype=np.int64)
