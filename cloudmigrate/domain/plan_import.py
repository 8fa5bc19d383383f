"""An edited table of workloads and waves, read back: a changed cell is a decision; a row that cannot be taken is refused by its line."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cloudmigrate.domain.decisions import Decision, DecisionKind, check_decision, latest_sensible
from cloudmigrate.domain.workload_names import workload_name

UID, WAVE, WORKLOAD = "uid", "wave", "workload"
REASON = "edited table"
_SHOWN_AT_MOST = 120
_DIGITS_AT_MOST = 9
_DELIMITERS = ",;\t"
_LINE_END = re.compile(r"[\r\n]")
_WHOLE = re.compile(r"(\d+)\.0+")  # what a spreadsheet makes of a whole number


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One changed cell."""

    line: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Known:
    """What the plan says of a resource now."""

    wave: int | None = None
    workload: str | None = None
    why_not: str | None = None  # why it has no wave


@dataclass(frozen=True)
class Table:
    """What an edited table asks for."""

    asked: tuple[Asked, ...] = ()
    refused: tuple[Refused, ...] = ()
    rows: int = 0
    unchanged: int = 0
    unread: tuple[str, ...] = field(default=())  # columns that mean nothing here


def read_table(
    text: str, known: Mapping[str, Known], *, by: str, at: datetime, original: Callable[[str], str] = str.strip, reason: str = REASON
) -> Table:
    """The decisions that a CSV with the columns uid, wave and workload (any order, others ignored) asks for.

    Commas, semicolons or tabs part the cells, as the first line shows; *original* undoes what the export did to a cell. A cell that
    says what the plan says already decides nothing; an empty cell decides nothing either. Raises ValueError without a column uid or
    without one of the others, and where one of them stands there twice.
    """
    text = text.lstrip("\ufeff")
    first = _LINE_END.split(text, maxsplit=1)[0]
    # Lines end where CSV has them end; names may hold other characters at which `splitlines` would part them.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=max(_DELIMITERS, key=first.count))
    try:
        header = [name.strip().lower() for name in next(reader, [])]
    except csv.Error as error:
        raise ValueError(f"the first line is no CSV: {error}") from error
    if UID not in header or not {WAVE, WORKLOAD} & set(header):
        raise ValueError(
            f"the first line must name the columns {UID}, and {WAVE} or {WORKLOAD}, not {', '.join(header)[:200] or 'nothing'}"
        )
    twice = [name for name in (UID, WAVE, WORKLOAD) if header.count(name) > 1]
    if twice:
        raise ValueError(f"the first line names the column {' and '.join(twice)} more than once")
    asked: list[Asked] = []
    refused: list[Refused] = []
    seen: dict[str, int] = {}
    unchanged = 0
    rows = [
        (line, {name: original(cell).strip() for name, cell in cells.items()}, malformed)
        for line, cells, malformed in _rows(reader, header)
    ]
    at_odds = _at_odds(row for _, row, malformed in rows if not malformed)
    latest = latest_sensible(max((one.wave for one in known.values() if one.wave), default=0))
    for line, row, malformed in rows:
        uid = row.get(UID, "")
        wrong = malformed or _not_meant(uid, seen, known, at_odds)
        seen.setdefault(uid, line)
        if wrong:
            refused.append(Refused(line, wrong))
            continue
        blank = Decision(DecisionKind.PIN, uid, None, reason or REASON, by, at)
        wanted = list(_decisions(uid, row, known[uid], blank, latest))
        unchanged += not wanted
        for decision in wanted:
            if isinstance(decision, str):
                refused.append(Refused(line, decision))
            else:
                asked.append(Asked(line, decision))
    unread = tuple(name for name in header if name not in (UID, WAVE, WORKLOAD))
    return Table(tuple(asked), tuple(refused), len(rows), unchanged, unread)


def _at_odds(rows: Iterable[Mapping[str, str]]) -> set[str]:
    """Uids of which several rows say different things: nobody knows which is meant."""
    said: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        said[row.get(UID, "")].add((row.get(WAVE, ""), row.get(WORKLOAD, "")))
    return {uid for uid, cells in said.items() if len(cells) > 1}


def _not_meant(uid: str, seen: Mapping[str, int], known: Mapping[str, Known], at_odds: Collection[str]) -> str | None:
    if uid not in known:
        return f"{_shown(uid) if uid else 'an empty uid'} is not in the snapshot"
    if uid in at_odds:
        return f"{uid} stands on several lines that ask for different things" + (f", line {seen[uid]} first" if uid in seen else "")
    return f"{uid} stands on line {seen[uid]} too" if uid in seen else None


def _shown(cell: str) -> str:
    """The cell in a message: controls written out, and never long."""
    told = cell if cell.isprintable() else repr(cell)
    return told if len(told) <= _SHOWN_AT_MOST else f"{told[:_SHOWN_AT_MOST]}..."


def _rows(reader: Any, header: list[str]) -> Iterator[tuple[int, Mapping[str, str], str | None]]:
    """Line number, cells by column, and what is wrong with the row's form."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, {}, f"this is no CSV: {error}"
            return
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        problem = f"{len(cells)} cells where the first line has {len(header)}" if len(cells) != len(header) else None
        yield line, dict(zip(header, cells, strict=False)), problem


def _decisions(uid: str, row: Mapping[str, str], now: Known, blank: Decision, latest: int) -> Iterator[Decision | str]:
    """What the row decides, or why a cell of it cannot be taken."""
    wave, workload = _WHOLE.sub(r"\1", row.get(WAVE, "")), row.get(WORKLOAD, "")
    if workload and workload != now.workload:
        name = workload_name(workload)
        if name is None:
            yield f"{_shown(workload)!r} is no name for a workload"
        elif name != now.workload:
            yield replace(blank, kind=DecisionKind.WORKLOAD, value=name)
    if not wave or wave == str(now.wave):
        return
    if now.wave is None:
        yield f"{uid} has no wave: {now.why_not or 'it does not move'}"
        return
    if wave.isdecimal() and int(wave[:_DIGITS_AT_MOST]) > latest:
        yield f"wave {_shown(wave)} of {uid} is far behind the last of the plan. Next: give a wave up to {latest}."
        return
    decision = replace(blank, value=_shown(wave))
    try:
        check_decision(decision)
    except ValueError as error:
        yield str(error)
        return
    yield decision
