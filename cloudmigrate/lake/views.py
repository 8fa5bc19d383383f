"""A snapshot's datasets as DuckDB views: our own SQL files, and people's read-only queries, over exactly the selected parts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from cloudmigrate.errors.inputs import QueryError
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.connection import connect, identifier, literal, lock, no_room, open_s3
from cloudmigrate.lake.dataset import Dataset, encoded
from cloudmigrate.lake.datasets import DATASETS, METRICS
from cloudmigrate.lake.definitions import dataset_view, escaped, files_table, metrics_view, wide_view
from cloudmigrate.lake.lake import Lake, Part, dataset_named, part_path
from cloudmigrate.lake.parquet import one_ahead
from cloudmigrate.lake.results import QueryResult, QueryStream, iterate, json_value, python_value, rows_of
from cloudmigrate.lake.series import SeriesPart
from cloudmigrate.lake.spill import spill_folder
from cloudmigrate.lake.texts import Texts

READING = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})  # DESCRIBE, SHOW and SUMMARIZE are SELECTs to DuckDB
TABLES = 'Next: `cloudmigrate query "show tables"` lists the views; `describe NAME` tells the columns of one.'
LOST_FILE = (duckdb.IOException, duckdb.HTTPException)
ROWS_A_BATCH = 100_000
DERIVED = ("term_costs", "cost_sums")  # SQL files over datasets that many queries share, as views of their names


@dataclass(frozen=True, slots=True)
class Selection:
    """What one snapshot sees of a lake: its parts by dataset, its parts of the metrics series, and which plan."""

    snapshot_id: str
    parts: Mapping[str, tuple[str, ...]]  # dataset -> paths relative to the lake's root
    series: tuple[SeriesPart, ...] = ()
    plan_id: str | None = None  # shown by per-plan datasets; None: every plan whose parts are given


@dataclass(frozen=True, slots=True)
class WideSeries:
    """A wide view: all selected parts of one type, period and set of metrics."""

    view: str
    type: str
    period_s: int
    value_columns: tuple[str, ...]
    parts: tuple[SeriesPart, ...] = field(repr=False)


class Views:
    """A snapshot's views on a connection of their own, in memory. Close it, or use it as a context; not for several threads.

    Every name in `datasets.DATASETS` is a view with `snapshot` as its first column, every one in `DERIVED` a view without it. Raises
    LakeError if a part cannot be read.
    """

    def __init__(
        self,
        lake: Lake,
        selection: Selection,
        *,
        memory_limit: str = "600MB",
        threads: int | None = None,
        temp_directory: str | None = None,
    ) -> None:
        self.lake = lake
        self.selection = selection
        self._temporary = spill_folder(temp_directory)
        self._connection = connect(memory_limit=memory_limit, threads=threads, temporary=self._temporary)
        try:
            if lake.s3 is not None:
                open_s3(self._connection, lake.s3)
            self.wide = self._create_wide_views()
            self._connection.execute(metrics_view(selection.snapshot_id, [(one.view, one.value_columns) for one in self.wide]))
            for dataset in DATASETS:
                if dataset is not METRICS:
                    self._create_view(dataset)
            for name in DERIVED:
                self._connection.execute(f"create view {name} as {sql_text(name)}")
            lock(self._connection, self._files())
        except duckdb.Error as error:
            self.close()
            raise self._unreadable(error) from error

    def __enter__(self) -> "Views":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Free memory and spilled files."""
        self._connection.close()
        self._temporary.cleanup()

    def run(self, name: str, **params: object) -> list[dict[str, Any]]:
        """The rows of sql/NAME.sql; JSON columns parsed, instants aware in UTC. Raises LakeError if a part cannot be read."""
        with self._reading():
            return rows_of(self.execute(sql_text(name), params), python_value)[1]

    def each(self, name: str, **params: object) -> Iterator[dict[str, Any]]:
        """As `run`, row by row, so that a large result needs no memory; no other query may run before the last row was taken."""
        with self._reading():
            yield from iterate(self.execute(sql_text(name), params), python_value)[1]

    def rows(self, dataset: str) -> list[dict[str, Any]]:
        """All rows of a dataset, as Python values. Raises LakeError."""
        with self._reading():
            return rows_of(self.execute(f"select * exclude (snapshot) from {identifier(dataset_named(dataset).name)}"), python_value)[1]  # noqa: S608

    def query(self, sql: str) -> QueryResult:
        """The rows of a person's own SQL (one SELECT, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE), ready for JSON. Raises QueryError."""
        stream = self.stream(sql)
        return QueryResult(stream.columns, list(stream.rows))

    def stream(self, sql: str) -> QueryStream:
        """As `query`, row by row; QueryError may also come out of the rows."""
        with self._asking(sql):
            statements = self._connection.extract_statements(sql)
            if len(statements) != 1 or statements[0].type not in READING:
                raise QueryError(f"Only one statement that reads is taken: SELECT, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE. {TABLES}")
            columns, rows = iterate(self._connection.execute(statements[0]), json_value)
        return QueryStream(columns, self._asked(sql, rows))

    def _asked(self, sql: str, rows: Iterator[dict[str, object]]) -> Iterator[dict[str, object]]:
        with self._asking(sql):
            yield from rows

    @contextmanager
    def _asking(self, sql: str) -> Iterator[None]:
        """Tell a mistake in a person's statement (QueryError) from a part that cannot be read (LakeError)."""
        try:
            yield
        except duckdb.Error as error:
            # A file that the statement does not name is one of ours, and its loss is not the person's mistake.
            ours = any(root in str(error) and root not in sql for root in (self.lake.root, escaped(self.lake.root)))
            if ours or isinstance(error, LOST_FILE):
                raise self._unreadable(error) from error
            raise QueryError(f"{error}\n{TABLES}") from error

    def write(self, name: str, dataset: Dataset | str, *, part: str, **params: object) -> Part:
        """Publish the rows of sql/NAME.sql as a part of *dataset* in this snapshot, streamed; columns by name. Raises LakeError."""
        return self.write_statement(sql_text(name), dataset, part=part, params=params)

    def write_statement(
        self,
        sql: str,
        dataset: Dataset | str,
        *,
        part: str,
        params: Mapping[str, object] | None = None,
        names: Mapping[str, Texts] | None = None,
    ) -> Part:
        """The same for one of the lake's own statements. Columns that *names* has are places in these texts."""
        return self._write(self._connection, sql, dataset_named(dataset), part=part, params=params, names=names)

    def write_beside(self, sql: str, dataset: Dataset | str, *, part: str, names: Mapping[str, Texts] | None = None) -> Part:
        """The same on a connection of its own, while another thread uses these views: it sees tables, but none that are temporary."""
        with self._connection.cursor() as beside:
            return self._write(beside, sql, dataset_named(dataset), part=part, params=None, names=names)

    def _write(
        self,
        connection: duckdb.DuckDBPyConnection,
        sql: str,
        dataset: Dataset,
        *,
        part: str,
        params: Mapping[str, object] | None,
        names: Mapping[str, Texts] | None,
    ) -> Part:
        path = part_path(dataset, self.selection.snapshot_id, part)
        with self._reading():
            reader = connection.execute(_shaped(sql, dataset), params or None).to_arrow_reader(ROWS_A_BATCH)
            batches = (_named(one, names or {}).cast(encoded(dataset)) for one in reader)
            return self.lake.write_batches(dataset, path, one_ahead(batches), are_encoded=True)

    def table(self, sql: str, dataset: Dataset, params: Mapping[str, object] | None = None) -> pa.Table:
        """The rows of one of the lake's own statements in the dataset's schema. Raises LakeError."""
        with self._reading():
            return self.execute(_shaped(sql, dataset), params).to_arrow_table().cast(dataset.schema)

    def execute(self, sql: str, params: Mapping[str, object] | None = None) -> duckdb.DuckDBPyConnection:
        """Run one of the lake's own statements. Raises LakeError if a part cannot be read."""
        with self._reading():
            return self._connection.execute(sql, params or None)

    def register(self, name: str, rows: Iterable[Mapping[str, object]], schema: pa.Schema | None = None) -> None:
        """Make *rows* a table of this connection, for SQL files that need values of the caller's. Give *schema* if there may be none."""
        self._connection.register(name, pa.Table.from_pylist([dict(row) for row in rows], schema=schema))

    def register_table(self, name: str, table: pa.Table) -> None:
        """The same for many rows, whose columns the caller has."""
        self._connection.register(name, table)

    def _create_view(self, dataset: Dataset) -> None:
        locations = [self.lake.location(path) for path in self.selection.parts.get(dataset.name, ())]
        stored = self._columns(locations[0]) if locations else ()
        self._connection.execute(dataset_view(dataset, self.selection.snapshot_id, locations, stored, self.selection.plan_id))

    def _create_wide_views(self) -> tuple[WideSeries, ...]:
        by_columns: dict[tuple[str, int, str], list[SeriesPart]] = {}
        for one in self.selection.series:
            by_columns.setdefault((one.type, one.period_s, one.series.rsplit("/", 1)[-1]), []).append(one)
        cut = [one for one in self.selection.series if _is_cut(one)]
        self._connection.execute("create schema wide")
        self._connection.execute(
            "create table wide.validity (location varchar, valid_from timestamp with time zone, valid_to timestamp with time zone)"
        )
        if cut:  # as text: parameters would have DuckDB import pandas, which takes longer than most queries
            rows = (f"({literal(self.lake.location(one.path))}, '{one.valid_from}', '{one.valid_to}')" for one in cut)
            self._connection.execute(f"insert into wide.validity values {', '.join(rows)}")  # noqa: S608  # quoted; instants of ours
        return tuple(self._create_wide_view(*key, parts) for key, parts in sorted(by_columns.items()))

    def _create_wide_view(self, type_: str, period_s: int, fingerprint: str, parts: Sequence[SeriesPart]) -> WideSeries:
        whole = [self.lake.location(one.path) for one in parts if not _is_cut(one)]
        cut = list(dict.fromkeys(self.lake.location(one.path) for one in parts if _is_cut(one)))
        columns = tuple(name for name in self._columns((whole or cut)[0]) if "|" in name)
        series = WideSeries(f"{type_}/{period_s}/{fingerprint}", type_, period_s, columns, tuple(parts))
        self._connection.execute(wide_view(series.view, whole, cut, columns))
        return series

    def _columns(self, location: str) -> tuple[str, ...]:
        rows = self._connection.execute(f"describe select * from {files_table([location])}").fetchall()  # noqa: S608  # quoted there
        return tuple(str(row[0]) for row in rows)

    def _files(self) -> Iterator[str]:
        paths = [path for part_paths in self.selection.parts.values() for path in part_paths]
        for path in [*paths, *(one.path for one in self.selection.series)]:
            location = self.lake.location(path)
            yield from {location, escaped(location)}  # DuckDB asks for the name as it was written, then for the file it stands for

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Tell a part that cannot be read (LakeError) from a statement of ours that is wrong (a defect, left as it is)."""
        try:
            yield
        except LOST_FILE as error:
            raise self._unreadable(error) from error
        except duckdb.OutOfMemoryException as error:
            raise no_room("compute over", self.lake.root, error) from error

    def _unreadable(self, error: duckdb.Error) -> LakeError:
        action = "check that the lake's files are still there and whole, that they may be read, and that the disk has room to spill"
        return LakeError("read", self.lake.root, " ".join(str(error).split())[:500], action)


def sql_text(name: str) -> str:
    """The text of sql/NAME.sql. Raises LakeError if there is none."""
    try:
        return resources.files("cloudmigrate.lake").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LakeError("find query", f"{name}.sql", "there is no such SQL file", "report this; the installation is incomplete") from error


def _shaped(sql: str, dataset: Dataset) -> str:
    """A statement that gives the dataset's columns in their order."""
    columns = ", ".join(identifier(name) for name in dataset.schema.names)
    return f"select {columns} from ({sql}\n)"  # noqa: S608  # names of our own table, text of our own file


def _named(rows: pa.RecordBatch, names: Mapping[str, Texts]) -> pa.Table:
    """The rows, with names instead of their places in a list."""
    table = pa.Table.from_batches([rows])
    for column, texts in names.items():
        at = table.schema.get_field_index(column)
        table = table.set_column(at, column, texts.named(rows.column(column).to_numpy()))
    return table


def _is_cut(part: SeriesPart) -> bool:
    """Whether only some of the part's time is seen."""
    return part.valid_from > part.range_from or part.valid_to < part.range_to
