"""A runbook as Markdown (CommonMark with GitHub's tables and task lists); text from strangers is text in it, whatever it holds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import assert_never

from cloudmigrate.domain.runbooks.blocks import (
    AuditEvents,
    Block,
    Bullets,
    CheckItem,
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
    Tone,
)
from cloudmigrate.domain.runbooks.words import span
from reports.runbooks import words

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&!${}^=])")
# Whoever renders it may make links, mentions and mail addresses of such words by itself, escaped or not; within a code span nobody does.
_LINKING = re.compile(r"@|://|www\.", re.IGNORECASE)
_AT_THE_START = re.compile(r"^(\d{1,9})([.)])|^([+-])")
_TICKS = re.compile(r"`+")


def render_markdown(document: Document) -> str:
    """The whole file."""
    head = [f"# {text(document.title)}", "", f"{text(words.stamp(document))}", ""]
    return "\n".join([*head, *_lines(document)]).rstrip("\n") + "\n"


def text(value: str, *, in_table: bool = False) -> str:
    """The value as text of one line, which no reader of Markdown takes for markup, a link, a mention or HTML."""
    shown = words.plain(value)
    pieces = shown.split(" ") if _LINKING.search(shown) else [shown]
    escaped = " ".join(span_of(one, in_table=in_table) if _LINKING.search(one) else _MARKUP.sub(r"\\\1", one) for one in pieces)
    return _AT_THE_START.sub(lambda hit: f"{hit[1]}\\{hit[2]}" if hit[1] else f"\\{hit[3]}", escaped)


def span_of(value: str, *, in_table: bool = False) -> str:
    """The value as a code span; its fence is longer than any run of backticks in it."""
    shown = words.plain(value)
    fence = "`" * (_longest_run(shown) + 1)
    padded = f" {shown} " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else shown
    told = f"{fence}{padded}{fence}"
    return told.replace("|", "\\|") if in_table else told


def fenced(value: str, language: str) -> str:
    """The value as a block to copy; its fence is longer than any run of backticks in it."""
    shown = words.code(value)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest_run(value: str) -> int:
    return max((len(one) for one in _TICKS.findall(value)), default=0)


def _lines(document: Document) -> Iterator[str]:
    for block in document.blocks:
        yield from _block(block, document)
        yield ""


def _block(block: Block, document: Document) -> Iterator[str]:  # noqa: PLR0912 - one case for each kind
    match block:
        case Heading():
            yield f"{'#' * block.level} {text(block.text)}"
        case Paragraph():
            yield text(block.text)
        case Note():
            yield f"> **{'Warning' if block.tone is Tone.WARNING else 'Note'}:** {text(block.text)}"
        case Command():
            if block.says:
                yield f"{text(block.says)}:"
                yield ""
            yield fenced(block.text, block.language.value)
        case Checklist():
            for item in block.items:
                yield _item(item)
        case Table():
            if not block.rows:
                yield text(block.empty)
                return
            yield from table([one.head for one in block.columns], block.rows, [one.is_number for one in block.columns])
        case Pairs():
            yield from table(("", ""), block.items)
        case Bullets():
            for one in block.items:
                yield f"- {text(one)}"
        case PageLinks():
            for title, name in block.items:
                yield f"- [{text(title)}]({words.way_to(document, name, 'md')})"
        case Decision():
            yield f"### Decision: {text(block.name)}"
            yield ""
            yield from table(("", ""), words.decision_rows(block))
            yield ""
            yield fenced(block.command, "bash")
        case Steps():
            heads = words.step_heads(block)
            yield from table(heads, [words.step_cells(one, block) for one in block.rows], [one == "#" for one in heads])
        case AuditEvents():
            heads = words.AUDIT_HEADS
            yield from table(heads, [words.audit_cells(one) for one in block.rows], [one == "#" for one in heads])
        case Gantt():
            rows = [
                (one.label, span(one.starts_after), span(one.starts_after + one.lasts), _cutover(one.cutover_after)) for one in block.bars
            ]
            yield from table(("Workload", "Begins after", "Ends after", "Cutover after"), rows)
        case _:
            assert_never(block)


def _cutover(value: timedelta | None) -> str:
    return span(value) if value is not None else "none"


def _item(item: CheckItem) -> str:
    detail = f" ({text(item.detail)})" if item.detail else ""
    return f"- [{'x' if item.done else ' '}] {text(item.text)}{detail}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[bool] = ()) -> Iterator[str]:
    """A table of GitHub's kind."""
    yield f"| {' | '.join(text(one, in_table=True) for one in heads)} |"
    yield f"| {' | '.join('---:' if number < len(numbers) and numbers[number] else '---' for number in range(len(heads)))} |"
    for row in rows:
        yield f"| {' | '.join(text(one, in_table=True) or ' ' for one in row)} |"
