"""Rows to Parquet: checked against a dataset's schema, in row groups of bounded size."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.dataset import Dataset

ROWS_A_GROUP = 20_000  # of rows with specs of a few kB: tens of MB in memory
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
T = TypeVar("T")
DEFECT = "this is a defect of the stage that wrote it; report it with this message"


def batches_of(dataset: Dataset, rows: Iterable[Mapping[str, object]], *, location: str) -> Iterator[pa.Table]:
    """Tables of the dataset's schema, bounded in size; sorted by the keys when one holds all rows. Raises LakeError."""
    source = iter(rows)
    first = list(islice(source, ROWS_A_GROUP))
    following = list(islice(source, ROWS_A_GROUP))
    table = table_of(dataset, first, location=location)
    yield table if following else table.sort_by([(key, "ascending") for key in dataset.keys])
    while following:
        yield table_of(dataset, following, location=location)
        following = list(islice(source, ROWS_A_GROUP))


def table_of(dataset: Dataset, rows: list[Mapping[str, object]], *, location: str) -> pa.Table:
    """The rows as one table of the dataset's schema. Raises LakeError naming the row and column that do not fit."""
    names = dataset.schema.names
    expected = frozenset(names)
    for row in rows:
        if row.keys() != expected:
            raise LakeError(
                f"write {dataset.name} to",
                location,
                f"row {_keys_of(dataset, row)} lacks {sorted(expected - row.keys())} and has unknown {sorted(row.keys() - expected)}",
                DEFECT,
            )
    arrays = [_array(dataset, field, rows, location) for field in dataset.schema]
    return pa.Table.from_arrays(arrays, schema=dataset.schema)


def write_parquet(file: Any, schema: pa.Schema, batches: Iterable[Any], **options: Any) -> int:
    """Write tables or record batches to an open file, one row group each; return the number of rows."""
    count = 0
    with pq.ParquetWriter(file, schema, compression="zstd", **options) as writer:
        for batch in batches:
            table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
            if table.num_rows:
                writer.write_table(table)
            count += table.num_rows
    return count


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each computed while the one before it is being used: neither DuckDB nor the Parquet writer holds Python's lock."""
    yield from started(items)


def started(items: Iterator[T]) -> Iterator[T]:
    """The same, the first of them computed from now on."""
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cloudmigrate-ahead")
    return _following(worker, worker.submit(next, items, None), items)


def _following(worker: ThreadPoolExecutor, upcoming: Future[T | None], items: Iterator[T]) -> Iterator[T]:
    with worker:
        while (item := upcoming.result()) is not None:
            upcoming = worker.submit(next, items, None)
            yield item


def json_text(value: object) -> str:
    """Canonical JSON of a value: sorted keys, unicode as it is; instants in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_json_default)


def _json_default(value: Any) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _array(dataset: Dataset, field: pa.Field, rows: list[Mapping[str, object]], location: str) -> pa.Array:
    values: list[Any] = [row[field.name] for row in rows]
    if field.name in dataset.json_columns:
        values = [value if value is None or isinstance(value, str) else json_text(value) for value in values]
    elif pa.types.is_map(field.type):
        values = [value if value is None else sorted(value.items()) for value in values]
    try:
        array = _arrow_array(values, field.type)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise LakeError(f"write {dataset.name} to", location, f"column {field.name} does not take a value: {error}", DEFECT) from error
    if not field.nullable and array.null_count:
        missing = next(row for row in rows if row[field.name] is None)
        raise LakeError(f"write {dataset.name} to", location, f"row {_keys_of(dataset, missing)} has no {field.name}", DEFECT)
    return array


def _arrow_array(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, type=kind)
    except UnicodeEncodeError:
        # JSON answers may carry half a surrogate pair ("\ud800"), which is no text: it becomes U+FFFD.
        return pa.array([_mended(value) for value in values], type=kind)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    return type(value)(_mended(item) for item in value) if isinstance(value, list | tuple) else value


def _keys_of(dataset: Dataset, row: Mapping[str, object]) -> str:
    return ", ".join(f"{key}={row.get(key)!r}" for key in dataset.keys)
