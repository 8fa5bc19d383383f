"""Flow log objects read and parsed by a few threads, ahead of DuckDB, which sums what comes through queues of bounded length."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cloudmigrate.lake.flow_blocks import Tally
from cloudmigrate.lake.flow_fields import AHEAD
from cloudmigrate.lake.flow_native import native
from cloudmigrate.lake.flow_parquet import parquet_records
from cloudmigrate.lake.flow_sides import sides_of
from cloudmigrate.lake.flow_sums import WORTH_COMPILING_BYTES, Sums, Table
from cloudmigrate.lake.flow_text import TextReader

PARSERS = 3  # one waits now and then, for the table of sums or for Python
QUEUED = 4  # batches read ahead, of some MB each
WAIT_S = 0.2  # before it is asked again whether all has stopped
SUMMED, TEXTS = "summed", "texts"  # what goes through the queues: rows of full tables of sums, records that were read as text


@dataclass(frozen=True, slots=True)
class FlowObject:
    """One flow log object: where it lies, which version of it this is, and how to get its bytes."""

    source: str
    key: str
    etag: str
    size: int
    read: Callable[[], bytes] | Path
    columns: tuple[str, ...] | None = None  # from the flow log's LogFormat; None: the header tells
    is_parquet: bool = False


@dataclass
class Reading:
    """One object being read, by one thread."""

    item: FlowObject
    tally: Tally = field(default_factory=Tally)
    idle: list[pa.RecordBatch] = field(default_factory=list)


class Ahead:
    """The threads, which take the objects in any order; use it as a context."""

    def __init__(self, readings: Sequence[Reading], now: datetime) -> None:
        self._queues: dict[str, queue.Queue[pa.RecordBatch | None]] = {name: queue.Queue(QUEUED) for name in (SUMMED, TEXTS)}
        is_much = sum(one.item.size for one in readings) >= WORTH_COMPILING_BYTES
        self.code = native() if is_much else None
        self._table = Table(self.code, lambda rows: self._put(SUMMED, rows)) if self.code else None
        self._todo: queue.SimpleQueue[Reading] = queue.SimpleQueue()
        for one in readings:
            self._todo.put(one)
        self._now = now
        self.kept: npt.NDArray[np.int64] | None = None  # rows of the table, when all has ended, if it took all
        self._busy = PARSERS
        self._ending = threading.Lock()
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(PARSERS, thread_name_prefix="cloudmigrate-flow")
        self._running: list[Future[None]] = []

    def __enter__(self) -> "Ahead":
        self._running = [self._pool.submit(self._work) for _ in range(PARSERS)]
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._pool.shutdown()

    def stop(self) -> None:
        """Let the threads end with what they have in hand, and whoever waits for them get no more."""
        self._stopped.set()

    def raise_failure(self) -> None:
        """Raise what ended one of the threads, if anything did."""
        for one in self._running:
            error = one.exception() if one.done() else None
            if error is not None:
                raise error

    def batches(self, name: str) -> Iterator[pa.RecordBatch]:
        """What the threads have parsed of that kind, as it comes; raises what ended one of them."""
        ended = 0
        while ended < PARSERS and not self._stopped.is_set():
            with contextlib.suppress(queue.Empty):
                got = self._queues[name].get(timeout=WAIT_S)
                if got is None:
                    ended += 1
                else:
                    yield got
        self._pool.shutdown()  # they have said their last; now they are done
        self.raise_failure()

    def _work(self) -> None:
        try:
            sums = self._sums()
            while not self._stopped.is_set():
                try:
                    reading = self._todo.get_nowait()
                except queue.Empty:
                    break
                for records in _records(reading, self._now, sums):
                    self._put(TEXTS, sides_of(records))
                    if self._stopped.is_set():
                        return
        finally:
            self._end()
            for name in self._queues:
                self._put(name, None)

    def _end(self) -> None:
        """Of the last thread that ends: keep what all have summed, or hand it on."""
        with self._ending:
            self._busy -= 1
            if self._busy == 0 and self._table is not None:
                self.kept = self._table.end()
                self._table = None  # its memory is needed for what follows

    def _sums(self) -> Sums | None:
        """This thread's way to the sums, where there is much to read."""
        return Sums(self.code, int((self._now + AHEAD).timestamp()), self._table) if self.code and self._table else None

    def _put(self, name: str, item: pa.RecordBatch | None) -> None:
        """Wait for room, as long as somebody makes it."""
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._queues[name].put(item, timeout=WAIT_S)
                return


def _records(reading: Reading, now: datetime, sums: Sums | None) -> Iterator[pa.RecordBatch]:
    """The sound records of one object."""
    reader = TextReader(reading.tally, columns=reading.item.columns, now=now, sums=sums)
    data = reading.item.read.read_bytes() if isinstance(reading.item.read, Path) else reading.item.read()
    yield from parquet_records(reader, data) if reading.item.is_parquet else reader.batches(data)
    reading.idle = reader.idle
