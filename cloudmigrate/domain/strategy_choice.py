"""The table applied to many resources at once: which row decides, and how far every other strategy is, in the worst case.

Each condition has two distances over a feature's box, 0..1: how far its nearest possible value is from making it hold, and from making it
fail. A row can win once all its conditions hold and every row before it fails; what that takes is the largest of these distances. A
strategy is as near as the nearest of its rows. At 0 it may be the right one already: what is missing may say so. The margin of the chosen
strategy is the distance of the nearest other one.

Why removing evidence never raises the margin. Boxes only widen, so distances only shrink. If the choice stays, the margin cannot rise. If
it changes, the wider box still holds the old point, where the old strategy wins, so that one's distance is 0, and so is the margin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.strategy_features import BY_NAME, Column, WordFeature
from cloudmigrate.domain.strategy_table import TABLE, AtLeast, AtMost, Condition, OneOf, Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Places = npt.NDArray[np.int64]

STRATEGIES: tuple[Strategy, ...] = tuple(Strategy)
FAR = 1000.0  # more than what breaks ties may add up to


@dataclass(frozen=True)
class Choices:
    """For each resource (last axis): the row that decides, and per strategy its nearest row and how far that is from winning."""

    row: "Places"
    distance: "Floats"  # (strategy, resource), 0..1
    runner_up: "Places"  # the nearest other strategy
    nearest: "Places"  # (strategy, resource), a row of the table
    unmet: "Places"  # (row, resource): the conditions that do not hold at the point, as bits

    @property
    def count(self) -> int:
        """How many resources."""
        return len(self.row)


@dataclass(frozen=True)
class _Weighed:
    holds: "Flags"
    to_true: "Floats"
    to_false: "Floats"


def choose(columns: Mapping[str, Column], count: int, table: Sequence[Row] = TABLE) -> Choices:
    """The choices for *count* resources. The last row of *table* must hold always, and every strategy have a row."""
    import numpy as np

    shape = (len(table), count)
    holds, unmet = np.ones(shape, dtype=np.bool_), np.zeros(shape, dtype=np.int64)
    needs = np.zeros(shape)  # what the row takes to win
    softly = np.zeros(shape)  # the mean of its conditions' distances, and whether people state it: breaks ties
    before = np.zeros(count)  # what it takes for all rows so far to fail
    for at, row in enumerate(table):
        to_true, to_false = np.zeros(count), np.ones(count)
        for bit, condition in enumerate(row.when):
            found = _weighed(condition, columns[condition.feature])
            holds[at] &= found.holds
            unmet[at] |= np.where(found.holds, 0, 1 << bit)
            to_true = np.maximum(to_true, found.to_true)
            to_false = np.minimum(to_false, found.to_false)
            softly[at] += found.to_true / len(row.when)
        softly[at] += row.is_stated
        needs[at] = np.maximum(to_true, before)
        before = np.maximum(before, to_false)
    chosen = holds.argmax(axis=0)
    nearest = np.empty((len(STRATEGIES), count), dtype=np.int64)
    distance, order = np.ones((len(STRATEGIES), count)), np.empty((len(STRATEGIES), count))
    of_row = np.array([STRATEGIES.index(row.strategy) for row in table])
    for at in range(len(STRATEGIES)):
        rows = np.flatnonzero(of_row == at)
        ranked = needs[rows] * FAR + softly[rows]
        nearest[at] = rows[ranked.argmin(axis=0)]
        distance[at], order[at] = needs[rows].min(axis=0), ranked.min(axis=0)
    order[of_row[chosen], np.arange(count)] = np.inf
    return Choices(chosen, distance, order.argmin(axis=0), nearest, unmet)


def _weighed(condition: Condition, column: Column) -> _Weighed:
    import numpy as np

    match condition:
        case AtMost(_, limit, scale):
            return _Weighed(
                column.point <= limit, np.clip((column.low - limit) / scale, 0, 1), np.clip((limit - column.high) / scale, 0, 1)
            )
        case AtLeast(_, limit, scale):
            return _Weighed(
                column.point >= limit, np.clip((limit - column.high) / scale, 0, 1), np.clip((column.low - limit) / scale, 0, 1)
            )
        case OneOf(feature, words):
            named = BY_NAME[feature]
            assert isinstance(named, WordFeature)  # noqa: S101  # check_table holds it
            mask = sum(1 << at for at, word in enumerate(named.words) if word in words)
            possible = column.low.astype(np.int64)
            can_hold, can_fail = (possible & mask) != 0, (possible & ~np.int64(mask)) != 0
            point = np.left_shift(np.int64(1), column.point.astype(np.int64))
            return _Weighed((point & mask) != 0, np.where(can_hold, 0.0, 1.0), np.where(can_fail, 0.0, 1.0))
