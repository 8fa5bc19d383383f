"""A runbook as Markdown (CommonMark with GitHub's tables and task lists); text from strangers is text in it, whatever it holds."""

from collections.abc import Iterator
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
from reports.markdown import fenced, table, text
from reports.runbooks import words


def render_markdown(document: Document) -> str:
    """The whole file."""
    head = [f"# {text(document.title)}", "", f"{text(words.stamp(document))}", ""]
    return "\n".join([*head, *_lines(document)]).rstrip("\n") + "\n"


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
            yield from table(words.BAR_HEADS, map(words.bar_cells, block.bars))
        case _:
            assert_never(block)


def _item(item: CheckItem) -> str:
    detail = f" ({text(item.detail)})" if item.detail else ""
    return f"- [{'x' if item.done else ' '}] {text(item.text)}{detail}"
