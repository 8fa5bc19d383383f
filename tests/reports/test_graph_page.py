"""The graph page and the report with it in a real browser: ready, quiet, offline, and it answers to mouse and keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.graph import graph_part, render_graph
from reports.readiness import render_html
from tests.reports.browser import Page, browser, find_chromium
from tests.reports.sample_evidence import graph_of, sample_report
from tests.reports.sample_graph import sample_graph

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine"),
    pytest.mark.xdist_group("browser"),
]
READY = "document.documentElement.dataset.graph === 'ready'"
PANEL = "document.getElementById('graph-panel').textContent"
# Moves the mouse over the canvas until the tip names a dependency; the place in the window, or null.
FIND_LINE = """(() => {
  const canvas = document.getElementById('graph-canvas');
  const tip = document.getElementById('graph-tip');
  const frame = canvas.getBoundingClientRect();
  for (let y = frame.top + 20; y < frame.bottom - 20; y += 6) {
    for (let x = frame.left + 20; x < frame.right - 60; x += 6) {
      canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y, pointerId: 1 }));
      if (!tip.hidden && tip.textContent.includes(' needs ')) return [x, y];
    }
  }
  return null;
})()"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser(CHROMIUM or "") as opened:
        yield opened


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graph") / "graph.html"
    path.write_text(render_graph(sample_graph(120)), encoding="utf-8")
    return path


@pytest.fixture
def graph(page: Page, small: Path) -> Page:
    page.open(small)
    page.until(READY)
    return page


def test_a_graph_of_5000_nodes_and_20000_edges_opens_and_stays_quiet(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_text(render_graph(sample_graph(5_000, 20_000)), encoding="utf-8")
    page.open(path)
    page.until(READY)
    assert page.run("document.querySelectorAll('#graph-edges-table tbody tr').length") == 50
    assert "of 20,000" in page.run("document.querySelector('#graph-edges-pager .range').textContent")
    page.run("document.querySelector('[data-act=open]').click()")
    page.until("document.querySelector('[data-act=open]').textContent === 'Close all groups'")
    assert_quiet_and_offline(page)


def test_the_page_asks_the_network_for_nothing(graph: Page) -> None:
    assert_quiet_and_offline(graph)
    assert len(graph.requests) == 1


def test_a_line_gives_its_evidence(graph: Page) -> None:
    spot = graph.run(FIND_LINE)
    assert spot is not None
    graph.click(*spot)
    if "Each of them" in graph.run(PANEL):  # a bundle: the first of its dependencies
        graph.run("document.querySelector('#graph-panel li button.open').click()")
    shown = graph.run(PANEL)
    for word in ("Dependency", "Needs", "Is needed", "Known by", "Allowed", "Confidence"):
        assert word in shown
    assert_quiet_and_offline(graph)


def test_a_group_opens_into_its_resources(graph: Page) -> None:
    graph.run("document.getElementById('graph-canvas').focus()")
    for _ in range(400):
        graph.press("n")
        if "Open the group" in graph.run(PANEL):
            break
    assert "Open the group" in graph.run(PANEL)
    graph.press("Enter")
    assert "Close the group" in graph.run(PANEL)
    assert graph.run("document.getElementById('live').textContent").endswith("opened")
    graph.press("Escape")
    assert "Nothing selected" in graph.run(PANEL)


def test_search_finds_by_name_and_selects(graph: Page) -> None:
    graph.run("document.getElementById('graph-search').focus()")
    graph.type("billing-db")
    graph.until("!document.getElementById('graph-hits').hidden")
    assert "billing-db-1" in graph.run("document.getElementById('graph-hits').textContent")
    graph.press("Enter")
    graph.until(f"{PANEL}.includes('billing-db-1')")
    assert graph.run("document.activeElement.id") == "graph-canvas"


def test_a_search_without_an_answer_says_so(graph: Page) -> None:
    graph.run("document.getElementById('graph-search').focus()")
    graph.type("no such thing")
    graph.until("document.getElementById('graph-hits').textContent.includes('Nothing has that name')")


def test_the_table_beside_it_filters_and_follows_the_selection(graph: Page) -> None:
    graph.run("document.querySelector('.graph-tabs [data-table=nodes]').click()")
    assert graph.run("document.getElementById('graph-nodes-part').hidden") is False
    assert graph.run("document.getElementById('graph-edges-part').hidden") is True
    graph.run("document.querySelector('#graph-nodes-tools input[type=search]').focus()")
    graph.type("orders-api")
    graph.until("[...document.querySelectorAll('#graph-nodes-table tbody tr')].every((row) => row.textContent.includes('orders-api'))")


def test_colours_have_a_legend_for_wave_risk_and_account(graph: Page) -> None:
    legends = {}
    for scheme in ("wave", "risk", "account"):
        choose(graph, "#graph-colour", scheme)
        legends[scheme] = graph.run("document.getElementById('graph-legend').textContent")
    assert "Wave 1" in legends["wave"]
    assert "low" in legends["risk"]
    assert "111111111111" in legends["account"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    view = sample_report(200)
    path = tmp_path_factory.mktemp("report") / "readiness.html"
    path.write_text(render_html(view, graph_part(graph_of(view))), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["light-desk", "dark-phone"])
def test_the_report_opens_with_its_graph_and_never_scrolls_sideways(page: Page, report: Path, width: int, dark: bool) -> None:
    page.open(report, width=width, dark=dark)
    page.until(READY)
    assert page.run("document.documentElement.scrollWidth") <= width
    assert_quiet_and_offline(page)


def test_a_resource_of_the_report_shows_its_risk_and_leads_into_the_graph(page: Page, report: Path) -> None:
    page.open(report)
    page.until(READY)
    page.run("document.querySelector('#risks .risky details').open = true; document.querySelector('#risks .risky button.open').click()")
    assert page.run("document.getElementById('resource').open") is True
    text = page.run("document.getElementById('resource').textContent")
    for word in ("Risk", "Factor", "data volume", "points"):
        assert word in text
    page.run("[...document.querySelectorAll('#resource button')].find((one) => one.textContent === 'In the graph').click()")
    assert page.run("document.getElementById('resource').open") is False
    assert page.run("document.querySelector('#graph-panel h3').textContent")
    assert page.run("document.activeElement.id") == "graph-canvas"


def test_tables_of_workloads_and_needed_rules_page_and_filter(page: Page, report: Path) -> None:
    page.open(report)
    page.until(READY)
    assert page.run("document.querySelector('#workloads-pager .range').textContent").endswith("workloads")
    choose(
        page, "#needed-tools [data-filter=kind]", page.run("document.querySelector('#needed-tools [data-filter=kind]').options[1].value")
    )
    assert "filtered from" in page.run("document.querySelector('#needed-pager .range').textContent")


def choose(page: Page, select: str, value: str) -> None:
    """Choose an option as a person does."""
    page.run(
        f"(() => {{ const box = document.querySelector('{select}'); box.value = '{value}'; box.dispatchEvent(new Event('change')); }})()"
    )


def assert_quiet_and_offline(page: Page) -> None:
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith("file:")] == []
