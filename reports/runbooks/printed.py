"""A runbook as a PDF: data in, bytes out; the same bytes for the same document, from fonts that the typst wheel carries."""

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

from cloudmigrate.domain.runbooks.blocks import (
    AuditEvents,
    Block,
    Bullets,
    Checklist,
    Command,
    Decision,
    Document,
    Gantt,
    Heading,
    Note,
    PageLinks,
    Pairs,
    Paragraph,
    Steps,
    Table,
)
from cloudmigrate.domain.runbooks.words import span
from reports import written
from reports.readiness.printed.render import printable
from reports.runbooks import words
from reports.runbooks.html import WIDE, drawn

if TYPE_CHECKING:
    import typst

_TEMPLATE = Path(__file__).parent / "templates" / "runbook.typ"
_UNBROKEN = re.compile(r"\S{81,}")
COMMAND_AT_MOST = 4_000
CUT = "\n... cut here: the Markdown and the HTML have it whole"


def render_pdf(document: Document) -> bytes:
    """The file, tagged for screen readers. Long commands are cut in it; to copy, take them from the Markdown or the HTML."""
    import typst

    at = document.as_of.replace(microsecond=0)
    data = {
        "title": text(document.title),
        "kicker": text(document.kicker),
        "stamp": text(words.stamp(document)),
        "header": [text(document.title), text(document.plan_id)],
        "moment": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "blocks": [set_block(one) for one in document.blocks],
    }
    compiler = typst.Compiler(_TEMPLATE.read_bytes(), font_paths=_fonts())  # one compiles once
    made = compiler.compile(format="pdf", sys_inputs={"runbook": json.dumps(data, ensure_ascii=False)}, timestamp=at, pdf_standards="ua-1")
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


@cache
def _fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False)


def text(value: str) -> str:
    """The value fit for paper, on one line, with places where a long word may break."""
    return printable(written.plain(value), at_most=written.TEXT_AT_MOST)


def code(value: str) -> str:
    """A command fit for paper, in its lines: only words that no line holds may break."""
    whole = written.code(value)
    shown = whole if len(whole) <= COMMAND_AT_MOST else whole[:COMMAND_AT_MOST] + CUT
    lines = [printable(line, at_most=COMMAND_AT_MOST, unbroken=_UNBROKEN) for line in shown.split("\n")]
    return "\n".join(lines)


def set_block(block: Block) -> dict[str, Any]:  # noqa: PLR0911, PLR0912 - one for each kind
    """The block as the template takes it: plain values, all text in them fit for paper."""
    match block:
        case Heading():
            return {"kind": "heading", "text": text(block.text), "level": block.level - 1}
        case Paragraph():
            return {"kind": "paragraph", "text": text(block.text)}
        case Note():
            return {"kind": block.tone.value, "text": text(block.text)}
        case Command():
            return {"kind": "command", "says": text(block.says), "text": code(block.text)}
        case Checklist():
            return {
                "kind": "ticks",
                "items": [{"done": one.done, "text": text(one.text), "detail": text(one.detail)} for one in block.items],
            }
        case Table():
            if not block.rows:
                return {"kind": "paragraph", "text": text(block.empty)}
            return _table([one.head for one in block.columns], block.rows, words.number_columns(block))
        case Pairs():
            return {"kind": "facts", "rows": [[text(name), text(value)] for name, value in block.items]}
        case Bullets():
            return {"kind": "list", "items": [text(one) for one in block.items]}
        case PageLinks():
            return {"kind": "list", "items": [text(title) for title, _ in block.items]}
        case Decision():
            rows = [[text(name), text(value)] for name, value in words.decision_rows(block)]
            return {"kind": "decision", "name": text(f"Decision: {block.name}"), "rows": rows, "command": code(block.command)}
        case Steps():
            return _table(words.step_heads(block), [words.step_cells(one, block) for one in block.rows], [0], across=True)
        case AuditEvents():
            return _table(words.AUDIT_HEADS, [words.audit_cells(one) for one in block.rows], [0])
        case Gantt():
            bars = [
                {
                    "label": text(one.label),
                    "x": 100 * one.x / WIDE,
                    "width": 100 * one.width / WIDE,
                    "done": 100 * one.done / WIDE,
                    "cutover": None if one.cutover is None else 100 * one.cutover / WIDE,
                    "words": text(one.words),
                }
                for one in drawn(block)
            ]
            return {"kind": "gantt", "bars": bars, "lasts": span(block.lasts)}
        case _:
            assert_never(block)


# Widths beside one another; a column that is not named has 1.3.
SHARES = {
    "Step": 4.5,
    "What a person does": 3.0,
    "Of": 2.6,
    "Takes back": 2.2,
    "What": 2.0,
    "Why": 2.0,
    "Calls": 2.3,
    "Expected": 1.6,
    "Where": 1.0,  # an account above its region: no region is broken at its hyphens
    "Now": 0.9,
    "Took": 0.7,
    "Starts after": 0.9,
}


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int], *, across: bool = False) -> dict[str, Any]:
    """A table; *across*: on pages that lie on their side."""
    columns = [
        {"head": text(one), "number": at in numbers, "share": 0 if at in numbers else SHARES.get(one, 1.3)} for at, one in enumerate(heads)
    ]
    return {"kind": "table", "columns": columns, "rows": [[text(cell) for cell in row] for row in rows], "across": across}
