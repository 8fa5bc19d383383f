"""Flow logs that AWS delivers as Parquet: the same fields under names with underscores, typed, several files a day."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from cloudmigrate.lake.flow_fields import NUMBERS, TEXTS
from cloudmigrate.lake.flow_text import TextReader

ROWS_A_BATCH = 128_000


def parquet_records(reader: TextReader, data: bytes) -> Iterator[pa.RecordBatch]:
    """The sound records of an object's bytes; one that is no Parquet, or not whole, is told in the reader's tally."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        names = {column: column.lower().replace("_", "-") for column in file.schema_arrow.names}
        wanted = {column: name for column, name in names.items() if name in NUMBERS or name in TEXTS}
        if not reader.has_needed(tuple(wanted.values())):
            return
        for batch in file.iter_batches(ROWS_A_BATCH, columns=list(wanted)):
            yield from reader.sound(_typed(batch, wanted))
    except (pa.ArrowException, OSError) as error:
        reader.tally.details.append(f"its Parquet cannot be read: {str(error)[:200]}")


def _typed(batch: pa.RecordBatch, names: dict[str, str]) -> pa.Table:
    """A batch in the names and types of text; AWS writes a missing value as null, and so do we with "-"."""
    arrays, fields = [], []
    for column in batch.schema.names:
        name = names[column]
        kind = NUMBERS.get(name, pa.string())
        arrays.append(batch.column(column).cast(kind, safe=False))
        fields.append(pa.field(name, kind))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))
