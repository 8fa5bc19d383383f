"""Flow log text to Arrow batches: find the columns, parse what is sound, count what is not. Bad input never raises.

The way is built for speed where the input is sound: whole blocks of lines go through Arrow's CSV reader with fixed types. Only a
block that it refuses is looked at line by line.
"""

from collections.abc import Generator, Iterator, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from cloudmigrate.domain.flow_log_format import NEEDED, columns_of_header, columns_of_lines, missing_fields
from cloudmigrate.lake.flow_blocks import LINE_BYTES_AT_MOST, SAMPLES, Block, Tally, blocks_of_lines
from cloudmigrate.lake.flow_fields import AHEAD, IDLE, IDLE_STATUSES, LONGEST_S, MOST, NUMBERS, RECORDS, TEXTS
from cloudmigrate.lake.flow_sums import Sums

HEADER_LINES = 64  # looked through for the columns
REST_BYTES = 256 << 10  # of lines left by the fast way that are read together
NO, YES = pa.scalar(False), pa.scalar(True)  # noqa: FBT003 - values of Arrow
ACTIONS = pa.array(["ACCEPT", "REJECT", None])
INT32_AT_MOST = 2**31 - 1
ADDRESS_CHARACTERS = "0123456789abcdefABCDEF.:"


class TextReader:
    """Reads one object's text; give its blocks' sound records and count the rest in ``tally``."""

    def __init__(self, tally: Tally, *, columns: Sequence[str] | None, now: datetime, sums: Sums | None = None) -> None:
        self.tally = tally
        self.sums = sums
        self.idle: list[pa.RecordBatch] = []
        self._columns = tuple(columns) if columns else None
        self._latest_s = int((now + AHEAD).timestamp())
        self._header: bytes | None = None
        self._left: list[bytes] = []
        self._left_bytes = 0

    def batches(self, data: bytes) -> Iterator[pa.RecordBatch]:
        """The sound records of an object's bytes, gzip or plain, as far as the sums do not take them."""
        first = True
        for block in blocks_of_lines(data, self.tally):
            if first and not self._find_columns(block.text[: min(block.size, HEADER_LINES * 4096)]):
                return
            first = False
            begin = 0
            while begin < block.size and (roles := self._roles()) is not None:
                begin = yield from self._summed(block, begin, roles)
            if begin < block.size:
                yield from self._parsed(block.text[begin : block.size])
        yield from self._rest()

    def _summed(self, block: Block, begin: int, roles: npt.NDArray[np.int8]) -> Generator[pa.RecordBatch, None, int]:
        """The records that the sums leave of a block, as far as its columns do not change; where that is."""
        assert self.sums is not None  # noqa: S101 - there are roles
        assert self._columns is not None  # noqa: S101 - as before
        while begin < block.size:
            begin, left = self.sums.add_lines(block, begin, roles, self.tally, columns=self._columns)
            header = columns_of_header(left[-1].decode("utf-8", "replace")) if left and left[-1][:1].isalpha() else None
            kept = left[:-1] if header else left
            self._left += kept
            self._left_bytes += sum(map(len, kept))
            if self._left_bytes > REST_BYTES or (header and header != self._columns):
                yield from self._rest()
            if header and header != self._columns:
                self._change_columns(header)
                break
        return begin

    def _roles(self) -> npt.NDArray[np.int8] | None:
        """What the columns are to the sums; None where they cannot take them."""
        return self.sums.roles(self._columns) if self.sums and self._columns else None

    def _change_columns(self, header: Sequence[str]) -> None:
        """From here on the columns are those of another header; the first one is no longer left out where a block begins with it."""
        if tuple(header) != self._columns:
            self._columns, self._header = tuple(header), None

    def _rest(self) -> Iterator[pa.RecordBatch]:
        """The records of the lines that were left."""
        left = b"".join(self._left)
        self._left.clear()
        self._left_bytes = 0
        if left:
            yield from self._parsed(left)

    def _find_columns(self, beginning: bytes) -> bool:
        lines = [line.decode("utf-8", "replace") for line in beginning.split(b"\n")[:HEADER_LINES]]
        header = next((line for line in lines if columns_of_header(line)), None)
        found = columns_of_lines([header]) if header else self._columns or columns_of_lines(lines)
        if found is None:
            self.tally.details.append("no header and not the default format. Next: state this source's `format` in the estate file.")
            return False
        if not self.has_needed(found):
            return False
        self._columns = found
        self._header = header.strip("\r").encode() if header else None
        return True

    def has_needed(self, columns: Sequence[str]) -> bool:
        """Whether records of these columns can tell a conversation; otherwise the tally says what is missing."""
        missing = missing_fields(columns)
        if missing:
            self.tally.details.append(f"its format lacks {', '.join(missing)}. Next: choose a flow log format with these fields.")
        return not missing

    def _parsed(self, block: bytes) -> Iterator[pa.RecordBatch]:
        assert self._columns is not None  # noqa: S101 - found before the first block is parsed
        if self._header is not None:
            block = _without_first(block, self._header)
        block = block.replace(b"\r\n", b"\n")
        refused: list[str] = []
        try:
            table = _csv(block, self._columns, refused) if _is_usual(block) and not NUMBERS.keys().isdisjoint(self._columns) else None
        except pa.ArrowInvalid:
            table = None
        if table is None:
            for columns, lines in self._sifted(block):
                yield from self.sound(_csv(lines, columns, []))
            return
        for line in refused:
            self._short(line)
        yield from self.sound(table)

    def _short(self, line: str) -> None:
        """Count a line of another shape: NODATA and SKIPDATA rows come in several."""
        words = line.split()
        for status in IDLE_STATUSES:
            if status in words:
                self._count_idle(status, next((word for word in words if word.startswith("eni-")), None), words)
                return
        self.tally.broke(line)

    def _count_idle(self, status: str, interface_id: str | None, words: Sequence[str]) -> None:
        self.tally.count_idle(status, 1)
        instants = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) == 10]
        if interface_id and instants and max(instants) <= self._latest_s:
            row = {"interface_id": interface_id, "start_s": min(instants), "end_s": max(instants), "status": status}
            self.idle.append(pa.RecordBatch.from_pylist([row], schema=IDLE))

    def _sifted(self, block: bytes) -> Iterator[tuple[tuple[str, ...], bytes]]:
        """The lines of a refused block that can be parsed, with their columns, which a header in the middle may change."""
        columns = self._columns or ()
        kept: list[bytes] = []
        for line in block.split(b"\n"):
            text = line.rstrip(b"\r")
            if not text:
                continue
            header = columns_of_header(text.decode("utf-8", "replace")) if text[:1].isalpha() else None
            if header:
                if kept:
                    yield columns, b"\n".join(kept) + b"\n"
                columns, kept = header, []
                self._change_columns(header)
            elif _fits(text, columns):
                kept.append(text)
            else:
                self._short(text.decode("utf-8", "replace"))
        if kept:
            yield columns, b"\n".join(kept) + b"\n"

    def sound(self, table: pa.Table) -> Iterator[pa.RecordBatch]:
        """The records among a parsed block's rows, in the schema of all; the others counted."""
        for batch in table.to_batches():
            if batch.num_rows:
                records = self._normalised(batch)
                if records.num_rows:
                    yield records

    def _normalised(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        have = {name: batch.column(name) for name in batch.schema.names}
        status = have.get("log-status")
        is_ok = pc.fill_null(pc.equal(status, "OK"), NO) if status is not None else pa.array([True] * batch.num_rows)
        # Mostly what is left by the compiled code are records without traffic alone.
        good = pc.and_(is_ok, _sound_mask(have, self._latest_s, batch.num_rows)) if pc.any(is_ok).as_py() else is_ok
        if pc.sum(good).as_py() != batch.num_rows:
            self._take_others(batch, have, pc.invert(good), is_ok)
            batch = batch.filter(good)
            have = {name: batch.column(name) for name in batch.schema.names}
        if not batch.num_rows:  # a header in the middle may even have left out what is needed
            return pa.RecordBatch.from_pylist([], schema=RECORDS)
        records = _records(have, batch.num_rows)
        self._count(records)
        return records

    def _take_others(self, batch: pa.RecordBatch, have: dict[str, pa.Array], others: pa.Array, is_ok: pa.Array) -> None:
        status = have.get("log-status")
        for word in IDLE_STATUSES if status is not None else ():
            is_idle = pc.and_(others, pc.equal(status, word))
            count = pc.sum(is_idle).as_py()
            if count:
                self.tally.count_idle(word, count)
                self._keep_idle(have, is_idle, word)
        known = pc.is_in(status, value_set=pa.array(IDLE_STATUSES)) if status is not None else pc.invert(is_ok)
        is_broken = pc.and_(others, pc.invert(known))
        if not pc.any(is_broken).as_py():
            return
        broken = batch.filter(is_broken)
        for row in broken.slice(0, SAMPLES).to_pylist():
            self.tally.broke(" ".join("-" if value is None else str(value) for value in row.values()))
        self.tally.broken += max(broken.num_rows - SAMPLES, 0)

    def _keep_idle(self, have: dict[str, pa.Array], is_idle: pa.Array, word: str) -> None:
        if {"interface-id", "start", "end"} <= have.keys():
            columns = [have[name].filter(is_idle) for name in ("interface-id", "start", "end")]
            kept = pa.RecordBatch.from_arrays([*columns, pa.array([word] * len(columns[0]))], schema=IDLE)
            starts, ends = kept.column("start_s"), kept.column("end_s")
            in_time = pc.and_(pc.and_(pc.less_equal(0, starts), pc.less_equal(starts, ends)), pc.less_equal(ends, self._latest_s))
            self.idle.append(kept.filter(pc.fill_null(in_time, NO)))

    def _count(self, records: pa.RecordBatch) -> None:
        rejected = pc.sum(pc.equal(records.column("action"), "REJECT")).as_py() or 0
        octets, packets = (pc.sum(records.column(name)).as_py() or 0 for name in ("bytes", "packets"))
        self.tally.count_sound(records.num_rows, rejected, octets, packets)


def _csv(block: bytes, columns: Sequence[str], refused: list[str]) -> pa.Table:
    """The needed columns of a block of lines; lines with another number of columns go to *refused*.

    Raises ArrowInvalid where a number is none, text is not UTF-8, or a header of another shape comes.
    """
    types: dict[str, pa.DataType] = {name: NUMBERS[name] for name in columns if name in NUMBERS}
    types |= {name: pa.string() for name in columns if name in TEXTS}

    def refuse(row: pacsv.InvalidRow) -> str:
        line = str(row.text) if row.text is not None else f"a row of {row.actual_columns} columns"
        refused.append(line)
        return "error" if columns_of_header(line) else "skip"

    return pacsv.read_csv(
        pa.BufferReader(block),
        read_options=pacsv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=list(columns)),
        parse_options=pacsv.ParseOptions(delimiter=" ", quote_char=False, invalid_row_handler=refuse),
        convert_options=pacsv.ConvertOptions(column_types=types, include_columns=list(types), null_values=["-"], strings_can_be_null=True),
    )


def _is_plain(text: bytes) -> bool:
    """Whether the text is ASCII in which only a line feed ends a line."""
    return text.isascii() and b"\0" not in text and b"\r" not in text


def _is_usual(block: bytes) -> bool:
    """Whether Arrow reads the block as we do; it takes hexadecimal for numbers."""
    return _is_plain(block) and b"0x" not in block and b"0X" not in block


def _fits(line: bytes, columns: Sequence[str]) -> bool:
    """Whether every number of a line is one and its text can be read."""
    words = line.split(b" ")
    if len(words) != len(columns) or len(line) > LINE_BYTES_AT_MOST or not _is_plain(line):
        return False
    return all(
        word == b"-" or (word.isdigit() and _is_within(word.lstrip(b"0"), NUMBERS[name]))
        for name, word in zip(columns, words, strict=True)
        if name in NUMBERS
    )


def _is_within(digits: bytes, kind: pa.DataType) -> bool:
    return len(digits) <= 18 and (kind == pa.int64() or int(digits or b"0") <= INT32_AT_MOST)


def _sound_mask(have: dict[str, pa.Array], latest_s: int, rows: int) -> pa.Array:
    """Which rows could be true: every needed number there and within its bounds, both ends addresses."""
    mask = pa.array([True] * rows)
    bounds = {"srcport": 65_535, "dstport": 65_535, "protocol": 255, "packets": MOST, "bytes": MOST, "start": latest_s, "end": latest_s}
    for name, at_most in bounds.items():
        column = have.get(name)
        if column is None:
            if name in NEEDED:
                return pa.array([False] * rows)
            continue
        mask = pc.and_(mask, pc.and_(pc.greater_equal(column, 0), pc.less_equal(column, at_most)))
    if "action" in have:  # may be missing
        mask = pc.and_(mask, pc.fill_null(pc.is_in(have["action"], value_set=ACTIONS), NO))
    if "tcp-flags" in have:  # as well
        mask = pc.and_(mask, pc.fill_null(pc.greater_equal(have["tcp-flags"], 0), YES))
    length = pc.subtract(have["end"], have["start"])
    mask = pc.and_(mask, pc.and_(pc.greater_equal(length, 0), pc.less_equal(length, LONGEST_S)))
    for name in ("srcaddr", "dstaddr"):
        found = [_is_address(have[one]) for one in (name, f"pkt-{name}") if one in have]
        if not found:
            return pa.array([False] * rows)
        mask = pc.and_(mask, found[0] if len(found) == 1 else pc.or_(*found))
    return pc.fill_null(mask, NO)


def _is_address(column: pa.Array) -> pa.Array:
    """Which values can be an address, by characters and length; a regular expression takes four times as long."""
    only = pc.equal(pc.ascii_trim(column, ADDRESS_CHARACTERS), "")
    length = pc.binary_length(column)
    shaped = pc.or_(pc.match_substring(column, "."), pc.match_substring(column, ":"))
    return pc.fill_null(pc.and_(pc.and_(only, shaped), pc.and_(pc.greater_equal(length, 2), pc.less_equal(length, 45))), NO)


def _records(have: dict[str, pa.Array], rows: int) -> pa.RecordBatch:
    """Sound rows in the schema of all formats."""

    def text(*names: str) -> pa.Array:
        found = [have[name] for name in names if name in have]
        return (pc.coalesce(*found) if len(found) > 1 else found[0]) if found else pa.nulls(rows, pa.string())

    def number(name: str, kind: pa.DataType, default: int | None) -> pa.Array:
        found = have.get(name)
        return found if found is not None else pa.nulls(rows, kind) if default is None else pa.array([default] * rows, kind)

    hint = pa.nulls(rows, pa.string())
    if "ecs-service-name" in have and "ecs-cluster-name" in have:
        hint = pc.binary_join_element_wise("ecs:", text("ecs-cluster-name"), "/", text("ecs-service-name"), "")
    arrays = {
        "interface_id": text("interface-id", "tgw-src-eni"),
        "src": text("pkt-srcaddr", "srcaddr"),
        "dst": text("pkt-dstaddr", "dstaddr"),
        "srcport": number("srcport", pa.int32(), 0),
        "dstport": number("dstport", pa.int32(), 0),
        "protocol": have["protocol"],
        "packets": have["packets"],
        "bytes": have["bytes"],
        "start_s": have["start"],
        "end_s": have["end"],
        "action": text("action"),
        "tcp_flags": number("tcp-flags", pa.int32(), None),
        "src_service": text("pkt-src-aws-service"),
        "dst_service": text("pkt-dst-aws-service"),
        "vpc_id": text("vpc-id", "tgw-src-vpc-id"),
        "subnet_id": text("subnet-id"),
        "owner_hint": pc.coalesce(hint, text("instance-id")),
    }
    return pa.RecordBatch.from_arrays([arrays[name] for name in RECORDS.names], schema=RECORDS)


def _without_first(block: bytes, line: bytes) -> bytes:
    """*block* without *line* at its beginning; further down it is met by the slow way."""
    if not block.startswith(line):
        return block
    first, _, rest = block.partition(b"\n")
    return rest if first.rstrip(b"\r") == line else block
