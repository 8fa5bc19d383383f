"""Blocks of lines to numbered records, for lines of the commonest kind; all others are left for the reader of text.

Taken are records with status OK between IPv4 addresses, at an interface of today's form, in a format whose further fields tell nothing
of the conversation. What is taken of a line here is what the reader of text takes of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cloudmigrate.domain.flow_log_format import columns_of_header
from cloudmigrate.lake.flow_fields import LONGEST_S, TEXTS
from cloudmigrate.lake.flow_sides import Columns
from cloudmigrate.lake.flow_words import (
    LINE_END,
    MARGIN,
    SPACE,
    Integers,
    Text,
    Words,
    addresses,
    are_word,
    instants,
    interfaces,
    is_marked,
    long_numbers,
    short_numbers,
)

FIELDS = (
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
)
FLAGS = "tcp-flags"
LETTERS_FIRST = re.compile(rb"^[A-Za-z][^\n]*", re.MULTILINE)
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Taken:
    """The records that were taken of a block, and its other lines."""

    records: Columns
    rest: bytes
    lines: int


@dataclass(frozen=True, slots=True)
class LineReader:
    """Takes what it can of blocks of lines with these columns."""

    columns: tuple[str, ...]
    latest_s: int

    @classmethod
    def of(cls, columns: Sequence[str], latest_s: int) -> "LineReader | None":
        """The reader for a format; None where it lacks a field or has others whose text is needed."""
        names = set(columns)
        if not names.issuperset(FIELDS) or len(names) != len(columns) or names & (set(TEXTS) - set(FIELDS)):
            return None
        if columns[0] in ("action", "log-status"):
            return None  # they are told by the space before them
        return cls(tuple(columns), latest_s)

    def take(self, block: bytes) -> Taken | None:
        """What can be taken of whole lines; None where they must be read in order, because a header changes the columns."""
        text = Text.of(block)
        breaks = np.flatnonzero(text.ones <= SPACE)[len(MARGIN) :]
        signs = text.ones[breaks]
        is_end = signs == LINE_END
        if (signs[~is_end] != SPACE).any():
            return None  # control characters
        last = np.flatnonzero(is_end)  # of each line's breaks
        counts = np.diff(last, prepend=-1)
        whole = counts == len(self.columns)
        ends = np.ascontiguousarray(_without(breaks, last - counts + 1, last + 1, whole).reshape(-1, len(self.columns)).T)
        begins = np.concatenate(([len(MARGIN) - 1], breaks[last][:-1]))[whole]
        records, good = self._records(text, ends, begins)
        if good.all() and whole.all():
            return Taken(records, b"", len(whole))
        whole[whole] = good
        line_ends = breaks[last] - len(MARGIN) + 1
        rest = [block[start:end] for start, end in _runs(np.concatenate(([0], line_ends[:-1])), line_ends, ~whole)]
        if self._changes(rest):
            return None
        return Taken(records, b"".join(rest), len(whole))

    def _records(self, text: Text, ends: Integers, begins: Integers) -> tuple[Columns, Mask]:
        """The sound records among lines that begin after *begins*, whose words end at *ends*, by column; and which they are."""
        marks = np.zeros(ends.shape[1], np.uint64)

        def word(name: str) -> Words:
            number = self.columns.index(name)
            return Words(text, ends[number], ends[number] - (ends[number - 1] if number else begins) - 1)

        src, dst = addresses(word("srcaddr"), marks), addresses(word("dstaddr"), marks)
        interface = interfaces(word("interface-id"), marks)
        srcport, dstport, protocol = (short_numbers(word(name), marks) for name in ("srcport", "dstport", "protocol"))
        packets, octets = (long_numbers(word(name), marks) for name in ("packets", "bytes"))
        start_s, end_s = instants(word("start"), marks), instants(word("end"), marks)
        flags = short_numbers(word(FLAGS), marks) if FLAGS in self.columns else None
        rejected = are_word(word("action"), "REJECT")
        good = are_word(word("action"), "ACCEPT")
        good |= rejected
        good &= are_word(word("log-status"), "OK")
        good &= ~is_marked(marks)
        good &= (srcport <= 65_535) & (dstport <= 65_535) & (protocol <= 255)
        good &= (start_s <= end_s) & (end_s - start_s <= LONGEST_S) & (end_s <= self.latest_s)
        columns = (interface, src, dst, srcport, dstport, protocol, packets, octets, start_s, end_s, rejected, flags)
        if not good.all():
            columns = tuple(None if one is None else one[good] for one in columns)
        return Columns(*columns), good

    def _changes(self, lines: Sequence[bytes]) -> bool:
        """Whether a header among them names other columns."""
        found = (line for run in lines for line in LETTERS_FIRST.findall(run))
        headers = (columns_of_header(line.decode("utf-8", "replace")) for line in found)
        return any(one is not None and one != self.columns for one in headers)


def _without(breaks: Integers, starts: Integers, ends: Integers, kept: Mask) -> Integers:
    """The breaks of the kept lines alone, where each line has those from its start to its end."""
    if kept.all():
        return breaks
    runs = [breaks[start:end] for start, end in _runs(starts, ends, kept)]
    return np.concatenate(runs) if runs else breaks[:0]


def _runs(starts: Integers, ends: Integers, kept: Mask) -> list[tuple[int, int]]:
    """From where to where neighbours that are kept lie."""
    edges = np.diff(kept.astype(np.int8), prepend=0, append=0)
    first, after = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(starts[first].tolist(), ends[after - 1].tolist(), strict=True))
