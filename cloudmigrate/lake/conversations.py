"""Flow log objects to conversations: a batch of objects aggregated alone, so that memory is bounded and a batch can be read anywhere.

A few threads inflate and parse ahead of DuckDB, which sums what comes through a bounded queue. What a batch leaves are small Parquet
parts by day, of the datasets ``conversations`` and ``interface_logs``; nothing is visible before the ledger knows of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import groupby, pairwise
from operator import itemgetter

import duckdb
import numpy as np
import pyarrow as pa

from cloudmigrate.domain.direction import DYNAMIC_FROM, STRENGTH, DirectionRule
from cloudmigrate.lake.connection import connect, limit, no_room
from cloudmigrate.lake.dataset import Dataset, encoded
from cloudmigrate.lake.flow_ahead import SUMMED, TEXTS, Ahead, FlowObject, Reading
from cloudmigrate.lake.flow_fields import IDLE, SUM_AT_MOST
from cloudmigrate.lake.flow_names import Names, addresses, interfaces, unknown
from cloudmigrate.lake.flow_sides import SIDES, hour_bits
from cloudmigrate.lake.flow_sums import SUMS
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.parquet import one_ahead
from cloudmigrate.lake.settled_rows import CARRIED, ROWS_A_BATCH, Settled, settle, stretches
from cloudmigrate.lake.spill import spill_folder
from cloudmigrate.lake.traffic_datasets import CONVERSATIONS, INTERFACE_LOGS
from cloudmigrate.lake.views import sql_text

BESIDE_MB = 330  # of the memory that may be taken: for the table of sums and what the threads have in hand
# What is made of the stream of texts, in this order; the last goes to the sums.
TABLES = {"interfaces": "interface_names", "addresses": "address_names", "attributes": "interface_attributes"}
# Tables of numbers and their names, and how numbers are named that are not in them.
NAMES = {
    "interfaces": ("select number, interface_id from interfaces order by number", interfaces),
    "addresses": ("select number, address from addresses order by number", addresses),
    "vpcs": ("select interface, vpc_id from attributes order by interface", unknown),
}
# Columns of the datasets that the queries give as numbers: which column that is, and by which names.
NUMBERED = {
    "interface_id": ("interface", "interfaces"),
    "client": ("client", "addresses"),
    "server": ("server", "addresses"),
}
# Table of sums -> the stream that is summed, its schema, and the query.
STREAMS = {SUMMED: ("partial_sums", SUMS, "conversation_sums"), TEXTS: ("sides", SIDES, "conversation_sides")}


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


def aggregate(
    lake: Lake,
    objects: Sequence[FlowObject],
    *,
    account_id: str,
    region: str,
    batch: str,
    now: datetime,
    memory_limit_mb: int = 600,
    temp_directory: str | None = None,
) -> Aggregated:
    """The conversations in *objects*, published as parts by day, and what became of each object.

    *batch* names the parts and must be new. Bad input costs a count, never the run. Raises LakeError, and what reading an object
    raises that is not about its content.
    """
    readings = [Reading(item) for item in objects]
    folder = spill_folder(temp_directory)
    with folder:
        connection = connect(memory_limit=limit(memory_limit_mb, BESIDE_MB), threads=None, temporary=folder)
        try:
            settled = _sum_up(connection, readings, now)
            names = {name: Names.of(connection.execute(query).to_arrow_table(), default) for name, (query, default) in NAMES.items()}
            of = {"batch": batch, "account_id": account_id, "region": region}
            rules = {"listens": STRENGTH[DirectionRule.LISTENS], "dynamic_from": DYNAMIC_FROM, "is_whole": settled is not None}
            rest = _by_day(connection.execute(sql_text(CONVERSATIONS.name), rules).to_arrow_reader(ROWS_A_BATCH))
            talks = merge(_by_day(settled.batches(names["vpcs"]) if settled else ()), rest, key=itemgetter(0))
            parts = [*_publish(lake, CONVERSATIONS, talks, of, names)]
            connection.register("carried", settled.carried() if settled else CARRIED.empty_table())
            logs = _by_day(connection.execute(sql_text(INTERFACE_LOGS.name)).to_arrow_reader(ROWS_A_BATCH))
            parts += _publish(lake, INTERFACE_LOGS, logs, of, names)
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            raise no_room("sum up flow logs for", lake.root, error) from error
        finally:
            connection.close()
    return Aggregated(tuple(parts), tuple(_report(one) for one in readings))


def _sum_up(connection: duckdb.DuckDBPyConnection, readings: Sequence[Reading], now: datetime) -> Settled | None:
    """Make the tables that the queries read: summed, interfaces, attributes, idle, rules.

    The conversations that need no query, if all numbers went into one table of sums; these are not in `summed`.
    """
    with Ahead(readings, now) as ahead, ThreadPoolExecutor(1) as beside:
        texts = beside.submit(_sum_stream, connection.cursor(), ahead, TEXTS)
        try:
            _sum_stream(connection, ahead, SUMMED)
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
    return _settle(connection, ahead) if ahead.kept is not None else None


def _settle(connection: duckdb.DuckDBPyConnection, ahead: Ahead) -> Settled:
    """The settled rows of what was kept; the others are added to the table `summed`."""
    code, kept = ahead.code, ahead.kept
    assert code is not None and kept is not None  # noqa: PT018, S101 - asked before
    texts = connection.execute(sql_text("text_keys")).to_arrow_table()
    settled, others = settle(code, kept, np.stack([key.to_numpy().view(np.int64) for key in texts.columns], axis=1))
    connection.register("partial_sums", others)
    connection.execute(f"insert into summed by name {sql_text('conversation_sums')}")
    connection.unregister("partial_sums")
    return settled


def _sum_stream(connection: duckdb.DuckDBPyConnection, ahead: Ahead, name: str) -> None:
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
    lake: Lake, dataset: Dataset, rows: Iterable[tuple[date, pa.RecordBatch]], of: Mapping[str, str], names: Mapping[str, Names]
) -> Iterator[FlowPart]:
    """Write rows by day as one part per day, oldest first; *of* are the columns that are the same in all rows."""
    for day, some in groupby(rows, key=itemgetter(0)):
        folder = f"traffic/account={of['account_id']}/region={of['region']}/day={day:%Y-%m-%d}"
        path = f"{folder}/{dataset.name}-{of['batch']}.parquet"
        shaped = (_shaped(one, dataset, {**of, "day": day}, names) for _, one in some)
        part = lake.write_batches(dataset, path, one_ahead(shaped), are_encoded=True)
        yield FlowPart(dataset.name, path, day, part.rows, part.bytes)


def _by_day(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[date, pa.RecordBatch]]:
    """Rows in the order of their days, cut where a day ends."""
    for batch in batches:
        days = batch.column("day").to_numpy()
        for begin, end in pairwise(stretches(days)) if batch.num_rows else ():
            yield date(1970, 1, 1) + timedelta(days=int(days[begin])), batch.slice(begin, end - begin)


def _shaped(rows: pa.RecordBatch, dataset: Dataset, of: Mapping[str, object], names: Mapping[str, Names]) -> pa.Table:
    """Rows of a query as the dataset has them: with what is the same in all, and with names instead of numbers; texts as dictionaries."""
    schema = encoded(dataset)
    arrays = []
    for column in schema:
        if column.name in of:
            value = pa.array([of[column.name]], dataset.schema.field(column.name).type)
            arrays.append(_repeated(value, rows.num_rows) if pa.types.is_dictionary(column.type) else pa.repeat(value[0], rows.num_rows))
        elif column.name in NUMBERED:
            number, table = NUMBERED[column.name]
            arrays.append(names[table].of_numbers(rows.column(number).to_numpy()))
        else:
            arrays.append(rows.column(column.name).cast(column.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _repeated(value: pa.Array, rows: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), value)


def _report(reading: Reading) -> ObjectReport:
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
