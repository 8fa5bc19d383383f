"""The document compiled: data in, PDF bytes out; the same bytes for the same view, from fonts that the typst wheel carries."""

import json
import re
from pathlib import Path
from typing import Any

from reports.readiness.printed.story import story
from reports.readiness.text import visible
from reports.readiness.view import ReadinessView

_TEMPLATE = Path(__file__).parent.parent / "templates" / "readiness.typ"
# Libertinus Serif and DejaVu Sans Mono hold Latin, Greek, Cyrillic, Hebrew, Arabic, Georgian and signs; any other letter is told by
# its number, since an empty box would say nothing.
_NO_GLYPH = re.compile("[^\u0000-\u06ff\u10a0-\u10ff\u1e00-\u1fff\u2000-\u27ff\u2900-\u2bff\ufb00-\ufb06]")
_UNBROKEN = re.compile(r"\S{21,}")
_MAY_BREAK = "/:._-,;=@|"
_RUN = 20
_TEXT_AT_MOST, _CELL_AT_MOST = 1_200, 240


def render_pdf(view: ReadinessView) -> bytes:
    """The report as a PDF, tagged for screen readers. It holds what a board reads; report.json and the HTML hold every row."""
    import typst

    data = {name: value if name == "moment" else fit(value) for name, value in story(view).items()}
    compiler = typst.Compiler(_TEMPLATE.read_bytes(), font_paths=typst.Fonts(include_system_fonts=False))
    made = compiler.compile(
        format="pdf", sys_inputs={"report": json.dumps(data, ensure_ascii=False)}, timestamp=view.snapshot_at, pdf_standards="ua-1"
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


def fit(value: Any, at_most: int = _TEXT_AT_MOST) -> Any:
    """*value* with every text fit for paper, of at most so many letters; charts as they are."""
    if isinstance(value, str):
        return printable(value, at_most=at_most)
    if isinstance(value, dict):
        return {name: one if name == "svg" else fit(one, _CELL_AT_MOST if name == "rows" else at_most) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [fit(one, at_most) for one in value]
    return value


def printable(text: str, *, at_most: int = _TEXT_AT_MOST, unbroken: re.Pattern[str] = _UNBROKEN) -> str:
    """*text* without signs that hide or that the fonts lack, and with places where a long word, one that is *unbroken*, may break."""
    shown = _NO_GLYPH.sub(lambda hit: f"\u2039U+{ord(hit.group()):04X}\u203a", visible(text, at_most=at_most))
    return unbroken.sub(lambda hit: _breakable(hit.group()), shown)


def _breakable(word: str) -> str:
    pieces, run = [], 0
    for letter in word:
        pieces.append(letter)
        run += 1
        if (letter in _MAY_BREAK and run > 3) or run >= _RUN:
            pieces.append("\u200b")
            run = 0
    return "".join(pieces)
