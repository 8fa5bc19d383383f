"""Settled conversations: rows of the table of sums with which nothing else has to be summed up, in order, as the query gives the others."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cloudmigrate.domain.direction import STRENGTH
from cloudmigrate.lake.dataset import UTC_TIME
from cloudmigrate.lake.flow_fields import FIRST_RULE, LONG_SPAN
from cloudmigrate.lake.flow_names import Names
from cloudmigrate.lake.flow_native import Array, Native
from cloudmigrate.lake.flow_sums import batch_of, values_of
from cloudmigrate.lake.parquet import started

MARKS = 1 << 22  # bytes, several times as many as there are loose rows
ROWS_A_BATCH = 100_000
SAMPLED = 4096  # rows, to tell where shares begin
HOURS = (1 << 24) - 1  # bits of `seen`, see flow_sums.SUMS
DIRECTIONS = pa.array([str(rule) for rule in sorted(STRENGTH, key=STRENGTH.__getitem__)])
ACTIONS = pa.array(["ACCEPT", "REJECT"])
CARRIED = pa.schema(
    [("interface", pa.uint64()), ("day", pa.int32()), ("records", pa.int64()), ("hours", pa.int32()), ("span_s", pa.int16())]
)

Integers = npt.NDArray[np.int64]


class Settled:
    """Rows of a table of sums, and where those that are settled lie in it: share by share, each with later keys than the one before."""

    def __init__(self, rows: Integers, shares: Sequence[Integers]) -> None:
        self.rows = rows
        self.shares = shares
        self._carried: list[pa.Table] = []
        self._sorted = started(self._in_order())

    def __len__(self) -> int:
        """How many rows are settled."""
        return sum(map(len, self.shares))

    def batches(self, vpcs: Names) -> Iterator[pa.RecordBatch]:
        """The columns of the query `conversations`, once, in its order; *vpcs* names the VPC of an interface where records told it."""
        for places in self._sorted:
            for start in range(0, len(places), ROWS_A_BATCH):
                yield _columns(np.take(self.rows, places[start : start + ROWS_A_BATCH], axis=0), vpcs)

    def carried(self) -> pa.Table:
        """What each interface carried a day: records, hours and the longest capture window, rounded up to 60 or 600 seconds.

        In several rows where a share ends in between; of the batches that were taken, so ask for it when all were.
        """
        return pa.concat_tables([CARRIED.empty_table(), *self._carried])

    def _in_order(self) -> Iterator[Integers]:
        """Where the rows of each share are, in the order of day, interface, client, server, protocol, port and action."""
        for places in self.shares:
            keys = {name: values_of(self.rows, name, places) for name in ("interface", "pair", "facts")}
            table = pa.table({"day": keys["facts"] >> 43} | keys)
            order = pc.sort_indices(table, sort_keys=[(one, "ascending") for one in table.column_names]).to_numpy()
            if len(places):
                self._carried.append(_carried(self.rows, places[order]))
            yield places[order]


def _carried(rows: Integers, places: Integers) -> pa.Table:
    interface, facts, flows, seen = (values_of(rows, name, places) for name in ("interface", "facts", "flows", "seen"))
    day = facts >> 43
    cuts = stretches(day, interface)[:-1]
    seen = np.bitwise_or.reduceat(seen, cuts)
    columns = {
        "interface": interface[cuts],
        "day": day[cuts],
        "records": np.add.reduceat(flows, cuts),
        "hours": seen & HOURS,
        "span_s": np.where(seen & LONG_SPAN, 600, 60),
    }
    return pa.table([pa.array(columns[one.name].astype(one.type.to_pandas_dtype())) for one in CARRIED], schema=CARRIED)


def stretches(*keys: npt.NDArray[Any]) -> list[int]:
    """Where each stretch of equal keys begins, and where the last ends; of keys that are there."""
    changes = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return [0, *(np.flatnonzero(changes) + 1).tolist(), len(keys[0])]


def settle(code: Native, rows: Integers, texts: Integers) -> tuple[Settled, pa.RecordBatch]:
    """The settled ones of a whole table's rows, and the others as `flow_sums.SUMS`; *texts* has the keys of what was read as text."""
    marks = np.zeros(MARKS, np.uint8)
    code.mark_loose(rows, marks, is_text=False)
    code.mark_loose(texts, marks, is_text=True)
    *shares, others = code.settled(rows, marks, _bounds(rows))
    return Settled(rows, shares), batch_of(np.take(rows, others, axis=0))


def _bounds(rows: Integers) -> Array:
    """The least day, interface and pair of every share but the first, so that shares have about ROWS_A_BATCH rows."""
    shares = 1 + len(rows) // ROWS_A_BATCH
    some = rows[:: 1 + len(rows) // SAMPLED]
    interface, pair, facts = (values_of(some, name) for name in ("interface", "pair", "facts"))
    day = (facts >> 43).astype(np.uint64)
    order = np.lexsort((pair, interface, day))
    at = order[[len(some) * share // shares for share in range(1, shares)]]
    return np.stack([day[at], interface[at], pair[at]], axis=1)


def _columns(rows: Integers, vpcs: Names) -> pa.RecordBatch:
    interface, pair, facts, seen = (values_of(rows, name) for name in ("interface", "pair", "facts", "seen"))
    rule = seen >> FIRST_RULE
    columns = {
        "day": pa.array((facts >> 43).astype(np.int32)),
        "interface": pa.array(interface),
        "client": pa.array(pair >> np.uint64(32)),
        "server": pa.array(pair & np.uint64(0xFFFFFFFF)),
        "protocol": pa.array((facts >> 34 & 255).astype(np.int32)),
        "port": pa.array(((facts >> 17 & 131_071) - 1).astype(np.int32)),
        "action": pa.DictionaryArray.from_arrays(pa.array((facts >> 42 & 1).astype(np.int32)), ACTIONS),
        "direction": pa.DictionaryArray.from_arrays(pa.array(np.log2(rule & -rule).astype(np.int32)), DIRECTIONS),
        "first_at": pa.array(values_of(rows, "first_s") * 1_000_000).cast(pa.timestamp("us")).cast(UTC_TIME),
        "last_at": pa.array(values_of(rows, "last_s") * 1_000_000).cast(pa.timestamp("us")).cast(UTC_TIME),
        "hours": pa.array((seen & HOURS).astype(np.int32)),
        "vpc_id": vpcs.of_numbers(interface),
        "aws_service": pa.DictionaryArray.from_arrays(pa.nulls(len(rows), pa.int32()), pa.array([], pa.string())),
    }
    sums = ("to_server_bytes", "to_client_bytes", "to_server_packets", "to_client_packets", "flows")
    return pa.RecordBatch.from_pydict(columns | {name: pa.array(values_of(rows, name)) for name in sums})
