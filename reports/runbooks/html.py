"""A runbook as one HTML file: no script, no network, nothing from strangers read as markup, the same bytes for the same document."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cloudmigrate.domain.runbooks.blocks import Bar, Block, Document, Gantt, Heading
from cloudmigrate.domain.runbooks.words import span
from reports import written
from reports.runbooks import words

_HERE = Path(__file__).parent
_STYLES = (_HERE.parent / "readiness" / "static" / "report.css", _HERE / "static" / "runbook.css")
WIDE = 1000  # units of a bar's drawing
LEAST = 3.0  # of them: a bar that lasts a moment can be seen; what is not counted has none


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading."""

    number: int
    title: str
    blocks: tuple[Block, ...]


def render_html(document: Document) -> str:
    """The page."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("runbook.html.j2")
        .render(
            document=document,
            stamp=words.stamp(document),
            intro=intro(document),
            sections=sections(document),
            style=Markup(style),  # noqa: S704  # our own files
            style_hash=f"sha256-{digest}",
            way_to=lambda name: words.way_to(document, name, "html"),
        )
    )


def intro(document: Document) -> tuple[Block, ...]:
    """What stands before the first heading."""
    at = next((number for number, one in enumerate(document.blocks) if _begins(one)), len(document.blocks))
    return document.blocks[:at]


def sections(document: Document) -> tuple[Section, ...]:
    """The document cut at its headings of the second level."""
    found: list[tuple[str, list[Block]]] = []
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 2:
            found.append((block.text, []))
        elif found:
            found[-1][1].append(block)
    return tuple(Section(number, title, tuple(blocks)) for number, (title, blocks) in enumerate(found, start=1))


def _begins(block: Block) -> bool:
    return isinstance(block, Heading) and block.level == 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar in units of its drawing."""

    label: str
    x: float
    width: float
    done: float
    cutover: float | None
    words: str


def drawn(chart: Gantt) -> tuple[Drawn, ...]:
    """The bars on an axis from the beginning of the wave to the end of the last."""
    whole = chart.lasts.total_seconds() or 1.0
    return tuple(_drawn(one, WIDE / whole) for one in chart.bars)


def _drawn(one: Bar, scale: float) -> Drawn:
    width = max(one.lasts.total_seconds() * scale, LEAST) if one.lasts else 0.0
    x = min(one.starts_after.total_seconds() * scale, WIDE - width)
    told = f"{span(one.starts_after)} to {span(one.starts_after + one.lasts)}" if one.lasts else "by hand or staying, not counted"
    cutover = None
    if one.cutover_after is not None:
        cutover = round(min(one.cutover_after.total_seconds() * scale, WIDE - 1.0), 1)
        told += f", cutover after {span(one.cutover_after)}"
    return Drawn(one.label, round(x, 1), round(width, 1), round(width * one.done_share, 1), cutover, told)


def kind(block: Block) -> str:
    """By which macro of the template the block is set."""
    return type(block).__name__


@cache
def _style() -> str:
    return "".join(one.read_text(encoding="utf-8") for one in _STYLES)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(plain=written.plain, code=written.code, span=span, kind=kind, drawn=drawn)
    made.globals.update(words=words, wide=WIDE)
    return made
