"""Sums of flow log records by who sent to whom, made by compiled code in a table of bounded size.

A thread has one such table for all that it reads. When the table is full its rows go on to DuckDB, which sums what several tables give,
and spills where it must.
"""

import functools
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cloudmigrate.lake.flow_blocks import Tally
from cloudmigrate.lake.flow_fields import LONGEST_S, NUMBERS, TEXTS
from cloudmigrate.lake.flow_sides import KINDS, PORTLESS_PROTOCOLS, RULES, SIDES_OF

WORTH_COMPILING_BYTES = 8 << 20  # of gzip: below, text is read before the compiled code is loaded
ROWS = 1 << 18  # of a table, 72 bytes each
FULL = int(ROWS * 0.6)
OTHERS = 1 << 12  # lines left for the reader of text at a time
INTERFACES = 1 << 17  # remembered, of those of which a line was read as text
BOUNDS = {"srcport": 65_535, "dstport": 65_535, "protocol": 255, "tcp-flags": 255, "packets": 10**16, "bytes": 10**16}  # at most
# facts: source port + 1 (17 bits), target port + 1 (17), protocol (8), rule (3), rejected (1), day (17), from the lowest bit on.
SUMS = pa.schema(
    [("interface", pa.uint64()), ("pair", pa.uint64())]
    + [(name, pa.int64()) for name in ("facts", "bytes", "packets", "flows", "first_s", "last_s", "hours")]
)
_NEEDED = {
    "interface-id": "INTERFACE",
    "srcaddr": "SRC",
    "dstaddr": "DST",
    "srcport": "SRCPORT",
    "dstport": "DSTPORT",
    "protocol": "PROTOCOL",
    "packets": "PACKETS",
    "bytes": "BYTES",
    "start": "START",
    "end": "END",
    "action": "ACTION",
    "log-status": "STATUS",
}
# The packet's own addresses go before the interface's; a service's name, where there is one, is for the reader of text.
_FURTHER = {"tcp-flags": "FLAGS", "pkt-srcaddr": "SRC", "pkt-dstaddr": "DST", "pkt-src-aws-service": "NONE", "pkt-dst-aws-service": "NONE"}
_ROW = ("srcport", "dstport", "protocol", "tcp-flags", "rejected", "packets", "bytes", "start", "end")
_OF_INTERFACE = frozenset({"vpc-id", "subnet-id", "instance-id", "ecs-cluster-name", "ecs-service-name"})


Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@functools.cache
def kernel() -> ModuleType | None:
    """The compiled code, compiled now if it never was; None where numba is not installed (the extra `fast`) or cannot keep it."""
    try:
        from cloudmigrate.lake import flow_kernel
    except (ImportError, RuntimeError):  # the latter where there is no folder to keep compiled code in
        return None
    return flow_kernel


class Sums:
    """One thread's table."""

    def __init__(self, code: ModuleType, latest_s: int, emit: Callable[[pa.RecordBatch], None]) -> None:
        self._code = code
        self._latest_s = latest_s
        self._emit = emit
        self._sides = (KINDS, SIDES_OF, RULES, PORTLESS_PROTOCOLS)
        self._table = np.zeros((ROWS, code.WIDTH), np.int64)
        self._used = 0
        self._others = np.zeros((OTHERS, 2), np.int64)
        self._met = np.zeros(INTERFACES, np.uint64)
        self._no_met = np.zeros(1, np.uint64)
        self._met_rows: set[int] = set()

    def roles(self, columns: Sequence[str]) -> npt.NDArray[np.int8] | None:
        """What each column of a format is to the kernel; None for a format that it cannot read."""
        names = set(columns)
        further = names & set(_FURTHER)
        unknown = (names & set(TEXTS)) - set(_NEEDED) - further - _OF_INTERFACE
        if not names.issuperset(_NEEDED) or len(names) != len(columns) or unknown:
            return None
        words = _NEEDED | {name: _FURTHER[name] for name in further}
        for end in ("src", "dst"):
            if f"pkt-{end}addr" in names:
                del words[f"{end}addr"]
        return np.array([getattr(self._code, words.get(name, "OTHER")) for name in columns], np.int8)

    def add_lines(
        self, block: bytes, begin: int, roles: npt.NDArray[np.int8], tally: Tally, *, columns: Sequence[str]
    ) -> tuple[int, list[bytes]]:
        """Add what can be taken of whole lines from *begin* on; where it stopped, and the lines that were not taken, in order.

        It stops behind a line that may be a header, which is then the last of them. Where *columns* tell of the interface itself, the first
        line of every interface is among them.
        """
        text = np.frombuffer(block, np.uint8)
        totals = np.zeros(4, np.int64)
        left: list[bytes] = []
        met = self._met if _OF_INTERFACE.intersection(columns) else self._no_met
        room = (self._sides, self._table)
        while begin < len(block) and not (left and left[-1][:1].isalpha()):
            begin, self._used, others = self._code.read_lines(
                text, begin, roles, self._latest_s, LONGEST_S, *room, self._used, FULL, met, self._others, totals
            )
            left += [block[start:end] for start, end in self._others[:others].tolist()]
            if self._used >= FULL:
                self.flush()
        self._count(totals, tally)
        return begin, left

    def add_rows(self, batch: pa.RecordBatch, tally: Tally) -> Mask:
        """Add what can be taken of a batch of typed columns, whose texts are dictionaries; which rows were taken."""
        names = frozenset(batch.schema.names)
        src, dst = (
            _codes(batch.column(f"pkt-{end}" if f"pkt-{end}" in names else end), self._code.addresses_of, -1)
            for end in ("srcaddr", "dstaddr")
        )
        face = _codes(batch.column("interface-id"), self._code.interfaces_of, 0)
        rejected = _are(batch.column("action"), "REJECT")
        good = (
            (src >= 0)
            & (dst >= 0)
            & (face > 0)
            & (rejected | _are(batch.column("action"), "ACCEPT"))
            & _are(batch.column("log-status"), "OK")
        )
        for name in names & {"pkt-src-aws-service", "pkt-dst-aws-service"}:
            good &= np.asarray(batch.column(name).is_null())
        numbers = {"tcp-flags": np.zeros(batch.num_rows, np.int64)}
        for name in NUMBERS.keys() & names:
            numbers[name] = np.asarray(batch.column(name).fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
            good &= (numbers[name] >= 0) & (numbers[name] <= BOUNDS.get(name, self._latest_s))
        good &= (numbers["start"] <= numbers["end"]) & (numbers["end"] - numbers["start"] <= LONGEST_S)
        if names & _OF_INTERFACE:
            self._leave_first(face, good)
        numbers["rejected"] = rejected.astype(np.int64)
        self._add(good, face, src, dst, tuple(numbers[name] for name in _ROW), tally)
        return good

    def _add(  # noqa: PLR0917 - columns of one table
        self, good: Mask, face: npt.NDArray[np.uint64], src: Integers, dst: Integers, numbers: tuple[Integers, ...], tally: Tally
    ) -> None:
        totals = np.zeros(4, np.int64)
        begin = 0
        while begin < len(good):
            begin, self._used = self._code.add_rows(
                begin, numbers, good, face, src, dst, self._sides, self._table, self._used, FULL, totals
            )
            if self._used >= FULL:
                self.flush()
        self._count(totals, tally)

    def _leave_first(self, face: npt.NDArray[np.uint64], good: Mask) -> None:
        """Take out of the good rows the first one of each interface that was not met before."""
        rows = np.flatnonzero(good)
        there, first = np.unique(face[rows], return_index=True)
        for one, row in zip(there.tolist(), rows[first].tolist(), strict=True):
            if one not in self._met_rows:
                good[row] = False
                if len(self._met_rows) < INTERFACES:
                    self._met_rows.add(one)

    def flush(self) -> None:
        """Hand on the rows that are there."""
        if self._used:
            rows = self._table[self._table[:, self._code.S_FLOWS] > 0]
            self._emit(pa.RecordBatch.from_arrays([_column(rows, number) for number in range(len(SUMS))], schema=SUMS))
            self._table[:] = 0
            self._used = 0

    def _count(self, totals: npt.NDArray[np.int64], tally: Tally) -> None:
        code = self._code
        tally.count_sound(*(int(totals[one]) for one in (code.RECORDS, code.REJECTED, code.T_BYTES, code.T_PACKETS)))


def _column(rows: npt.NDArray[np.int64], number: int) -> pa.Array:
    values = np.ascontiguousarray(rows[:, number])
    return pa.array(values.view(np.uint64) if SUMS.field(number).type == pa.uint64() else values)


def _codes(column: pa.DictionaryArray, number: Callable[..., npt.NDArray[Any]], missing: int) -> npt.NDArray[Any]:
    """What *number* makes of each value; *missing* for null."""
    words = [word.encode() + b"\n" for word in column.dictionary.fill_null("").to_pylist()]
    ends = np.cumsum([len(word) for word in words], dtype=np.int64) - 1
    of_words = number(np.frombuffer(b"".join(words) or b"\n", np.uint8), ends)
    return np.append(of_words, of_words.dtype.type(missing))[_places(column)]


def _are(column: pa.DictionaryArray, word: str) -> Mask:
    """Which values are *word*."""
    of_words = [one == word for one in column.dictionary.to_pylist()]
    return np.array([*of_words, False])[_places(column)]


def _places(column: pa.DictionaryArray) -> Integers:
    """Each value's place in the dictionary; of null the one behind."""
    return np.asarray(column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False), dtype=np.int64)
