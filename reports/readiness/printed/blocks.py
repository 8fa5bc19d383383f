"""What a printed page is made of: blocks of plain data, which `templates/readiness.typ` knows how to set.

Every text in a block is text: the template takes it as data, so nothing in it is ever read as markup.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

Block = dict[str, Any]
Cell = str | Block
CHART_WIDTH = 240
_MARGIN = 6  # room for what a chart draws over its own edges
_STYLE = Path(__file__).parent.parent / "static" / "print.css"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, its share of the width (0: as wide as its text), and whether it holds numbers."""

    head: str
    share: float = 0
    number: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the document: its title, its blocks, the figures whose queries the annex names, whether it begins a page."""

    title: str
    blocks: tuple[Block, ...]
    figures: tuple[str, ...] = ()
    new_page: bool = False


def lead(text: str) -> Block:
    """The sentence that says what a section found."""
    return {"kind": "lead", "text": text}


def paragraph(text: str) -> Block:
    """Running text."""
    return {"kind": "paragraph", "text": text}


def note(text: str) -> Block:
    """Small print."""
    return {"kind": "note", "text": text}


def warning(text: str) -> Block:
    """What must not be overlooked."""
    return {"kind": "warning", "text": text}


def heading(text: str, level: int = 2) -> Block:
    """The heading of a part; 2 stands in the contents, 3 does not."""
    return {"kind": "heading", "text": text, "level": level}


def listing(items: Iterable[str]) -> tuple[Block, ...]:
    """Points, one below the other; nothing where there are none."""
    found = [item for item in items if item]
    return ({"kind": "list", "items": found},) if found else ()


def figures(items: Iterable[tuple[str, str, str]]) -> Block:
    """Key figures: label, value, note."""
    return {"kind": "figures", "items": [{"label": label, "value": value, "note": small} for label, value, small in items]}


def ribbon(items: Iterable[tuple[str, str, str, str]]) -> Block:
    """The trust ribbon: label, value, note, tone (good, gap, plain)."""
    keys = ("label", "value", "note", "tone")
    return {"kind": "ribbon", "items": [dict(zip(keys, item, strict=True)) for item in items]}


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, small: bool = False) -> Block:
    """A table whose head repeats on each page."""
    heads = [{"head": one.head, "share": one.share, "number": one.number} for one in columns]
    return {"kind": "table", "columns": heads, "rows": [list(row) for row in rows], "small": small}


def key(entries: Iterable[tuple[str, str]]) -> Block:
    """What the colours of a chart mean: class and words."""
    return {
        "kind": "key",
        "items": [
            {"svg": _alone(Markup('<rect class="{}" width="12" height="12"/>').format(name), 12, 12), "text": text}
            for name, text in entries
        ],
    }


def picture(svg: Markup, alt: str, *, width: int = 0, share_pct: int = 100) -> Block:
    """A chart that stands by itself, on so much of the page's width, and says in *alt* what it shows."""
    return {"kind": "picture", "svg": standalone(svg, width or CHART_WIDTH), "alt": alt, "share": share_pct}


def chart(svg: Markup, width: int = CHART_WIDTH) -> Block:
    """A chart in a table's cell, beside numbers that say the same."""
    return {"svg": standalone(svg, width)}


def standalone(svg: Markup, width: int) -> str:
    """An inline chart of the page as a file of its own: as wide as *width*, with the style sheet's classes."""
    text = str(svg).replace('width="100%"', f'width="{width}" overflow="visible"', 1)
    opening = text[: text.index(">")]
    height = float(opening.partition(' height="')[2].partition('"')[0])
    inner = Markup(text.replace("<svg ", f'<svg x="{_MARGIN}" y="1" ', 1))  # noqa: S704  # our own chart
    own = text.partition(' width="')[2].partition('"')[0]
    return _alone(inner, float(own) + 2 * _MARGIN, height + 2)


def _alone(inner: Markup, width: float, height: float) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"><style>{_style()}</style>'
    return f"{head}{inner}</svg>"


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8")
