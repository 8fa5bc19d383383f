"""Flow logs that AWS delivers as Parquet: the same fields under names with underscores, typed, several files a day."""

from collections import Counter
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cloudmigrate.lake.flow_fields import NUMBERS, TEXTS
from cloudmigrate.lake.flow_text import TextReader
from cloudmigrate.masking import masked_text
from cloudmigrate.printable import one_line

ROWS_A_BATCH = 128_000
LARGEST_INT32 = 2**31 - 1
NUMBER = r"\A[0-9]{1,18}\z"  # as the reader of text takes it
TEXT_TYPES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
DETAIL_CHARACTERS = 200
ABSENT = "-"  # what a record has instead of a field that it lacks, where that is not null (User Guide, "Flow log records")


def parquet_records(reader: TextReader, data: bytes) -> Iterator[pa.RecordBatch]:
    """The sound records of an object's bytes, as far as the sums do not take them; what is wrong with it is told in the reader's tally."""
    try:
        schema = pq.read_schema(pa.BufferReader(data))
        names = {column: column.lower().replace("_", "-") for column in schema.names}
        wanted = {column: name for column, name in names.items() if name in NUMBERS or name in TEXTS}
        if not reader.has_needed(tuple(wanted.values())) or not _is_each_once(schema, wanted, reader):
            return
        is_summed = reader.sums is not None and _is_usual(schema, wanted) and reader.sums.roles(tuple(wanted.values())) is not None
        dictionaries = [column for column, name in wanted.items() if name in TEXTS] if is_summed else None
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=dictionaries)
        for batch in file.iter_batches(ROWS_A_BATCH, columns=list(wanted), use_threads=False):
            for one in batch.columns:
                one.validate(full=True)  # its text may be none
            left = _unsummed(reader, batch.rename_columns([wanted[column] for column in batch.schema.names])) if is_summed else batch
            if left.num_rows:
                yield from reader.sound(_typed(left, wanted))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        # Names and values of strangers may stand in it.
        told = masked_text(one_line(str(error)[:1000]))[:DETAIL_CHARACTERS]
        reader.tally.details.append(f"its Parquet cannot be read: {told}")


def _is_each_once(schema: pa.Schema, names: Mapping[str, str], reader: TextReader) -> bool:
    """Whether no field stands in two columns, of which nobody knows which is meant; otherwise the reader's tally says which does."""
    found = Counter(names[column] for column in schema.names if column in names)
    repeated = sorted(name for name, columns in found.items() if columns > 1)
    if repeated:
        reader.tally.details.append(f"its Parquet names {', '.join(repeated)} more than once")
    return not repeated


def _is_usual(schema: pa.Schema, names: Mapping[str, str]) -> bool:
    """Whether every column is of the kind that AWS writes: text, or whole numbers that fit into 64 bits."""
    kinds = {column: schema.field(column).type for column in names}
    return all(
        pa.types.is_integer(kind) and kind != pa.uint64() if names[column] in NUMBERS else pa.types.is_string(kind)
        for column, kind in kinds.items()
    )


def _unsummed(reader: TextReader, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows that the sums did not take."""
    assert reader.sums is not None  # noqa: S101 - asked before
    batch = pa.RecordBatch.from_arrays([_with_absent_null(one) for one in batch.columns], batch.schema.names)
    taken = reader.sums.add_rows(batch, reader.tally)
    return batch.slice(0, 0) if taken.all() else batch.filter(pa.array(~taken))


def _with_absent_null(column: pa.Array) -> pa.Array:
    """The column; of a dictionary of texts, what is absent is null."""
    if not pa.types.is_dictionary(column.type):
        return column
    is_absent = pc.equal(column.dictionary, ABSENT)
    if not pc.any(is_absent).as_py():
        return column
    places = column.indices
    return pa.DictionaryArray.from_arrays(pc.if_else(is_absent.take(places), pa.scalar(None, places.type), places), column.dictionary)


def _typed(batch: pa.RecordBatch, names: Mapping[str, str]) -> pa.Table:
    """A batch in the names and types of text; a missing value is null, as text has it of "-"."""
    arrays, fields = [], []
    for column in batch.schema.names:
        name = names.get(column, column)
        kind = NUMBERS.get(name, pa.string())
        arrays.append(_cast(batch.column(column), kind))
        fields.append(pa.field(name, kind))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """The column as that kind: text is checked, a number that is too large is none, and so is text that is no number."""
    if kind == pa.string():
        words = column.cast(kind)
        return pc.if_else(pc.equal(words, ABSENT), pa.scalar(None, kind), words)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if any(is_text(column.type) for is_text in TEXT_TYPES):
        words = column.cast(pa.string())
        column = pc.if_else(pc.match_substring_regex(words, NUMBER), words, pa.scalar(None, pa.string()))
    numbers = column.cast(pa.int64(), safe=False)
    if kind == pa.int64():
        return numbers
    fits = pc.and_(pc.greater_equal(numbers, -1), pc.less_equal(numbers, LARGEST_INT32))
    return pc.if_else(fits, numbers, pa.scalar(None, pa.int64())).cast(kind)
