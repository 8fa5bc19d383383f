"""Flow log objects to conversations: a batch of objects aggregated alone, so that memory is bounded and a batch can be read anywhere.

Two threads inflate and parse ahead of DuckDB, which sums what comes through a bounded queue. What a batch leaves are small Parquet
parts by day, of the datasets ``conversations`` and ``interface_logs``; nothing is visible before the ledger knows of them.
"""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from cloudmigrate.domain.direction import DYNAMIC_FROM, STRENGTH, DirectionRule
from cloudmigrate.lake.connection import connect, no_room
from cloudmigrate.lake.dataset import Dataset
from cloudmigrate.lake.dependency_datasets import CONVERSATIONS, INTERFACE_LOGS
from cloudmigrate.lake.flow_blocks import Tally
from cloudmigrate.lake.flow_fields import AHEAD, IDLE, SUM_AT_MOST
from cloudmigrate.lake.flow_names import Names, addresses, interfaces
from cloudmigrate.lake.flow_parquet import parquet_records
from cloudmigrate.lake.flow_sides import SIDES, hour_bits, sides_of
from cloudmigrate.lake.flow_sums import SUMS, WORTH_COMPILING_BYTES, Sums, Table, kernel
from cloudmigrate.lake.flow_text import TextReader
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.spill import spill_folder
from cloudmigrate.lake.views import sql_text

PARSERS = 2
QUEUED = 4  # batches read ahead, of some MB each
ROWS_A_BATCH = 100_000
WAIT_S = 0.2  # before it is asked again whether all has stopped
# What is made of the stream of texts, in this order; the last goes to the sums.
TABLES = {"interfaces": "interface_names", "addresses": "address_names", "attributes": "interface_attributes"}
# Columns of the datasets that the queries give as numbers: which column that is, and the table with the names of some.
NUMBERED = {
    "interface_id": ("interface", "interfaces"),
    "client": ("client", "addresses"),
    "server": ("server", "addresses"),
}
NAMED = {"interfaces": interfaces, "addresses": addresses}
# Table of sums -> the stream that is summed, its schema, and the query.
STREAMS = {"summed": ("partial_sums", SUMS, "conversation_sums"), "texts": ("sides", SIDES, "conversation_sides")}


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


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """What became of one object's lines; grain of the dataset ``flow_log_objects``."""

    source: str
    key: str
    etag: str
    status: str  # ok, partly, unreadable
    records: int
    accepted: int
    rejected: int
    nodata: int
    skipdata: int
    broken: int
    bytes: int
    packets: int
    sample: tuple[str, ...] = ()
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class FlowPart:
    """One published file of partial aggregates; *path* is relative to the lake's root."""

    dataset: str
    path: str
    day: date
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Aggregated:
    """What a batch gave."""

    parts: tuple[FlowPart, ...]
    reports: tuple[ObjectReport, ...]


@dataclass
class _Reading:
    """One object being read, by one thread."""

    item: FlowObject
    tally: Tally = field(default_factory=Tally)
    idle: list[pa.RecordBatch] = field(default_factory=list)


def aggregate(
    lake: Lake,
    objects: Sequence[FlowObject],
    *,
    account_id: str,
    region: str,
    batch: str,
    now: datetime,
    memory_limit: str = "600MB",
    temp_directory: str | None = None,
) -> Aggregated:
    """The conversations in *objects*, published as parts by day, and what became of each object.

    *batch* names the parts and must be new. Bad input costs a count, never the run. Raises LakeError, and what reading an object
    raises that is not about its content.
    """
    readings = [_Reading(item) for item in objects]
    folder = spill_folder(temp_directory)
    with folder:
        connection = connect(memory_limit=memory_limit, threads=None, temporary=folder)
        try:
            fillings = _sum_up(connection, readings, now)
            of = {"batch": batch, "account_id": account_id, "region": region}
            rules = {"listens": STRENGTH[DirectionRule.LISTENS], "dynamic_from": DYNAMIC_FROM, "is_whole": fillings <= 1}
            parts = [
                *_publish(connection, lake, CONVERSATIONS, of, rules),
                *_publish(connection, lake, INTERFACE_LOGS, of, {}),
            ]
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            raise no_room("sum up flow logs for", lake.root, error) from error
        finally:
            connection.close()
    return Aggregated(tuple(parts), tuple(_report(one) for one in readings))


def _sum_up(connection: duckdb.DuckDBPyConnection, readings: Sequence[_Reading], now: datetime) -> int:
    """Make the tables that the queries read: summed, interfaces, attributes, idle, rules. How often the table of sums was handed on."""
    with _Ahead(readings, now) as ahead, ThreadPoolExecutor(1) as beside:
        texts = beside.submit(_sum_stream, connection.cursor(), ahead, "texts")
        try:
            _sum_stream(connection, ahead, "summed")
        finally:
            failed = texts.exception()
        ahead.raise_failure()
        if failed:
            raise failed
    connection.register("idle", _idle_table([one for reading in readings for one in reading.idle]))
    for table, query in TABLES.items():
        connection.execute(f"create table {table} as {sql_text(query)}")
    connection.execute(f"insert into summed by name {sql_text('summed')}")
    rules = pa.table({"strength": list(STRENGTH.values()), "direction": [str(rule) for rule in STRENGTH]})
    connection.register("rules", rules)
    return ahead.fillings


def _sum_stream(connection: duckdb.DuckDBPyConnection, ahead: "_Ahead", name: str) -> None:
    """Make the table *name* of what comes of its kind."""
    stream, schema, query = STREAMS[name]
    connection.register(stream, pa.RecordBatchReader.from_batches(schema, ahead.batches(name)))
    try:
        connection.execute(f"create table {name} as {sql_text(query)}")
    except duckdb.Error:
        ahead.stop()
        ahead.raise_failure()  # DuckDB tells of it in words of its own
        raise
    connection.unregister(stream)


class _Ahead:
    """Objects read and parsed by a few threads, in any order, through queues of bounded length: one of numbers, one of texts."""

    def __init__(self, readings: Sequence[_Reading], now: datetime) -> None:
        self._queues: dict[str, queue.Queue[pa.RecordBatch | None]] = {name: queue.Queue(QUEUED) for name in STREAMS}
        is_much = sum(one.item.size for one in readings) >= WORTH_COMPILING_BYTES
        self._code = kernel() if is_much else None
        self._table = Table(self._code, lambda rows: self._put("summed", rows)) if self._code else None
        self._todo: queue.SimpleQueue[_Reading] = queue.SimpleQueue()
        for one in readings:
            self._todo.put(one)
        self._now = now
        self.fillings = 0  # of the table, when all has ended
        self._busy = PARSERS
        self._ending = threading.Lock()
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(PARSERS, thread_name_prefix="cloudmigrate-flow")
        self._running: list[Future[None]] = []

    def __enter__(self) -> "_Ahead":
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
                    self._put("texts", sides_of(records))
                    if self._stopped.is_set():
                        return
        finally:
            self._end()
            for name in self._queues:
                self._put(name, None)

    def _end(self) -> None:
        """Of the last thread that ends: hand on what all have summed."""
        with self._ending:
            self._busy -= 1
            if self._busy == 0 and self._table is not None:
                self._table.flush()
                self.fillings = self._table.fillings
                self._table = None  # its memory is needed for what follows

    def _sums(self) -> Sums | None:
        """This thread's way to the sums, where there is much to read."""
        return Sums(self._code, int((self._now + AHEAD).timestamp()), self._table) if self._code and self._table else None

    def _put(self, name: str, item: pa.RecordBatch | None) -> None:
        """Wait for room, as long as somebody makes it."""
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._queues[name].put(item, timeout=WAIT_S)
                return


def _records(reading: _Reading, now: datetime, sums: Sums | None) -> Iterator[pa.RecordBatch]:
    """The sound records of one object."""
    reader = TextReader(reading.tally, columns=reading.item.columns, now=now, sums=sums)
    data = reading.item.read.read_bytes() if isinstance(reading.item.read, Path) else reading.item.read()
    yield from parquet_records(reader, data) if reading.item.is_parquet else reader.batches(data)
    reading.idle = reader.idle


def _idle_table(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """Records without traffic, with the day and hours that they cover; one that spans midnight counts for each of its days."""
    table = pa.Table.from_batches(batches, schema=IDLE).drop_null()
    start_s, end_s = (np.asarray(table.column(name).to_numpy(), dtype=np.int64) for name in ("start_s", "end_s"))
    pieces = []
    for shift in (0, 1):
        day = start_s // 86_400 + shift
        from_s, to_s = np.maximum(start_s - day * 86_400, 0), np.minimum(end_s - day * 86_400, 86_399)
        there = to_s > from_s if shift else to_s >= from_s
        piece = table.select(["interface_id", "status"]).filter(pa.array(there))
        for name, values in (("day", day), ("hours", hour_bits(from_s, to_s)), ("span_s", end_s - start_s)):
            piece = piece.append_column(name, pa.array(values[there], type=pa.int32()))
        pieces.append(piece)
    return pa.concat_tables(pieces)


def _publish(
    connection: duckdb.DuckDBPyConnection, lake: Lake, dataset: Dataset, of: Mapping[str, str], params: Mapping[str, int]
) -> Iterator[FlowPart]:
    """Write the rows of the dataset's query as one part per day, oldest first; *of* are the columns that are the same in all rows."""
    names = {table: Names.of(connection.execute(f"from {table} order by number").to_arrow_table()) for table in ("interfaces", "addresses")}
    rows = connection.execute(sql_text(dataset.name), dict(params)).to_arrow_reader(ROWS_A_BATCH)
    for day, some in groupby(_by_day(rows), key=itemgetter(0)):
        folder = f"traffic/account={of['account_id']}/region={of['region']}/day={day:%Y-%m-%d}"
        path = f"{folder}/{dataset.name}-{of['batch']}.parquet"
        part = lake.write_batches(dataset, path, (_shaped(one, dataset, {**of, "day": day}, names) for _, one in some))
        yield FlowPart(dataset.name, path, day, part.rows, part.bytes)


def _by_day(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[date, pa.RecordBatch]]:
    """Rows in the order of their days, cut where a day ends."""
    for batch in batches:
        days = batch.column("day").to_numpy()
        cuts = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), batch.num_rows]
        for begin, end in pairwise(cuts):
            if end > begin:
                yield date(1970, 1, 1) + timedelta(days=int(days[begin])), batch.slice(begin, end - begin)


def _shaped(rows: pa.RecordBatch, dataset: Dataset, of: Mapping[str, object], names: Mapping[str, Names]) -> pa.Table:
    """Rows of a query as the dataset has them: with what is the same in all, and with names instead of numbers."""
    arrays = []
    for column in dataset.schema:
        if column.name in of:
            arrays.append(pa.repeat(pa.scalar(of[column.name], column.type), rows.num_rows))
        elif column.name in NUMBERED:
            number, table = NUMBERED[column.name]
            arrays.append(names[table].of_numbers(rows.column(number).to_numpy(), NAMED[table]))
        else:
            arrays.append(rows.column(column.name).cast(column.type))
    return pa.Table.from_arrays(arrays, schema=dataset.schema)


def _report(reading: _Reading) -> ObjectReport:
    tally, item = reading.tally, reading.item
    whole = not tally.broken and not tally.details
    status = "ok" if whole else "partly" if tally.records else "unreadable"
    return ObjectReport(
        item.source,
        item.key,
        item.etag,
        status,
        tally.records,
        tally.accepted,
        tally.rejected,
        tally.nodata,
        tally.skipdata,
        tally.broken,
        min(tally.bytes, SUM_AT_MOST),
        min(tally.packets, SUM_AT_MOST),
        tuple(tally.sample),
        "; ".join(dict.fromkeys(tally.details)) or None,
    )
