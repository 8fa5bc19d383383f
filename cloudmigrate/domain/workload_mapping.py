"""The user's own list of workloads: a CSV file with the columns uid and workload."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cloudmigrate.domain.workload_names import workload_name
from cloudmigrate.errors.inputs import WorkloadFileError

COLUMNS = ("uid", "workload")


@dataclass(frozen=True, slots=True)
class Mapped:
    """One resource's workload, and where that is written."""

    workload: str
    line: int


@dataclass(frozen=True, slots=True)
class WorkloadMapping:
    """What the file says; an estate without a file has an empty one."""

    source: str = ""  # the file's name, for people
    by_uid: Mapping[str, Mapped] = field(default_factory=dict)


def read_mapping(text: str, source: str, *, original: Callable[[str], str] = str.strip) -> WorkloadMapping:
    """The mapping in *text*, the content of the file *source*; *original* undoes what an export did to a cell.

    Further columns are left out, so that an exported list can be edited and given back; empty lines and rows without a workload say
    nothing. Raises WorkloadFileError that names each bad row by its line.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    found: dict[str, Mapped] = {}
    problems: list[str] = []
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        missing = [name for name in COLUMNS if header.count(name) != 1]
        if missing:
            raise WorkloadFileError(source, [f"line 1: the header must name the column {' and '.join(missing)} once: uid,workload"])
        uid_at, workload_at = (header.index(name) for name in COLUMNS)
        for row in ([original(cell) for cell in cells] for cells in reader):
            problem = _add(found, row, uid_at, workload_at, reader.line_num) if any(cell.strip() for cell in row) else None
            if problem is not None:
                problems.append(f"line {reader.line_num}: {problem}")
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")
    if problems:
        raise WorkloadFileError(source, problems)
    return WorkloadMapping(source, found)


def _add(found: dict[str, Mapped], row: list[str], uid_at: int, workload_at: int, line: int) -> str | None:
    """Take one row; what is wrong with it, if anything."""
    if len(row) <= max(uid_at, workload_at):
        return f"has {len(row)} columns, but the header has uid and workload; is a comma missing?"
    uid, text = row[uid_at].strip(), row[workload_at].strip()
    if not uid:
        return "has no uid"
    if not text:
        return None
    name = workload_name(text)
    if name is None:
        return f"{text!r} is no name for a workload"
    before = found.get(uid)
    if before is not None and before.workload != name:
        return f"{uid} is in {name!r} here and in {before.workload!r} on line {before.line}"
    found.setdefault(uid, Mapped(name, line))
    return None
