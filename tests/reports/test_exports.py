"""The exports come back as they went out, also where names are hostile."""

import csv
import io
import json
import re
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import exports
from reports.exports.csv_tables import _cell
from reports.exports.dot import quoted
from reports.graph import view as g
from tests.reports.sample_graph import sample_graph
from tests.reports.sample_views import SNAPSHOT_AT

DB = "arn:aws:rds:eu-central-1:111111111111:db:orders"
WEB = "arn:aws:ec2:eu-central-1:111111111111:instance/i-web"
PIPE = "arn:aws:ec2:eu-central-1:111111111111:network-interface/eni-1"
HOSTILE = (
    "=cmd|' /C calc'!A0",
    '"; DROP TABLE x; --',
    "back\\",
    'a"b\\"c',
    "line\nbreak\r\n",
    "\x00\x1b[31m",
    "</node><x/>&amp;",
    "'quoted",
    "@SUM(A1)",
    "\ud800 alone",
    "日本 🚀",
)


def _edge(source: str, target: str, **changes: object) -> g.EdgeRow:
    row = g.EdgeRow(source, target, "both", 6, 5432, 1000, 10, 2, 0.9, True, True, False, SNAPSHOT_AT, SNAPSHOT_AT, statements=("reads",))
    return replace(row, **changes)  # type: ignore[arg-type]


def tiny(name: str = "orders", workload: str | None = "shop") -> g.GraphView:
    nodes = (
        g.NodeRow(WEB, "web", "AWS::EC2::Instance", "111111111111", "eu-central-1", workload, "web", 2, None, "high", 51.0, 60.5),
        g.NodeRow(DB, name, "AWS::RDS::DBInstance", "111111111111", "eu-central-1", workload, "db", 1, storage_bytes=5),
        g.NodeRow(PIPE, "eni", "AWS::EC2::NetworkInterface", "111111111111", "eu-central-1", None, "web", 2, folded_into=WEB),
    )
    edges = (
        _edge(WEB, DB),
        _edge(WEB, DB, port=22, allowed=True, bytes=5),
        _edge(WEB, "external:s3", kind="config", protocol=None, port=None, observed=False, allowed=None, first_seen=None),
    )
    return g.GraphView("acme", "20261122T203000Z-3f9a1c", SNAPSHOT_AT, "plan-1", nodes, edges, groups=(g.GroupRow("web", 2),))


def test_graphml_comes_back_through_networkx() -> None:
    graph = nx.parse_graphml(exports.render_graphml(tiny()), force_multigraph=True)
    assert isinstance(graph, nx.MultiDiGraph)
    assert set(graph) == {WEB, DB, PIPE, "external:s3"}
    assert graph.nodes[WEB]["risk_upper_points"] == 60.5
    assert graph.nodes[PIPE]["folded_into"] == WEB
    assert "risk_level" not in graph.nodes[DB]
    assert sorted((data["port"], data["bytes"], data["allowed"]) for data in graph[WEB][DB].values()) == [
        (22, 5, True),
        (5432, 1000, False),
    ]
    (stated,) = graph[WEB]["external:s3"].values()
    assert (stated["observed"], stated["configured"], "port" in stated, "allowed" in stated) == (False, True, False, False)
    assert next(iter(graph[WEB][DB].values()))["first_seen"] == "2026-11-22T20:30:00Z"


def test_json_comes_back_through_networkx() -> None:
    document = json.loads(exports.render_node_link(tiny()))
    graph = nx.node_link_graph(document, edges="edges")
    assert (graph.number_of_nodes(), graph.number_of_edges(), graph.is_directed(), graph.is_multigraph()) == (4, 3, True, True)
    assert graph.graph["format"] == "cloudmigrate.graph/1"
    assert graph.graph["groups"][0]["id"] == "web"
    assert {data["port"] for data in graph[WEB][DB].values()} == {22, 5432}
    assert next(iter(graph[WEB]["external:s3"].values()))["statements"] == ["reads"]


def test_csv_holds_every_node_and_edge() -> None:
    nodes = list(csv.DictReader(io.StringIO(exports.nodes_csv(tiny()))))
    edges = list(csv.DictReader(io.StringIO(exports.edges_csv(tiny()))))
    assert [row["uid"] for row in nodes] == [WEB, PIPE, DB, "external:s3"]
    assert [(row["target_uid"], row["port"], row["allowed"], row["observed"]) for row in edges] == [
        (DB, "22", "true", "true"),
        (DB, "5432", "false", "true"),
        ("external:s3", "", "", "false"),
    ]


def test_the_table_of_waves_lists_what_moves_in_order() -> None:
    rows = list(csv.DictReader(io.StringIO(exports.waves_csv(tiny()))))
    assert [tuple(row.values()) for row in rows] == [
        (DB, "orders", "AWS::RDS::DBInstance", "shop", "1"),
        (PIPE, "eni", "AWS::EC2::NetworkInterface", "", "2"),
        (WEB, "web", "AWS::EC2::Instance", "shop", "2"),
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_never_becomes_a_formula(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(exports.waves_csv(tiny(name, name)), newline="")))
    assert not rows[0]["name"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert exports.original_cell(rows[0]["name"]) == name
    assert exports.original_cell(rows[0]["workload"]) == name


@given(st.text())
def test_a_cell_comes_back(text: str) -> None:
    assert exports.original_cell(_cell(text)) == text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text_in_graphml(name: str) -> None:
    graph = nx.parse_graphml(exports.render_graphml(tiny(name)), force_multigraph=True)
    forbidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
    assert graph.nodes[DB]["name"] == forbidden.sub(lambda hit: f"\u2039U+{ord(hit.group()):04X}\u203a", name)
    assert set(graph) == {WEB, DB, PIPE, "external:s3"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_string_in_dot(name: str) -> None:
    statements = dot_statements(exports.render_dot(tiny(name)))
    assert statements == dot_statements(exports.render_dot(tiny("plain")))


@given(st.text())
def test_a_dot_string_ends_where_it_should(text: str) -> None:
    assert DOT_STRING.fullmatch(quoted(text))


def test_dot_has_a_cluster_for_each_group_and_dashes_for_what_is_only_stated() -> None:
    text = exports.render_dot(tiny())
    assert dot_statements(text).count("subgraph") == 2
    assert 'label="web, wave 2"' in text
    assert '[label="TCP 5432 (postgresql)", bytes=1000, color=red]' in text
    assert '[label="configuration", bytes=1000, style=dashed]' in text
    assert PIPE not in text  # folded: not drawn
    named = replace(tiny(), groups=(g.GroupRow("web", 2, label="the shop's front"),))
    assert 'label="the shop\'s front, wave 2"' in exports.render_dot(named)


def test_every_format_gives_the_same_bytes_for_the_same_view() -> None:
    for render in (exports.render_graphml, exports.render_dot, exports.render_node_link, exports.nodes_csv, exports.edges_csv):
        assert render(sample_graph(60)) == render(sample_graph(60))


def test_an_empty_graph_is_still_a_document() -> None:
    empty = g.GraphView("acme", "s", SNAPSHOT_AT, None, (), ())
    assert len(nx.parse_graphml(exports.render_graphml(empty))) == 0
    assert json.loads(exports.render_node_link(empty))["nodes"] == []
    assert exports.waves_csv(empty) == "uid,name,type,workload,wave\r\n"


DOT_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"', re.DOTALL)


def dot_statements(text: str) -> list[str]:
    """The tokens of a DOT file with every string as one blank token; fails where a token is none of the language's."""
    tokens, at = [], 0
    token = re.compile(r'\s+|(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_][\w]*|\d+)|(?P<sign>->|[{}\[\];,=])', re.DOTALL)
    while at < len(text):
        hit = token.match(text, at)
        assert hit, text[at : at + 40]
        if hit.group("string"):
            tokens.append('""')
        elif hit.group().strip():
            tokens.append(hit.group())
        at = hit.end()
    assert tokens.count("{") == tokens.count("}")
    return tokens
