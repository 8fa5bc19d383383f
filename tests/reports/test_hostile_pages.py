"""Hostile words from a lake through planning into every export and page: all come back, and no script of theirs runs."""

import csv
import io
import json
from pathlib import Path

import networkx as nx
import pytest

from cloudmigrate.domain.plan import verify_document
from cloudmigrate.workspace import Workspace
from reports import exports
from tasks.graph_view import read_graph
from tasks.reporting import ENDINGS, render_report
from tests.hostile_estate import WORDS, take_hostile_plan, uids
from tests.planned_estate import estate_in
from tests.reports.browser import browser, find_chromium

CHROMIUM = find_chromium()
pytestmark = pytest.mark.xdist_group("browser")
READY = "document.documentElement.dataset.graph === 'ready'"
# Opens whatever opens, so that every text is put into the page at some time.
OPEN_ALL = """(() => {
  document.querySelectorAll('details').forEach((one) => { one.open = true; });
  document.querySelectorAll('[data-act=open], .graph-tabs button').forEach((one) => one.click());
  [...document.querySelectorAll('button.open')].slice(0, 20).forEach((one) => one.click());
})()"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str, str]:
    workspace = Workspace.open(estate_in(tmp_path_factory.mktemp("hostile")))
    return workspace, *take_hostile_plan(workspace)


def test_every_export_and_the_plan_hold_what_they_were_given(planned: tuple[Workspace, str, str]) -> None:
    workspace, snapshot_id, plan_id = planned
    graph = read_graph(workspace, snapshot_id, plan_id)
    inside = set(uids())

    linked = nx.node_link_graph(json.loads(exports.render_node_link(graph)), edges="edges")
    rows = list(csv.DictReader(io.StringIO(exports.nodes_csv(graph), newline="")))
    marked = nx.parse_graphml(exports.render_graphml(graph), force_multigraph=True)

    assert inside <= set(linked)
    assert inside <= {exports.original_cell(row["uid"]) for row in rows}
    assert (len(marked), marked.number_of_edges()) == (len(linked), linked.number_of_edges())
    assert {data.get("name") for _, data in marked.nodes(data=True)} >= {word for word in WORDS if word.isprintable()}
    plan = workspace.ledger.plan(plan_id)
    assert plan is not None
    assert verify_document(json.loads(workspace.lake.read_document(plan.path)))
    with workspace.views(snapshot_id, plan_id) as views:
        assert {row["workload"] for row in views.query("select workload from workloads").rows} == set(WORDS)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")
def test_no_page_runs_what_a_name_says(planned: tuple[Workspace, str, str], tmp_path: Path) -> None:
    files = render_report(*planned).files
    json.loads(files["json"])
    assert files["pdf"].startswith(b"%PDF-")
    with browser(CHROMIUM or "") as page:
        for kind in ("graph", "html"):
            path = tmp_path / ENDINGS[kind]
            path.write_bytes(files[kind])
            page.open(path)
            page.until(READY)
            page.run("document.getElementById('graph-search').focus()")
            page.type("script")
            page.until("document.getElementById('graph-hits').textContent.includes('window.pwned=1</script>')")
            page.run(OPEN_ALL)
            assert page.run("typeof window.pwned") == "undefined"
            assert page.run("document.querySelectorAll('img, iframe, a[href^=javascript]').length") == 0
            assert (page.errors, [url for url in page.requests if not url.startswith("file:")]) == ([], [])
