"""Runbooks as files: what strangers named is text in each of them, commands can be copied whole, the same page has the same bytes."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from cloudmigrate.domain.runbooks.blocks import (
    AuditEvents,
    Bar,
    Bullets,
    CheckItem,
    Checklist,
    Column,
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
from reports.markdown import fenced, text
from reports.runbooks import ENDINGS, Form, rendered
from reports.runbooks.confluence import render_storage
from reports.runbooks.html import render_html
from reports.runbooks.markdown import render_markdown
from reports.written import code, plain
from tests.hostile_estate import WORDS
from tests.runbook_samples import begun_facts, of_kind, pages, sample_facts

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PDFTOTEXT = shutil.which("pdftotext")
HOSTILE = (
    *WORDS,
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example mail@evil.example @everyone",
    "<https://evil.example>",
    "`` ``` ````",
    "| a | b |",
    "# heading",
    "1. one",
    "---",
    "&lt;b&gt;",
    "]]>]]]]><!--",
    "\ud800 alone",
    "#set page(width: 1pt) #panic()",
    "<ac:structured-macro ac:name='html'>",
)


def small() -> Document:
    """A page with one block of most kinds."""
    blocks = (
        Paragraph("All of it."),
        Heading("Before"),
        Checklist((CheckItem("told", done=True, detail="by ana"), CheckItem("a_b"))),
        Note("careful", Tone.WARNING),
        Command("echo '```'", says="Say it"),
        Table((Column("Name"), Column("Count", is_number=True)), (("a|b", "2"),)),
        Table((Column("Name"),), (), empty="Nothing."),
        Pairs((("Wave", "3"),)),
        Bullets(("- one",)),
        PageLinks((("Wave 3", "wave-003/wave"),)),
        Decision("cutover", "Now?", "2 steps", "ana", "not asked yet", "go", "wait", "cloudmigrate approve p"),
    )
    return Document("wave-003/shop-1", "Runbook of shop", "Workload runbook", "acme", "plan-1", AT, blocks)


SMALL_MARKDOWN = """\
# Runbook of shop

Plan plan-1, as of 2026-11-20 12:00 UTC. Steps are those that the engine carries out.

All of it.

## Before

- [x] told (by ana)
- [ ] a\\_b

> **Warning:** careful

Say it:

````bash
echo '```'
````

| Name | Count |
| --- | ---: |
| a\\|b | 2 |

Nothing.

|  |  |
| --- | --- |
| Wave | 3 |

- \\- one

- [Wave 3](wave.md)

### Decision: cutover

|  |  |
| --- | --- |
| Question | Now? |
| Owners | ana |
| Stands before | 2 steps |
| Standing | not asked yet |
| Yes | go |
| No | wait |

```bash
cloudmigrate approve p
```
"""


def test_a_small_page_as_markdown() -> None:
    assert render_markdown(small()) == SMALL_MARKDOWN


@cache
def hostile_pages() -> list[tuple[str, Document]]:
    """The pages of waves whose web server, queue and workload are called so: each word in one of the three places."""
    third = -(-len(HOSTILE) // 3)
    padded = [*HOSTILE, "a", "b"]
    sets = [(padded[at], padded[at + third], padded[at + 2 * third]) for at in range(third)]
    return [(str(one), page) for one in sets for page in pages(begun_facts(web_name=one[0], queue_name=one[1], workload=one[2]))]


def tokens(markdown: str) -> list[Any]:
    """All tokens of the file, those within lines too."""
    found = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [*found, *(child for one in found for child in one.children or ())]


def test_no_name_makes_markup_links_or_html_in_markdown() -> None:
    for word, page in hostile_pages():
        found = tokens(render_markdown(page))
        kinds = {one.type for one in found}
        assert not kinds & {"html_inline", "html_block", "image", "em_open", "hr"}, word
        links = [one.attrs["href"] for one in found if one.type == "link_open"]
        assert all(re.fullmatch(r"[a-z0-9-]+\.md", str(one)) for one in links), (word, links)
        headings = [one for one in found if one.type == "heading_open"]
        assert {one.tag for one in headings} <= {"h1", "h2", "h3"}
        shown = "".join(one.content for one in found if one.type == "text")
        assert not re.search(r"https?://|www\.|\S@\S", shown), "only a code span keeps it from becoming a link"
        rows = sum(len(one.rows) + 1 for kind in (Table, Steps, AuditEvents) for one in of_kind(page, kind) if one.rows)
        facts = sum(len(one.items) + 1 for one in of_kind(page, Pairs)) + 7 * len(of_kind(page, Decision))
        charts = sum(len(one.bars) + 1 for one in of_kind(page, Gantt))
        assert len([one for one in found if one.type == "tr_open"]) == rows + facts + charts, "no word breaks a row or makes one"


@pytest.mark.parametrize("value", ["`", "```", "a ```` b", "no ticks", "``\n`````"])
def test_a_fence_is_longer_than_any_run_of_backticks_in_it(value: str) -> None:
    (block,) = MarkdownIt("commonmark").parse(fenced(value, "bash"))
    assert (block.type, block.content, block.info) == ("fence", value + "\n", "bash")


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_markdown_says_the_word_itself(word: str) -> None:
    """What a reader sees is the word, with what hides in it written out and white space joined."""
    (inline,) = [one for one in MarkdownIt("commonmark").parse(text(f"x {word}")) if one.type == "inline"]
    assert "".join(one.content for one in inline.children or ()) == plain(f"x {word}").strip()


class Tags(HTMLParser):
    """The tags of a page, and the text outside of its style."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.shown += data


def test_no_name_makes_markup_in_html() -> None:
    for word, page in hostile_pages():
        found = Tags()
        found.feed(render_html(page))
        names = {tag for tag, _ in found.tags}
        assert not names & {"script", "img", "x", "iframe", "form", "link", "b"}, word
        assert not any(name.startswith("on") or name == "style" for _, attrs in found.tags for name in attrs), word
        ways = [attrs["href"] or "" for tag, attrs in found.tags if tag == "a"]
        assert all(re.fullmatch(r"#[a-z0-9-]+|[a-z0-9-]+\.html", one) for one in ways), word
        ids = [attrs["id"] for _, attrs in found.tags if attrs.get("id")]
        assert len(ids) == len(set(ids))
        assert {one[1:] for one in ways if one.startswith("#")} <= set(ids), "every link within the page leads somewhere"


def test_steps_link_to_their_audit_events() -> None:
    page = render_html(pages(begun_facts())[0])
    assert '<a href="#event-7" title="step.intent">7</a>, <a href="#event-8" title="step.done">8</a>' in page
    assert '<tr id="event-8">' in page


def timeline() -> Document:
    """A page with the chart of a workload that takes an hour, and of one that only people move."""
    hour = timedelta(hours=1)
    bars = (Bar("shop", 0 * hour, hour, cutover_after=hour / 4), Bar("jobs", 0 * hour, 0 * hour))
    return Document("wave-003/wave", "Wave", "Wave runbook", "acme", "plan-1", AT, (Heading("Timeline"), Gantt(bars, hour)))


def test_what_only_people_do_is_not_told_as_no_time_at_all() -> None:
    told = render_markdown(timeline())
    assert "| shop | 0 s | 1 h 00 min | 15 min |" in told
    assert "| jobs | by hand or staying | not counted | none |" in told
    storage = render_storage(timeline())
    assert "<td>jobs</td><td>by hand or staying</td><td>not counted</td><td>none</td>" in storage
    page = render_html(timeline())
    assert page.count('<rect class="pilot"') == 1, "nothing was timed, so there is no bar"
    assert "by hand or staying, not counted" in page


def parsed(storage: str) -> ET.Element:
    """The storage format as a strict parser of XML reads it."""
    spaces = 'xmlns:ac="urn:ac" xmlns:ri="urn:ri"'
    return ET.fromstring(f"<page {spaces}>{storage}</page>")


def test_confluence_storage_is_valid_whatever_names_hold() -> None:
    allowed = {"page", "p", "h2", "h3", "ul", "li", "table", "tbody", "tr", "th", "td"}
    macros = {"toc", "code", "info", "warning"}
    for word, page in hostile_pages():
        root = parsed(render_storage(page))
        assert {one.tag for one in root.iter() if not one.tag.startswith("{")} <= allowed, word
        assert {one.get("{urn:ac}name") for one in root.iter("{urn:ac}structured-macro")} <= macros, word
        bodies = [one.text for one in root.iter("{urn:ac}plain-text-body")]
        commands = [one.text for one in of_kind(page, Command)] + [one.command for one in of_kind(page, Decision)]
        assert sorted(bodies) == sorted(map(code, commands)), "what is copied is the command, whole"
        ids = [one.text for one in root.iter("{urn:ac}task-id")]
        assert len(ids) == len(set(ids)) == sum(len(one.items) for one in of_kind(page, Checklist))


def test_cdata_that_holds_its_own_end_is_split() -> None:
    page = Document("a", "t", "k", "acme", "p", AT, (Command("echo ']]>' ]]>]]>"),))
    assert "]]]]><![CDATA[>" in render_storage(page)
    assert [one.text for one in parsed(render_storage(page)).iter("{urn:ac}plain-text-body")] == ["echo ']]>' ]]>]]>"]


def test_a_small_page_in_storage_format() -> None:
    root = parsed(render_storage(small()))
    tasks = [(one.findtext("{urn:ac}task-status"), one.findtext("{urn:ac}task-body")) for one in root.iter("{urn:ac}task")]
    assert tasks == [("complete", "told (by ana)"), ("incomplete", "a_b")]
    names = [one.get("{urn:ac}name") for one in root.iter("{urn:ac}structured-macro")]
    assert names == ["toc", "warning", "code", "code"]
    link = next(root.iter("{urn:ri}page"))
    assert link.get("{urn:ri}content-title") == "Wave 3"


def test_a_pdf_has_contents_page_numbers_and_every_section(tmp_path: Path) -> None:
    if PDFTOTEXT is None:
        pytest.skip("pdftotext is not installed")
    page = pages(begun_facts())[0]
    (tmp_path / "a.pdf").write_bytes(rendered(page, Form.PDF))
    done = subprocess.run([PDFTOTEXT, "-layout", tmp_path / "a.pdf", "-"], capture_output=True, check=True)
    told = re.sub(r"\s+", " ", done.stdout.decode().replace("\u200b", ""))
    for heading in of_kind(page, Heading):
        if heading.level == 2:
            assert told.count(heading.text) >= 2, f"{heading.text} stands in the contents and at its place"
    assert "1/" in told.replace(" / ", "/")
    assert "cloudmigrate rollback plan-1 --wave 3" in told
    assert "From the beginning of the wave to" in told


def test_a_pdf_takes_any_name(tmp_path: Path) -> None:
    """All hostile words at once, in every place that a stranger's word can stand in."""
    rows = tuple((word, word) for word in HOSTILE)
    items = tuple(CheckItem(word, detail=word) for word in HOSTILE)
    blocks = (Heading(HOSTILE[0]), Table((Column("Name"), Column("What")), rows), Checklist(items), *(Command(word) for word in HOSTILE))
    made = rendered(Document("a", HOSTILE[0], "k", "acme", "p", AT, blocks), Form.PDF)
    assert made.startswith(b"%PDF")


@pytest.mark.parametrize("form", Form)
def test_the_same_page_has_the_same_bytes(form: Form) -> None:
    assert rendered(small(), form) == rendered(small(), form)
    assert rendered(pages(sample_facts())[1], form) == rendered(pages(sample_facts())[1], form)
    assert ENDINGS[form]


def test_a_hostile_word_reaches_no_form_as_a_control_character() -> None:
    page = Document("a", "\x1b[31m", "k", "acme", "p", AT, (Paragraph("\x00\u202e"), Command("a\x1bb\u202ec\td\r\ne")))
    for form in (Form.MARKDOWN, Form.HTML, Form.CONFLUENCE):
        told = rendered(page, form).decode()
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", told), form
    assert code("a\x1bb\u202ec\td\r\ne") == "a\u2039U+001B\u203ab\u2039U+202E\u203ac\td\ne"
