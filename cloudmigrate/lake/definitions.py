"""The SQL that defines the views: derived from the table of datasets and from a snapshot's selection. Pure text.

A view's definition takes no parameters, so every name and path goes through `identifier` or `literal`.
"""
# ruff: noqa: S608  # see above

from collections.abc import Iterable, Sequence

import pyarrow as pa

from cloudmigrate.lake.connection import identifier, literal
from cloudmigrate.lake.dataset import Dataset
from cloudmigrate.lake.datasets import METRICS

SQL_TYPES = {
    pa.string(): "varchar",
    pa.bool_(): "boolean",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.timestamp("us", tz="UTC"): "timestamp with time zone",
    pa.date32(): "date",
    pa.list_(pa.string()): "varchar[]",
    pa.list_(pa.int32()): "integer[]",
    pa.map_(pa.string(), pa.string()): "map(varchar, varchar)",
}


def sql_type(dataset: Dataset, column: str) -> str:
    """The type that a column has in the view."""
    kind = dataset.schema.field(column).type
    if column in dataset.json_columns:
        return "json"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    return SQL_TYPES[kind]


def files_table(locations: Sequence[str], *, named: bool = False) -> str:
    """A table function over exactly these files; *named* adds the column `filename`."""
    listed = ", ".join(literal(escaped(location)) for location in locations)
    return f"read_parquet([{listed}], hive_partitioning = false, filename = {'true' if named else 'false'})"


def escaped(location: str) -> str:
    """*location* with the characters that DuckDB would take for a pattern escaped; in S3 it takes none (see `open_s3`)."""
    if location.startswith("s3://"):
        return location
    return "".join(f"[{character}]" if character in "*?[" else character for character in location)


def dataset_view(dataset: Dataset, snapshot_id: str, locations: Sequence[str], stored: Iterable[str], plan_id: str | None) -> str:
    """The view of a dataset over its selected parts, or an empty one of the same columns and types if there are none.

    *stored* are the columns in the files; columns added to the dataset since are null.
    """
    present = set(stored)
    columns = [f"{literal(snapshot_id)} as snapshot"]
    for name in dataset.schema.names:
        source = identifier(name) if name in present else "null"
        columns.append(f"cast({source} as {sql_type(dataset, name)}) as {identifier(name)}")
    text = f"create view {identifier(dataset.name)} as select {', '.join(columns)}"
    if not locations:
        return f"{text} where false"
    text += f" from {files_table(locations)}"
    return text + (f" where plan_id = {literal(plan_id)}" if dataset.per_plan and plan_id else "")


def wide_view(name: str, whole: Sequence[str], cut: Sequence[str], value_columns: Sequence[str]) -> str:
    """The view over one series' parts: *whole* files as they are, *cut* ones where table `validity` (path, from, to) says."""
    columns = ", ".join(f"part.{identifier(column)}" for column in ("uid", "observed_at", *value_columns))
    branches = []
    if whole:
        branches.append(f"select {columns} from {files_table(whole)} as part")
    if cut:
        branches.append(
            f"select {columns} from {files_table(cut, named=True)} as part inner join wide.validity on part.filename = validity.location"
            " where part.observed_at >= validity.valid_from and part.observed_at < validity.valid_to"
        )
    return f"create view wide.{identifier(name)} as {' union all '.join(branches)}"


def metrics_view(snapshot_id: str, wide: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The long view over the wide ones (name, value columns): one scan each, every row unfolded.

    A branch per column would read fewer bytes for one metric, but hundreds of scans at once outgrow the memory; UNPIVOT takes four
    times as long.
    """
    if not wide:
        return dataset_view(METRICS, snapshot_id, (), (), None)
    branches = []
    for name, value_columns in wide:
        metrics, stats = (f"[{', '.join(literal(column.split('|')[part]) for column in value_columns)}]" for part in (0, 1))
        values = f"[{', '.join(identifier(column) for column in value_columns)}]"
        branches.append(
            f"select {literal(snapshot_id)} as snapshot, uid, metric, stat, observed_at, value from (select uid, observed_at,"
            f" unnest({metrics}) as metric, unnest({stats}) as stat, unnest({values}) as value from wide.{identifier(name)})"
            " where value is not null"
        )
    return f"create view {METRICS.name} as {' union all '.join(branches)}"
