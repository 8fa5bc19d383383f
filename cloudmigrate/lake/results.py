"""What a query gave, as Python values and as values that JSON can hold."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import duckdb


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A query's columns in order, and its rows by column name, ready for JSON."""

    columns: tuple[str, ...]
    rows: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class QueryStream:
    """A query's columns in order, and its rows by column name as they come, so that a large result needs no memory."""

    columns: tuple[str, ...]
    rows: Iterator[dict[str, object]]


def column_names(description: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """The result's column names; a name that comes again gets a number, so that no column is lost in a mapping."""
    names: list[str] = []
    for column in description:
        name, number = str(column[0]), 1
        while name in names:
            name, number = f"{column[0]}_{number}", number + 1
        names.append(name)
    return tuple(names)


def json_columns(description: Sequence[Sequence[Any]]) -> frozenset[int]:
    """Positions of the columns whose values are JSON text."""
    return frozenset(position for position, column in enumerate(description) if str(column[1]) == "JSON")


def iterate(cursor: duckdb.DuckDBPyConnection, convert: Callable[[Any], object]) -> tuple[tuple[str, ...], Iterator[dict[str, object]]]:
    """The column names and the rows, one by one, of an executed query: JSON columns parsed, every value passed through *convert*."""
    description = cursor.description or []
    names = column_names(description)
    parsed = json_columns(description)

    def rows() -> Iterator[dict[str, object]]:
        while chunk := cursor.fetchmany(10_000):
            for values in chunk:
                row = [json.loads(value) if position in parsed and value is not None else value for position, value in enumerate(values)]
                yield {name: convert(value) for name, value in zip(names, row, strict=True)}

    return names, rows()


def rows_of(cursor: duckdb.DuckDBPyConnection, convert: Callable[[Any], object]) -> tuple[tuple[str, ...], list[dict[str, object]]]:
    """The column names and all rows of an executed query, as `iterate` gives them."""
    names, rows = iterate(cursor, convert)
    return names, list(rows)


def python_value(value: Any) -> object:
    """*value* for our own code: instants aware in UTC, everything else as DuckDB gives it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return value


def json_value(value: Any) -> object:  # noqa: PLR0911  # a table of types
    """*value* as JSON can hold it: instants in ISO 8601 with Z, numbers that are none as null, bytes in hex."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
        case datetime():
            # The session's time zone is UTC, so an instant without a zone is one in UTC.
            instant = value.astimezone(UTC) if value.tzinfo else value
            return instant.replace(tzinfo=None).isoformat() + "Z"
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case dict():
            return {str(json_value(key)): json_value(item) for key, item in value.items()}
        case list() | tuple() | set():
            return [json_value(item) for item in value]
        case UUID():
            return str(value)
        case _:
            return str(value)
