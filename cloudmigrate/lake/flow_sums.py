"""Sums of flow log records by who sent to whom, made by compiled code in a table of bounded size.

All threads add to one table, some thousand records at a time. When it is full its rows go on to DuckDB, which sums up what comes of
several fillings, and spills where it must. What fits stays, and no two of its rows are of the same key.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cloudmigrate.lake import flow_table
from cloudmigrate.lake.flow_blocks import Block, Tally
from cloudmigrate.lake.flow_columns import Mask, columns_of, tells_service
from cloudmigrate.lake.flow_fields import LONGEST_S, TEXTS
from cloudmigrate.lake.flow_native import Native, Room
from cloudmigrate.lake.flow_sides import KINDS, PORTLESS_PROTOCOLS, RULES, SIDES_OF
from cloudmigrate.lake.flow_table import T_BYTES, T_PACKETS, TOTALS, WAITING_WIDTH, WIDTH

WORTH_COMPILING_BYTES = 8 << 20  # of gzip: below, text is read before the compiled code is loaded
ROWS = 1_250_000  # of the table, 88 bytes each, of which memory is taken as they are used; at most 2^21 - 1
INDEX = 1 << 21  # places by which rows are found: a power of two, more than there are rows
WAITING = 4096  # records read by a thread before they are added
ROWS_A_BATCH = 1 << 16  # handed on at once
OTHERS = 1 << 12  # lines left for the reader of text at a time
INTERFACES = 1 << 17  # remembered, of those of which a line was read as text
SUMMED_AT_MOST = 1 << 62  # bytes or packets in all rows together, before they are handed on: more could overflow
# pair: client (the upper 32 bits) and server, or source and target where one record does not tell; then all counts as sent to the server.
# facts: source port + 1 where that is so, else 0 (17 bits), server's port + 1 (17), protocol (8), rejected (1), day (17); the first lowest.
# seen: UTC hours (24 bits), whether a record covered more than a minute (1), by which rules the server was told (a bit for each strength).
SUMS = pa.schema(
    [("interface", pa.uint64()), ("pair", pa.uint64()), ("facts", pa.int64())]
    + [(f"to_{end}_{unit}", pa.int64()) for unit in ("bytes", "packets") for end in ("server", "client")]
    + [(name, pa.int64()) for name in ("flows", "first_s", "last_s", "seen")]
)
_NEEDED = {
    "interface-id": flow_table.INTERFACE,
    "srcaddr": flow_table.SRC,
    "dstaddr": flow_table.DST,
    "srcport": flow_table.SRCPORT,
    "dstport": flow_table.DSTPORT,
    "protocol": flow_table.PROTOCOL,
    "packets": flow_table.PACKETS,
    "bytes": flow_table.BYTES,
    "start": flow_table.START,
    "end": flow_table.END,
    "action": flow_table.ACTION,
    "log-status": flow_table.STATUS,
}
# The packet's own addresses go before the interface's; a service's name, where there is one, is for the reader of text.
_FURTHER = {
    "tcp-flags": flow_table.FLAGS,
    "pkt-srcaddr": flow_table.SRC,
    "pkt-dstaddr": flow_table.DST,
    "pkt-src-aws-service": flow_table.NONE,
    "pkt-dst-aws-service": flow_table.NONE,
}
_OF_INTERFACE = frozenset({"vpc-id", "subnet-id", "instance-id", "ecs-cluster-name", "ecs-service-name"})

Integers = npt.NDArray[np.int64]


class Table:
    """The sums, for all threads."""

    def __init__(self, code: Native, emit: Callable[[pa.RecordBatch], None]) -> None:
        self.index = np.zeros(INDEX, np.uint32)
        self._code = code
        self._emit = emit
        self._rows = np.empty((ROWS, WIDTH), np.int64)
        self._used = 0
        self._summed = 0
        self._is_handed_on = False
        self._lock = threading.Lock()

    def add(self, waiting: Integers, count: int, totals: Integers) -> None:
        """Add the first *count* records that wait, of these *totals*; hand on what is there before, where there is no room."""
        with self._lock:
            summed = max(map(int, totals[[T_BYTES, T_PACKETS]]))
            if self._used + count > ROWS or self._summed + summed > SUMMED_AT_MOST:
                self._hand_on()
            self._used = self._code.add(waiting, count, self.index, self._rows, self._used)
            self._summed += summed

    def end(self) -> Integers | None:
        """All rows, if none was handed on; else none, and the last are handed on."""
        with self._lock:
            if not self._is_handed_on:
                return self._rows[: self._used]
            self._hand_on()
        return None

    def _hand_on(self) -> None:
        self._is_handed_on = True
        for begin in range(0, self._used, ROWS_A_BATCH):
            self._emit(batch_of(self._rows[begin : min(begin + ROWS_A_BATCH, self._used)]))
        self.index[:] = 0
        self._used = self._summed = 0


class Sums:
    """One thread's way to the table."""

    def __init__(self, code: Native, latest_s: int, table: Table) -> None:
        self._code = code
        self._latest_s = latest_s
        self._table = table
        self._waiting = np.empty((WAITING, WAITING_WIDTH), np.int64)
        self._others = np.zeros((OTHERS, 2), np.int64)
        sides = (KINDS, SIDES_OF, RULES, PORTLESS_PROTOCOLS)
        self._room, self._room_to_meet = (Room(sides, table.index, self._waiting, np.zeros(size, np.uint64)) for size in (1, INTERFACES))
        self._roles: dict[tuple[str, ...], npt.NDArray[np.int8] | None] = {}

    def roles(self, columns: tuple[str, ...]) -> npt.NDArray[np.int8] | None:
        """What each column of a format is to the kernel; None for a format that it cannot read."""
        if columns not in self._roles:
            self._roles[columns] = _roles_of(columns)
        return self._roles[columns]

    def add_lines(
        self, block: Block, begin: int, roles: npt.NDArray[np.int8], tally: Tally, *, columns: Sequence[str]
    ) -> tuple[int, list[bytes]]:
        """Add what can be taken of a block's lines from *begin* on; where it stopped, and the lines that were not taken, in order.

        It stops behind a line that may be a header, which is then the last of them. Where *columns* tell of the interface itself, the first
        line of every interface is among them.
        """
        text = np.frombuffer(block.text, np.uint8)
        totals = np.zeros(TOTALS, np.int64)
        left: list[bytes] = []
        room = self._room_to_meet if _OF_INTERFACE.intersection(columns) else self._room
        is_header = False
        while begin < block.size and not is_header:
            begin, waits, others, is_header = self._code.read_lines(
                text, block.size, begin, roles, self._latest_s, LONGEST_S, room, self._others, totals
            )
            self._add_waiting(waits, totals, tally)
            left += [block.text[start:end] for start, end in self._others[:others].tolist()]
        return begin, left

    def add_rows(self, batch: pa.RecordBatch, tally: Tally) -> Mask:
        """Add what can be taken of a batch of typed columns, whose texts are dictionaries; which rows were taken."""
        columns = columns_of(batch, self._code)
        room = self._room_to_meet if _OF_INTERFACE.intersection(batch.schema.names) else self._room
        taken = np.empty(batch.num_rows, bool)
        totals = np.zeros(TOTALS, np.int64)
        for waits in self._code.read_rows(columns, tells_service(batch), self._latest_s, LONGEST_S, room, taken, totals):
            self._add_waiting(waits, totals, tally)
        return taken

    def _add_waiting(self, count: int, totals: Integers, tally: Tally) -> None:
        """Add the records that wait, and count them; their totals begin anew."""
        self._table.add(self._waiting, count, totals)
        tally.count_sound(*totals.tolist())
        totals[:] = 0


def _roles_of(columns: tuple[str, ...]) -> npt.NDArray[np.int8] | None:
    names = set(columns)
    further = names & set(_FURTHER)
    unknown = (names & set(TEXTS)) - set(_NEEDED) - further - _OF_INTERFACE
    if not names.issuperset(_NEEDED) or len(names) != len(columns) or unknown:
        return None
    words = _NEEDED | {name: _FURTHER[name] for name in further}
    for end in ("src", "dst"):
        if f"pkt-{end}addr" in names:
            del words[f"{end}addr"]
    return np.array([words.get(name, flow_table.OTHER) for name in columns], np.int8)


def batch_of(rows: Integers) -> pa.RecordBatch:
    """Rows of the table as columns of `SUMS`."""
    return pa.RecordBatch.from_arrays([pa.array(values_of(rows, name)) for name in SUMS.names], schema=SUMS)


def values_of(rows: Integers, name: str, places: Integers | None = None) -> npt.NDArray[Any]:
    """A column of the table's rows by its name in `SUMS`: of all rows, or of those at *places*."""
    column = rows[:, SUMS.get_field_index(name)]
    values = np.ascontiguousarray(column) if places is None else column[places]
    return values.view(np.uint64) if SUMS.field(name).type == pa.uint64() else values
