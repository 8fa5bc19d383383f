"""A runbook in Confluence's storage format: XHTML with its macros for code, info, warning, contents and task lists.

Source: Atlassian's documentation, "Confluence Storage Format" and "Confluence Storage Format for Macros". Text is escaped; what stands in
a code macro is CDATA, which is closed and opened again where it holds its own end.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import assert_never
from xml.sax.saxutils import escape, quoteattr

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
    Language,
    Note,
    PageLinks,
    Pairs,
    Paragraph,
    Steps,
    Table,
    Tone,
)
from reports import written
from reports.runbooks import words

LANGUAGES = {Language.SHELL: "bash", Language.SQL: "sql", Language.TEXT: "none"}


def render_storage(document: Document) -> str:
    """The body of the page, without its title, which Confluence keeps apart."""
    numbers = itertools.count(1)
    parts = [f"<p>{text(words.stamp(document))}</p>", _macro("toc", parameters={"maxLevel": "2"})]
    parts += [_block(one, document, numbers) for one in document.blocks]
    return "\n".join(parts) + "\n"


@lru_cache(maxsize=8192)  # the pages of a wave and of its workloads say the same words
def text(value: str) -> str:
    """The value as text of XML."""
    return escape(written.plain(value))


def cdata(value: str) -> str:
    """The value as CDATA; its own end within it is split over two."""
    return f"<![CDATA[{written.code(value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def _macro(name: str, *, parameters: dict[str, str] | None = None, code: str | None = None, body: str | None = None) -> str:
    told = "".join(f"<ac:parameter ac:name={quoteattr(key)}>{escape(value)}</ac:parameter>" for key, value in (parameters or {}).items())
    told += f"<ac:plain-text-body>{cdata(code)}</ac:plain-text-body>" if code is not None else ""
    told += f"<ac:rich-text-body>{body}</ac:rich-text-body>" if body is not None else ""
    return f'<ac:structured-macro ac:name="{name}" ac:schema-version="1">{told}</ac:structured-macro>'


def _code(value: str, language: Language) -> str:
    return _macro("code", parameters={"language": LANGUAGES[language]}, code=value)


def _block(block: Block, document: Document, numbers: Iterator[int]) -> str:  # noqa: PLR0911, PLR0912 - one for each kind
    match block:
        case Heading():
            return f"<h{block.level}>{text(block.text)}</h{block.level}>"
        case Paragraph():
            return f"<p>{text(block.text)}</p>"
        case Note():
            return _macro("warning" if block.tone is Tone.WARNING else "info", body=f"<p>{text(block.text)}</p>")
        case Command():
            return (f"<p>{text(block.says)}:</p>" if block.says else "") + _code(block.text, block.language)
        case Checklist():
            return _tasks(block, numbers)
        case Table():
            return _table([one.head for one in block.columns], block.rows) if block.rows else f"<p>{text(block.empty)}</p>"
        case Pairs():
            return _facts(block.items)
        case Bullets():
            return f"<ul>{''.join(f'<li>{text(one)}</li>' for one in block.items)}</ul>"
        case PageLinks():
            return f"<ul>{''.join(f'<li>{_link(title)}</li>' for title, _ in block.items)}</ul>"
        case Decision():
            return f"<h3>Decision: {text(block.name)}</h3>{_facts(words.decision_rows(block))}{_code(block.command, Language.SHELL)}"
        case Steps():
            return _table(words.step_heads(block), [words.step_cells(one, block) for one in block.rows])
        case AuditEvents():
            return _table(words.AUDIT_HEADS, [words.audit_cells(one) for one in block.rows])
        case Gantt():
            return _table(words.BAR_HEADS, map(words.bar_cells, block.bars))
        case _:
            assert_never(block)


def _tasks(block: Checklist, numbers: Iterator[int]) -> str:
    tasks = []
    for item in block.items:
        status = "complete" if item.done else "incomplete"
        detail = f" ({text(item.detail)})" if item.detail else ""
        body = f"<ac:task-body>{text(item.text)}{detail}</ac:task-body>"
        tasks.append(f"<ac:task><ac:task-id>{next(numbers)}</ac:task-id><ac:task-status>{status}</ac:task-status>{body}</ac:task>")
    return f"<ac:task-list>{''.join(tasks)}</ac:task-list>" if tasks else ""


def _link(title: str) -> str:
    """A link to a page of the same space, by its title."""
    shown = written.plain(title)
    return f"<ac:link><ri:page ri:content-title={quoteattr(shown)}/><ac:link-body>{escape(shown)}</ac:link-body></ac:link>"


def _facts(rows: Iterable[tuple[str, str]]) -> str:
    told = "".join(f"<tr><th>{text(name)}</th><td>{text(value)}</td></tr>" for name, value in rows)
    return f"<table><tbody>{told}</tbody></table>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{text(one)}</th>" for one in heads)
    told = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tbody><tr>{head}</tr>{told}</tbody></table>"
