"""The HTML file: self-contained, deterministic, and never markup from strangers."""

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from reports.graph import graph_part
from reports.graph.limit import limited
from reports.readiness import render_html
from reports.readiness import view as v
from reports.readiness.dependency_view import FlowLogs
from tasks.reporting import EDGES_EMBEDDED_AT_MOST, NODES_EMBEDDED_AT_MOST
from tests.reports.sample_evidence import graph_of
from tests.reports.sample_use import full_report
from tests.reports.sample_views import empty_view, sample_view
from tests.reports.test_pack import restored

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "</style><!--",
    "\"'><svg onload=alert(1)>",
    "javascript:alert(1)",
    "\u202egpj.exe",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp; \u2028\u2029",
    "\x00\x1b[31m\r\n",
    "A" * 10_000,
)
VOID = {"meta", "link", "br", "img", "input", "hr", "area", "base", "col", "embed", "source", "track", "wbr"}
# Fields that only our own code fills, and that steer the layout.
OWN_WORDS = {"status", "severity", "unit", "type", "kind", "role", "snapshot_id", "metric", "rule", "level", "finding", "peer_kind"}
OWN_WORDS |= {"pattern", "verdict", "strategy", "recommended", "dimension", "scenario", "term", "part", "runner_up", "item"}


class Outline(HTMLParser):
    """Tags, attributes, text and the content of the data block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: set[tuple[str, str]] = set()
        self.tags: Counter[str] = Counter()
        self.values: list[tuple[str, str, str]] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.declarations: list[str] = []
        self.comments: list[str] = []
        self._kind = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.shape.add((tag, ""))
        for name, value in attrs:
            self.shape.add((tag, name))
            self.values.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self.open.append(tag)
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]][-1] += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


@cache
def sample_html() -> str:
    return whole(full_report(120))


def whole(view: v.ReadinessView) -> str:
    """The report with its graph."""
    return render_html(view, graph_part(graph_of(view)))


def poisoned(value: Any, poison: str) -> Any:
    """*value* with *poison* appended to every text that a stranger could have written."""
    if isinstance(value, tuple):
        return tuple(poisoned(item, poison) for item in value)
    if isinstance(value, str):
        return f"{value}{poison}"
    if is_dataclass(value) and not isinstance(value, type):
        changes = {field.name: poisoned(getattr(value, field.name), poison) for field in fields(value) if field.name not in OWN_WORDS}
        return replace(value, **changes)
    return value


@pytest.mark.parametrize(
    "poison", HOSTILE, ids=["script", "end-script", "end-style", "quotes", "url", "direction", "jinja", "entities", "control", "long"]
)
def test_hostile_text_adds_no_markup(poison: str) -> None:
    clean = outline(whole(poisoned(full_report(120), "zz")))
    html = whole(poisoned(full_report(120), poison))
    dirty = outline(html)
    assert dirty.shape == clean.shape
    assert dirty.tags == clean.tags
    assert dirty.comments == []
    assert len(html) < 6_000_000
    assert not set("\u202e\u2028\u2029\x00\x1b\r") & set(html)


def test_hostile_type_adds_no_markup() -> None:
    view = sample_view(40)
    poison = "'\"><script>alert(1)</script>"
    rows = tuple(replace(row, type=row.type + poison, state=poison) for row in view.resources)
    kinds = tuple(replace(row, kind=row.kind + poison) for row in view.kinds)
    usage = tuple(replace(row, unit=poison, metric=row.metric + poison) for row in view.usage)
    checks = tuple(replace(row, severity=poison) for row in view.checks)
    coverage = tuple(replace(row, status=poison, service=poison) for row in view.coverage)
    gaps = tuple(replace(row, status=poison) for row in view.gaps)
    dirty = outline(render_html(replace(view, resources=rows, kinds=kinds, usage=usage, checks=checks, coverage=coverage, gaps=gaps)))
    assert dirty.tags["script"] == 2
    assert not any(name.startswith("on") for _, name, _ in dirty.values)


def test_nothing_is_fetched() -> None:
    for tag, name, value in outline(sample_html()).values:
        assert name not in {"src", "srcset", "action", "background", "poster", "data", "style"}
        if name in {"href", "xlink:href"}:
            assert value.startswith("#"), (tag, value)
    assert "http://" not in sample_html().replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in sample_html()
    assert "url(" not in sample_html()
    assert "@import" not in sample_html()


def test_policy_allows_exactly_our_style_and_script() -> None:
    parsed = outline(sample_html())
    (policy,) = [value for tag, name, value in parsed.values if tag == "meta" and name == "content" and "default-src" in value]
    (style,) = parsed.raw["style"]
    _, _, script = parsed.raw["script"]

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src {digest(style)}",
        f"script-src {digest(script)}",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_the_data_block_holds_every_resource() -> None:
    view = full_report(120)
    data = restored(json.loads(outline(sample_html()).raw["script"][0]))
    assert data["work"]["workload"] == [row.workload for row in view.workloads or ()]
    assert len(data["need"]["group"]) == len(view.needed_rules or ())
    assert data["risk"]["factors"]["exposure"]["points"][0] is not None
    assert data["res"]["uid"] == [row.uid for row in view.resources]
    assert data["accounts"][data["res"]["account"][5]] == view.resources[5].account_id
    assert len(data["use"]["res"]) == len(view.usage)


def test_what_to_commit_to_as_recommended_stands_beside_what_to_commit_to_now() -> None:
    html = sample_html()
    now, then = html.index("What to commit to of what runs now"), html.index("What to commit to of what is recommended")
    assert now < html.index("from commitment_plan where") < then < html.index("from commitment_plan_recommended where")
    assert html.index("m5 Linux") < then < html.index("m6g Linux")


def test_a_hostile_name_arrives_as_itself() -> None:
    view = sample_view(3)
    name = "</script><b>\u00fc</b> & 'co'"
    rows = (replace(view.resources[0], name=name), *view.resources[1:])
    data = json.loads(outline(render_html(replace(view, resources=rows))).raw["script"][0])
    assert data["res"]["name"][0] == name


def test_same_view_same_bytes() -> None:
    assert whole(full_report(120)) == sample_html()


def test_headings_go_down_one_step_at_a_time() -> None:
    levels = outline(sample_html()).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_links_resolve() -> None:
    parsed = outline(sample_html())
    assert [one for one, times in Counter(parsed.ids).items() if times > 1] == []
    targets = {value[1:] for _, name, value in parsed.values if name == "href"}
    assert targets <= set(parsed.ids)
    labelled = {value for _, name, value in parsed.values if name == "aria-labelledby"}
    assert labelled - {"resource-name"} <= set(parsed.ids)  # the dialog's heading is made when it opens


def test_regions_have_names_of_their_own() -> None:
    html = sample_html()
    labels = [value for tag, name, value in outline(html).values if (tag, name) == ("div", "aria-label")]
    titles = re.findall(r"<h2[^>]*>([^<]+)", html)
    assert [one for one, times in Counter([*labels, *titles]).items() if times > 1] == []


def test_every_table_has_a_caption_and_header_scopes() -> None:
    parsed = outline(sample_html())
    assert parsed.tags["caption"] == parsed.tags["table"]
    assert sum(name == "scope" for _, name, _ in parsed.values) == parsed.tags["th"]


def test_gaps_come_before_what_was_found() -> None:
    html = sample_html()
    assert html.index("What could not be seen") < html.index('id="summary"')
    assert html.index("sts:AssumeRole") < html.index('id="summary"')


def test_policy_to_add_names_the_actions_of_the_account() -> None:
    html = sample_html()
    assert "ecs:ListClusters" in html
    assert "CloudMigrateMissing" in html


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(empty_view(), id="nothing-known"),
        pytest.param(sample_view(0), id="looked-and-found-nothing"),
        pytest.param(sample_view(1), id="one-resource"),
        pytest.param(replace(sample_view(50), plan=None), id="no-plan"),
        pytest.param(
            replace(sample_view(50), usage=(), profiles=(), idle=(), measured=(), metrics_window=v.MetricsWindow()), id="no-metrics"
        ),
        pytest.param(replace(sample_view(50), relations=(), kinds=(), most_needed=()), id="no-relations"),
        pytest.param(sample_view(50, gaps=False), id="no-gaps"),
        pytest.param(full_report(40), id="everything"),
        pytest.param(
            replace(
                full_report(40),
                dependencies=(),
                shared=(),
                rules=(),
                risks=(),
                risk_factors=(),
                workloads=(),
                members=(),
                needed_rules=(),
                flow_logs=FlowLogs(),
            ),
            id="looked-for-traffic-and-found-none",
        ),
    ],
)
def test_lean_views_render_without_empty_tables(view: v.ReadinessView) -> None:
    html = render_html(view)
    outline(html)
    outline(whole(view))
    assert not re.search(r"<tbody>\s*</tbody>", html)
    assert "None" not in re.sub(r"<script.*?</script>|<style.*?</style>|None of", "", html, flags=re.DOTALL)


def test_without_gaps_the_report_says_so() -> None:
    html = render_html(sample_view(50, gaps=False))
    assert "Everything in scope was seen" in html
    assert "What could not be seen, and what to do" not in html


def test_what_was_not_made_says_what_to_run() -> None:
    html = render_html(sample_view(50))
    for sentence in ("Nothing was priced in this snapshot.", "Nothing was recommended in this snapshot.", "Patterns of use were not told"):
        assert sentence in html
    assert "<code>cloudmigrate prices refresh</code>" in html
    assert "USD" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def test_ten_thousand_resources_stay_under_seven_megabytes() -> None:
    view = full_report(10_000)
    graph = limited(graph_of(view), nodes_at_most=NODES_EMBEDDED_AT_MOST, edges_at_most=EDGES_EMBEDDED_AT_MOST)
    html = render_html(view, graph_part(graph))
    assert len(html.encode()) < 7_000_000
    assert "Left out here:" in html
    assert outline(html).tags["tr"] < 2_000
