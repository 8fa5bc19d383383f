"""A flow log object's bytes to blocks of whole lines: inflated piece by piece, cut at line ends. Bad input never raises."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from isal import isal_zlib
from isal.igzip_lib import IsalError

from cloudmigrate.masking import masked_text
from cloudmigrate.printable import one_line

BLOCK_BYTES = 512 << 10  # inflated text parsed at once
GZIP_BYTES = 64 << 10  # inflated at once
LINE_BYTES_AT_MOST = 64 << 10  # the longest record of all fields has under 2 kB
SAMPLES, SAMPLE_CHARACTERS = 5, 200
LINE_ENDS = 32  # letters that are there behind a block's lines, for compiled code, which looks ahead
GZIP = b"\x1f\x8b"
NODATA, SKIPDATA = "NODATA", "SKIPDATA"


@dataclass
class Tally:
    """What became of an object's lines so far."""

    records: int = 0  # sound ones, NODATA and SKIPDATA included
    accepted: int = 0
    rejected: int = 0
    nodata: int = 0
    skipdata: int = 0
    broken: int = 0
    bytes: int = 0
    packets: int = 0
    sample: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    def count_sound(self, records: int, rejected: int, octets: int, packets: int) -> None:
        """Count records with traffic."""
        self.records += records
        self.rejected += rejected
        self.accepted += records - rejected
        self.bytes += octets
        self.packets += packets

    def count_idle(self, status: str, records: int) -> None:
        """Count records without traffic; *status* is NODATA or SKIPDATA."""
        self.records += records
        if status == NODATA:
            self.nodata += records
        else:
            self.skipdata += records

    def broke(self, line: str) -> None:
        """Count a broken line; keep the first few, cut and masked."""
        self.broken += 1
        if len(self.sample) < SAMPLES:
            self.sample.append(masked_text(one_line(line[:1000]))[:SAMPLE_CHARACTERS])


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines: the first *size* letters of *text*; at least `LINE_ENDS` more follow, which are no part of it."""

    text: bytes
    size: int


def blocks_of_lines(data: bytes, tally: Tally) -> Iterator[Block]:
    """The text of an object, gzip or plain, in blocks of whole lines; what is wrong with it is told in *tally*."""
    return _whole_lines(_inflated(data, tally), tally)


def _inflated(data: bytes, tally: Tally) -> Iterator[bytes]:
    """The text in blocks; a gzip that breaks off or breaks gives what came before, and says so."""
    if not data.startswith(GZIP):
        for start in range(0, len(data), BLOCK_BYTES):
            yield data[start : start + BLOCK_BYTES]
        return
    place = 0
    while data.startswith(GZIP, place):  # one member after the other
        inflate = isal_zlib.decompressobj(wbits=31)
        try:
            while place < len(data) and not inflate.eof:
                piece = data[place : place + GZIP_BYTES]
                place += len(piece)
                block = inflate.decompress(piece, BLOCK_BYTES)
                while block:
                    yield block
                    block = b"" if inflate.eof else inflate.decompress(inflate.unconsumed_tail, BLOCK_BYTES)
        except (zlib.error, IsalError) as error:  # type: ignore[misc]  # its stub knows it as no exception
            tally.details.append(f"its gzip is broken: {error}")
            return
        if not inflate.eof:
            tally.details.append("its gzip is cut off")
            return
        place -= len(inflate.unused_data)
    rest = data[place:]
    if rest.strip(b"\0"):
        tally.details.append(f"{len(rest)} bytes after its gzip were left out")


def _whole_lines(blocks: Iterator[bytes], tally: Tally) -> Iterator[Block]:
    """The same text cut at line ends; a line too long to be a record is counted and left out."""
    left, dropping, behind = b"", False, (LINE_ENDS + 1) * b"\n"
    for block in blocks:
        if dropping:
            _, newline, block = block.partition(b"\n")  # noqa: PLW2901 - the rest of the line is dropped
            if not newline:
                continue
            dropping = False
        end = block.rfind(b"\n") + 1
        if end:
            yield Block(b"".join((left, block, behind)), len(left) + end)  # the only copy that is made
            left = block[end:]
        else:
            left += block
        if len(left) > LINE_BYTES_AT_MOST:
            tally.broke(left[:1000].decode("utf-8", "replace"))
            left, dropping = b"", True
    if left:
        yield Block(left + behind, len(left) + 1)
