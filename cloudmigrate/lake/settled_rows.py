"""Settled conversations: rows of the table of sums with which nothing else has to be summed up, in order, as the query gives the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cloudmigrate.domain.direction import STRENGTH
from cloudmigrate.lake.dataset import UTC_TIME
from cloudmigrate.lake.flow_fields import FIRST_RULE, LONG_SPAN
from cloudmigrate.lake.flow_names import Names
from cloudmigrate.lake.flow_native import Native
from cloudmigrate.lake.flow_sums import batch_of, values_of

MARKS = 1 << 22  # bytes, several times as many as there are loose rows
ROWS_A_BATCH = 100_000
HOURS = (1 << 24) - 1  # bits of `seen`, see flow_sums.SUMS
DIRECTIONS = pa.array([str(rule) for rule in sorted(STRENGTH, key=STRENGTH.__getitem__)])
ACTIONS = pa.array(["ACCEPT", "REJECT"])
CARRIED = pa.schema(
    [("interface", pa.uint64()), ("day", pa.int32()), ("records", pa.int64()), ("hours", pa.int32()), ("span_s", pa.int16())]
)

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows of a table of sums, and where those that are settled lie in it: in the order of day, interface, client, server."""

    rows: Integers
    places: Integers

    def batches(self, vpcs: Names) -> Iterator[pa.RecordBatch]:
        """The columns of the query `conversations`; *vpcs* names the VPC of an interface where records told it."""
        for start in range(0, len(self.places), ROWS_A_BATCH):
            yield _columns(self.rows[self.places[start : start + ROWS_A_BATCH]], vpcs)

    def carried(self) -> pa.Table:
        """What each interface carried a day: records, hours and the longest capture window, rounded up to 60 or 600 seconds."""
        names = ("interface", "facts", "flows", "seen")
        interface, facts, flows, seen = (values_of(self.rows, name)[self.places] for name in names)
        day = facts >> 43
        if not len(self.places):
            return CARRIED.empty_table()
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
    places, others = code.settled(rows, marks)
    keys = {name: values_of(rows, name)[places] for name in ("interface", "pair", "facts")}
    order = pc.sort_indices(pa.table({"day": keys["facts"] >> 43} | keys), sort_keys=[(one, "ascending") for one in ("day", *keys)])
    return Settled(rows, places[order.to_numpy()]), batch_of(rows[others])


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
