"""Rows for people and for scripts: a table, JSON or CSV on stdout; everything else goes to stderr."""

import csv
import itertools
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from cloudmigrate.printable import one_line

TABLE_ROWS_AT_MOST = 10_000


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def print_rows(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], form: Format) -> None:
    """Print *rows* to stdout as they come: one JSON array, CSV with a header, or a table for reading.

    CSV holds raw values for scripts: one that begins with = + - @ is a formula to a spreadsheet.
    """
    if form is Format.JSON:
        before = "["
        for row in rows:
            sys.stdout.write(before + json.dumps(row, ensure_ascii=False, default=str))
            before = ",\n"
        sys.stdout.write("[]\n" if before == "[" else "]\n")
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    else:
        shown = list(itertools.islice(rows, TABLE_ROWS_AT_MOST + 1))
        _print_table(columns, shown[:TABLE_ROWS_AT_MOST])
        if len(shown) > TABLE_ROWS_AT_MOST:
            say(f"There are more than {TABLE_ROWS_AT_MOST} rows. Next: add a limit, or use --format csv or json.")


def print_json(value: Any) -> None:
    """Print one JSON document to stdout."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def say(text: str = "") -> None:
    """A line for a person, on stderr."""
    print(text, file=sys.stderr, flush=True)


def _print_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = bool(rows) and all(isinstance(row[column], int | float) or row[column] is None for row in rows)
        table.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        # Text, not markup: names and tags come from strangers.
        table.add_row(*(Text(one_line(_cell(row[column]))) for column in columns))
    width = None if sys.stdout.isatty() else 240
    Console(file=sys.stdout, width=width, highlight=False).print(table)
    noun = "row" if len(rows) == 1 else "rows"
    print(f"{len(rows)} {noun}")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def printable_lines(text: str) -> str:
    """*text*, in its lines, without other control characters: names, tags and words of a cloud come from strangers."""
    return "\n".join(map(one_line, text.split("\n")))
