"""The whole report in a real browser, held against WCAG by axe-core; contrast is measured here, for every text in both themes."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from reports.graph import graph_part
from reports.readiness import render_html
from tests.reports.browser import Page, browser, find_chromium
from tests.reports.sample_evidence import graph_of
from tests.reports.sample_use import full_report

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine"),
    pytest.mark.xdist_group("browser"),
]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
# axe 4.4 gives up on contrast where a colour is a mix; contrast.js does not.
AXE = """axe.run(document, { resultTypes: ['violations'], rules: { 'color-contrast': { enabled: false } } })
  .then((found) => found.violations.map((one) => [one.id, ...one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120))]))"""
OPEN_ALL = "document.querySelectorAll('main details').forEach((one) => { one.open = true; })"
FOCUS = (
    "(() => { const at = document.activeElement; return at === document.body ? '' : `${at.tagName} ${at.textContent.slice(0, 40)}`; })()"
)
UNLABELLED = (
    "[...document.querySelectorAll('svg')].filter((one) => !one.ariaHidden && !one.ariaLabel && !one.querySelector('title')).length"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    view = full_report(20)
    path = tmp_path_factory.mktemp("report") / "readiness.html"
    path.write_text(render_html(view, graph_part(graph_of(view))), encoding="utf-8")
    with browser(CHROMIUM or "") as opened:
        opened.open(path)
        yield opened


def theme(page: Page, name: str) -> None:
    page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])


def test_axe_finds_nothing_and_no_key_is_caught(page: Page) -> None:
    page.run(f"{(files('axe_core_python') / 'axe.min.js').read_text(encoding='utf-8')}; 0")
    assert page.run(AXE) == []
    assert page.run(UNLABELLED) == 0
    seen = []
    for _ in range(12):
        page.press("Tab")
        seen.append(page.run(FOCUS))
    assert seen[0] == "A Skip to the report"
    assert seen[1] == "A Can I trust this?"
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(page: Page, name: str) -> None:
    theme(page, name)
    page.run(OPEN_ALL)
    page.run("document.querySelector('button.open').click()")
    assert page.run(CONTRAST) == []
    page.run("document.getElementById('resource').close()")


@pytest.mark.parametrize(
    ("label", "heads"),
    [
        pytest.param(
            "Estimate against the bill", ["none", '"Billed USD"', '"Estimated USD"', '"Error"', '"Lines priced"', "none"], id="bill"
        ),
        pytest.param("Move groups", ['"Resources"', '"Wave"', '"Bound by"'], id="move groups"),
        pytest.param(
            "Recommendation for every resource",
            ["none", '"Confidence"', '"Why"', '"Why not otherwise"', '"Decided by"'],
            id="recommendations",
        ),
    ],
)
def test_on_a_phone_a_table_of_many_words_is_read_without_scrolling_sideways(page: Page, label: str, heads: list[str]) -> None:
    """Each cell with its head beside it, as the heads of the columns are gone."""
    page.resize(390, 844)
    table = f"document.querySelector('[aria-label=\"{label}\"]')"
    try:
        assert page.run(f"{table}.scrollWidth <= {table}.clientWidth")
        shown = page.run(
            f"[...{table}.querySelectorAll('tbody tr:first-child td')].map((one) => getComputedStyle(one, '::before').content)"
        )
        assert shown == heads
    finally:
        page.resize(1280, 900)
    assert page.run(f"getComputedStyle({table}.querySelector('thead')).display") == "table-header-group"
    assert page.run(f"getComputedStyle({table}.querySelector('tbody tr')).display") == "table-row"


def test_on_a_phone_recommendations_are_still_sorted_by_their_heads(page: Page) -> None:
    page.resize(390, 844)
    try:
        first = "document.querySelector('#strategies-table tbody td[data-head=Confidence]').textContent"
        head = "document.querySelector('#strategies-table th[data-key=confidence] button')"
        assert page.run(f"{head}.getBoundingClientRect().height > 0")
        page.run(f"{head}.click()")
        highest = page.run(first)
        page.run(f"{head}.click()")
        assert float(page.run(first).split("\u202f")[0]) < float(highest.split("\u202f")[0])
    finally:
        page.resize(1280, 900)


def test_contrast_is_really_measured(page: Page) -> None:
    theme(page, "light")
    page.run("document.getElementById('summary-title').style.color = 'color-mix(in srgb, gray 20%, white)'")
    (found,) = page.run(CONTRAST)
    page.run("document.getElementById('summary-title').style.color = ''")
    assert found.startswith("H2 1.")
