"""The PDF: complete, tagged, deterministic, of bounded size, and never markup from strangers."""

import json
import re
import shutil
import subprocess
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reports.readiness import charts, evidence, render_pdf
from reports.readiness import view as v
from reports.readiness.printed.blocks import standalone
from reports.readiness.printed.render import fit, printable
from reports.readiness.printed.story import story
from tests.hostile_estate import WORDS
from tests.reports.sample_use import full_report
from tests.reports.sample_views import empty_view, sample_view

PDFTOTEXT = shutil.which("pdftotext")
READINESS = Path(__file__).parents[2] / "reports" / "readiness"


@cache
def sample_pdf() -> bytes:
    return render_pdf(full_report(120))


def texts(value: Any) -> list[str]:
    """Every text of a document's data, charts left out."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for name, one in value.items() if name != "svg" for text in texts(one)]
    return [text for one in value for text in texts(one)] if isinstance(value, list | tuple) else []


def pdf_text(data: bytes, folder: Path) -> str:
    """What a reader can copy out of a PDF, its lines joined."""
    (folder / "report.pdf").write_bytes(data)
    done = subprocess.run([PDFTOTEXT or "", "-layout", folder / "report.pdf", "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode().replace("\u200b", ""))


def test_same_view_same_bytes() -> None:
    assert render_pdf(full_report(120)) == sample_pdf()


def test_the_documents_date_is_the_snapshots() -> None:
    assert b"D:20261122203000" in sample_pdf()
    assert b"<xmp:CreateDate>2026-11-22T20:30:00" in sample_pdf()


def test_it_is_tagged_and_has_contents() -> None:
    assert b"/MarkInfo" in sample_pdf()
    assert b"pdfuaid:part" in sample_pdf()
    assert b"/Title(What could not be seen)" in sample_pdf()


def test_sections_come_in_the_readers_order() -> None:
    told = [section["title"] for section in story(full_report(120))["sections"]]
    assert told == [
        *("Summary", "Can I trust this?", "What does it cost?", "What should we do?", "Waves", "Risk", "Dependencies"),
        *("What does it do all day?", "Annex: workloads", "How we know"),
    ]


def test_each_section_points_to_queries_that_the_annex_lists() -> None:
    view = full_report(120)
    sections = story(view)["sections"]
    named = {number for section in sections[:-1] for block in section["blocks"] for number in _sources(block)}
    commands = [block for block in sections[-1]["blocks"] if block["kind"] == "command"]
    assert named == {block["label"].partition(":")[0] for block in commands}
    assert commands[0]["text"] == evidence.command("resources", view)


def _sources(block: dict[str, Any]) -> list[str]:
    return re.findall(r"Q\d+", block["text"]) if str(block.get("text", "")).startswith("How we know: ") else []


def _poisoned(value: Any, poison: str) -> Any:
    if isinstance(value, tuple):
        return tuple(_poisoned(item, poison) for item in value)
    if isinstance(value, str):
        return f"{value}{poison}"
    if is_dataclass(value) and not isinstance(value, type):
        own = {
            "status",
            "severity",
            "unit",
            "level",
            "finding",
            "snapshot_id",
            "pattern",
            "verdict",
            "strategy",
            "dimension",
            "scenario",
            "term",
        }
        return replace(value, **{one.name: _poisoned(getattr(value, one.name), poison) for one in fields(value) if one.name not in own})
    return value


@pytest.mark.parametrize(
    "poison", ["#panic()", "$x^2$ *b* _i_ @nowhere <label> `raw`", '#read("/etc/passwd")', "= head\n- item", *WORDS[:9]]
)
def test_hostile_text_is_set_as_text(poison: str) -> None:
    view = _poisoned(full_report(30), poison)
    data = story(view)
    assert printable(view.resources[0].name)[:8] == view.resources[0].name[:8]
    assert render_pdf(view).startswith(b"%PDF-")
    assert all(len(text) <= 1_600 for text in texts(fit(data)))


@pytest.mark.skipif(PDFTOTEXT is None, reason="no pdftotext on this machine")
def test_a_hostile_name_can_be_read_as_itself(tmp_path: Path) -> None:
    name = "#panic() $x$ *b* </x>"
    view = replace(sample_view(20), estate_name=name)
    assert f"Migration readiness of {name}" in pdf_text(render_pdf(view), tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain-name", "plain-name", id="short"),
        pytest.param("Grüße, мир, שלום", "Grüße, мир, שלום", id="letters-that-the-fonts-have"),
        pytest.param("\u65e5x", "\u2039U+65E5\u203ax", id="a-letter-without-a-glyph"),
        pytest.param("\u202eab", "\u2039U+202E\u203aab", id="direction"),
        pytest.param("a" * 45, f"{'a' * 20}\u200b{'a' * 20}\u200baaaaa", id="a-long-word-may-break"),
        pytest.param("arn:aws:ec2:eu-central-1", "arn:\u200baws:\u200bec2:\u200beu-central-\u200b1", id="after-signs-first"),
    ],
)
def test_printable(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_charts_are_left_as_they_are() -> None:
    assert fit({"svg": "x" * 50, "alt": "y"}) == {"svg": "x" * 50, "alt": "y"}


def test_a_chart_alone_has_a_size_and_the_classes_of_the_page() -> None:
    svg = standalone(charts.bar(3, 6, part=1), 200)
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" width="212" height="14"><style>')
    assert '<rect class="bar-fill" width="50%"' in svg


def test_every_class_of_a_chart_has_a_colour_in_print() -> None:
    drawn = (READINESS / "charts.py").read_text()
    used = set(re.findall(r'"((?:bar|part|heat)-[a-z]+|grid|reach|tick|median|dot|span|pilot|shut)"', drawn))
    printed = set(re.findall(r"\.([a-z0-9-]+) \{", (READINESS / "static" / "print.css").read_text()))
    assert used <= printed


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(empty_view(), id="nothing-known"),
        pytest.param(sample_view(1), id="one-resource"),
        pytest.param(sample_view(50, gaps=False), id="no-gaps"),
        pytest.param(replace(sample_view(50), plan=None), id="no-plan"),
    ],
)
def test_lean_views_have_no_empty_tables(view: v.ReadinessView) -> None:
    sections = story(view)["sections"]
    assert not [block for section in sections for block in section["blocks"] if block["kind"] == "table" and not block["rows"]]
    assert "None" not in json.dumps(texts(story(view))).replace("None of", "")
    assert render_pdf(view).startswith(b"%PDF-")


def test_ten_thousand_resources_are_summarised() -> None:
    made = render_pdf(full_report(10_000))
    assert len(made) < 3_000_000
    assert made.count(b"/Type/Page/") + made.count(b"/Type /Page\n") < 80
