"""Where each move group and each of its members stands in a drawing of the estate: columns for waves, needs pointing left.

Layered drawing after Sugiyama, Tagawa and Toda (1981): columns are given (waves, or layers), groups of a column are ordered by the
barycentre of their neighbours, then pulled level with them. A column that is too tall is dealt out into lanes; too many columns
are broken into rows, as lines of text are, so that a hundred waves do not make a ribbon. All lengths are in units of the drawing
(a pixel at scale 1); y grows downwards. The same input gives the same layout: nothing is random.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.isotonic import spread_apart

LANE_WIDTH = 184.0  # a circle and a label of some twenty letters
COLUMN_GAP = 56.0
ROW_GAP = 84.0  # holds the next row's headings
SLOT_HEIGHT = 24.0  # at least, for a line of text
SLOT_GAP = 6.0
RADIUS = 6.0  # of a group of one; the area grows with the members
RADIUS_AT_MOST = 36.0
MEMBER_HEIGHT = 20.0
MEMBER_WIDTH = 176.0
BOX_HEAD = 30.0
BOX_PADDING = 10.0
ASPECT = 1.6  # width to height to aim for, where the caller names none
_SWEEPS = 12
_PULLS = 4
_LANES_AT_MOST = 12
Edge = tuple[int, int, float]  # two node numbers and a weight of at least 0, such as bytes


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """The centre of a closed group, and the size of its box when open; the open box begins at the lane's left edge."""

    x: float
    y: float
    radius: float
    row: int
    lane: int  # counted over the whole drawing
    slot_height: float
    open_width: float
    open_height: float


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """The room of one column; *column* is the number that the caller gave."""

    column: int
    row: int
    left: float
    width: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """Groups and nodes in the order given; a node's place is measured from the left top corner of its group's open box."""

    groups: tuple[GroupPlace, ...]
    nodes: tuple[tuple[float, float], ...]
    columns: tuple[ColumnPlace, ...]
    width: float
    height: float


def lay_out(columns: Sequence[int], members: Sequence[Sequence[int]], edges: Iterable[Edge], *, aspect: float = ASPECT) -> GraphLayout:
    """The layout of groups, each with the column it stands in and the numbers of its member nodes.

    Columns stand in ascending order from left to right; *aspect* is the width to height to aim for.
    An edge points from the node that needs to the node that is needed.
    Raises ValueError where *columns* and *members* differ in length, or a node is in no group or in two.
    """
    group_of = _group_of(columns, members)
    pairs = [(source, target, weight) for source, target, weight in edges if source != target]
    orders = _ordered(columns, _neighbours(len(columns), group_of, pairs))
    slots = [max(SLOT_HEIGHT, 2 * _radius(len(inside))) + SLOT_GAP for inside in members]
    frame = _frame(orders, slots, aspect)
    tops = _aligned(frame, slots, _neighbours(len(columns), group_of, pairs))
    nodes, boxes = _boxes(members, group_of, pairs)
    places = [
        GroupPlace(
            x=frame.lane_left[lane] + RADIUS_AT_MOST,
            y=frame.row_top[frame.row_of_lane[lane]] + tops[group] + slots[group] / 2,
            radius=_radius(len(members[group])),
            row=frame.row_of_lane[lane],
            lane=lane,
            slot_height=slots[group],
            open_width=boxes[group][0],
            open_height=boxes[group][1],
        )
        for group, lane in enumerate(frame.lane_of)
    ]
    spans = tuple(sorted(frame.spans, key=lambda span: (span.row, span.left)))
    return GraphLayout(tuple(places), tuple(nodes), spans, frame.width, frame.height)


def layers(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """For each of *count* nodes the longest way down to a node that needs nothing, from 0; nodes in a circle share a layer."""
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if count == 0:
        return []
    ends = np.array(sorted({(a, b) for a, b in edges if a != b}), dtype=np.int64).reshape(-1, 2)
    graph = csr_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(count, count))
    knots, knot_of = connected_components(graph, directed=True, connection="strong")
    needed: list[set[int]] = [set() for _ in range(knots)]
    needed_by: list[list[int]] = [[] for _ in range(knots)]
    for source, target in knot_of[ends].tolist():
        if source != target and target not in needed[source]:
            needed[source].add(target)
            needed_by[target].append(source)
    waiting = [len(targets) for targets in needed]
    layer = [0] * knots
    ready = deque(knot for knot, open_needs in enumerate(waiting) if open_needs == 0)
    while ready:
        knot = ready.popleft()
        for above in needed_by[knot]:
            layer[above] = max(layer[above], layer[knot] + 1)
            waiting[above] -= 1
            if waiting[above] == 0:
                ready.append(above)
    return [layer[knot] for knot in knot_of.tolist()]


def _group_of(columns: Sequence[int], members: Sequence[Sequence[int]]) -> list[int]:
    if len(columns) != len(members):
        raise ValueError(f"{len(columns)} columns for {len(members)} groups. Next: give each group one column.")
    owner = {node: group for group, inside in enumerate(members) for node in inside}
    total = sum(len(inside) for inside in members)
    if len(owner) != total or owner.keys() != set(range(total)):
        raise ValueError(f"{total} memberships of {len(owner)} nodes. Next: number nodes from 0 and put each in exactly one group.")
    return [owner[node] for node in range(total)]


def _radius(members: int) -> float:
    return min(RADIUS_AT_MOST, RADIUS * math.sqrt(max(members, 1)))


def _neighbours(count: int, group_of: Sequence[int], edges: Sequence[Edge]) -> Any:
    """A symmetric sparse matrix: how strongly two groups are bound, 1 for each edge and the logarithm of its weight."""
    import numpy as np
    from scipy.sparse import csr_array

    ends = np.array([(group_of[a], group_of[b]) for a, b, _ in edges], dtype=np.int64).reshape(-1, 2)
    strength = 1.0 + np.log1p(np.array([max(weight, 0.0) for _, _, weight in edges], dtype=np.float64))
    apart = ends[:, 0] != ends[:, 1]
    one = csr_array((strength[apart], (ends[apart, 0], ends[apart, 1])), shape=(count, count))
    return (one + one.T).tocsr()


def _ordered(columns: Sequence[int], bonds: Any) -> dict[int, list[int]]:
    """For each column, left to right, its groups from top to bottom, few edges crossing."""
    import numpy as np

    found: dict[int, list[int]] = {}
    for group, column in enumerate(columns):
        found.setdefault(column, []).append(group)
    numbers = sorted(found)
    orders = {column: np.array(found[column], dtype=np.int64) for column in numbers}
    height = np.zeros(len(columns))
    for inside in orders.values():
        height[inside] = (np.arange(len(inside)) + 0.5) / len(inside)
    total = np.asarray(bonds.sum(axis=1)).ravel()
    for sweep in range(_SWEEPS):
        for column in numbers if sweep % 2 == 0 else reversed(numbers):
            inside = orders[column]
            pulled = bonds[inside] @ height
            bound = total[inside] > 0
            wish = np.where(bound, pulled / np.where(bound, total[inside], 1.0), height[inside])
            inside = inside[np.argsort(wish.round(9), kind="stable")]
            orders[column] = inside
            height[inside] = (np.arange(len(inside)) + 0.5) / len(inside)
    return {column: orders[column].tolist() for column in numbers}


@dataclass(slots=True)
class _Frame:
    """Rows, columns and lanes, and which group stands in which lane."""

    lane_of: list[int]
    lanes: list[list[int]]  # groups from top to bottom
    lane_left: list[float]
    row_of_lane: list[int]
    row_top: list[float]
    row_height: list[float]
    spans: list[ColumnPlace]
    width: float
    height: float


def _frame(orders: dict[int, list[int]], slots: Sequence[float], aspect: float) -> _Frame:
    """The frame whose shape comes nearest to the one aimed for, with few rows."""
    tallest = max((sum(slots[group] for group in inside) for inside in orders.values()), default=SLOT_HEIGHT)
    best: tuple[float, _Frame] | None = None
    for lanes in range(1, _LANES_AT_MOST + 1):
        limit = max(tallest / lanes, 8 * SLOT_HEIGHT)
        for rows in range(1, 9):
            frame = _build(orders, slots, limit, rows)
            cost = abs(math.log(frame.width / frame.height / aspect)) + 0.12 * (len(frame.row_top) - 1) + 0.03 * (lanes - 1)
            if best is None or cost < best[0] - 1e-9:
                best = (cost, frame)
    return best[1] if best else _Frame([], [], [], [], [], [], [], 1.0, 1.0)


def _build(orders: dict[int, list[int]], slots: Sequence[float], limit: float, rows: int) -> _Frame:
    """Columns of at most *limit* height, in about that many rows of equal width."""
    dealt: dict[int, list[list[int]]] = {}
    for column, inside in orders.items():
        amount = max(1, math.ceil(sum(slots[group] for group in inside) / limit))
        dealt[column] = [inside[lane::amount] for lane in range(amount)]  # in turn, so that neighbours stay on one level
    widths = {column: len(lanes) * LANE_WIDTH + COLUMN_GAP for column, lanes in dealt.items()}
    share = sum(widths.values()) / rows
    frame = _Frame([0] * len(slots), [], [], [], [], [], [], 1.0, 1.0)
    left, top, used = 0.0, 0.0, 0.0
    for column, lanes in dealt.items():
        if not frame.row_top or (left > 0 and used + widths[column] / 2 > share * len(frame.row_top)):
            top += (frame.row_height[-1] + ROW_GAP) if frame.row_top else 0.0
            frame.row_top.append(top)
            frame.row_height.append(0.0)
            left = 0.0
        row = len(frame.row_top) - 1
        height = max(sum(slots[group] for group in lane) for lane in lanes)
        frame.row_height[row] = max(frame.row_height[row], height)
        frame.spans.append(ColumnPlace(column, row, left, widths[column] - COLUMN_GAP, top, height))
        for number, lane in enumerate(lanes):
            for group in lane:
                frame.lane_of[group] = len(frame.lanes)
            frame.lanes.append(lane)
            frame.lane_left.append(left + number * LANE_WIDTH)
            frame.row_of_lane.append(row)
        left += widths[column]
        used += widths[column]
        frame.width = max(frame.width, left - COLUMN_GAP)
    frame.height = max(top + (frame.row_height[-1] if frame.row_height else 1.0), 1.0)
    return frame


def _aligned(frame: _Frame, slots: Sequence[float], bonds: Any) -> list[float]:
    """The top of each group's slot within its row: in order, none overlapping, as level with its neighbours of the row as can be."""
    import numpy as np

    top = np.zeros(len(slots))
    for lane in frame.lanes:
        space = frame.row_height[frame.row_of_lane[frame.lane_of[lane[0]]]] - sum(slots[group] for group in lane)
        at = space / 2
        for group in lane:
            top[group] = at
            at += slots[group]
    half = np.array(slots, dtype=np.float64) / 2
    row = np.array([frame.row_of_lane[lane] for lane in frame.lane_of], dtype=np.int64)
    one = bonds.tocoo()
    same = row[one.row] == row[one.col]
    source, target, strength = one.row[same], one.col[same], one.data[same]
    total = np.bincount(source, weights=strength, minlength=len(slots))
    for _ in range(_PULLS):
        middle = top + half
        pulled = np.bincount(source, weights=strength * middle[target], minlength=len(slots))
        wish = np.where(total > 0, pulled / np.where(total > 0, total, 1.0), middle) - half
        for lane in frame.lanes:
            room = frame.row_height[frame.row_of_lane[frame.lane_of[lane[0]]]]
            top[lane] = spread_apart([float(wish[group]) for group in lane], [slots[group] for group in lane], room)
    return [round(float(value), 1) for value in top]


def _boxes(
    members: Sequence[Sequence[int]], group_of: Sequence[int], edges: Sequence[Edge]
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Each node's place in its group's open box, and each box's width and height; what is needed stands before what needs it."""
    layer = layers(len(group_of), ((a, b) for a, b, _ in edges if group_of[a] == group_of[b]))
    nodes = [(0.0, 0.0)] * len(group_of)
    boxes = []
    for inside in members:
        across = 1 if len(inside) <= 12 else max(2, round(math.sqrt(len(inside) * ASPECT * MEMBER_HEIGHT / MEMBER_WIDTH)))
        down = max(1, math.ceil(len(inside) / across))
        for rank, node in enumerate(sorted(inside, key=lambda node: (layer[node], node))):
            x = BOX_PADDING + RADIUS + rank // down * MEMBER_WIDTH
            nodes[node] = (x, BOX_HEAD + MEMBER_HEIGHT * (rank % down + 0.5))
        boxes.append((2 * BOX_PADDING + across * MEMBER_WIDTH, BOX_HEAD + down * MEMBER_HEIGHT + BOX_PADDING))
    return nodes, boxes
