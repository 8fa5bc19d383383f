"""`cloudmigrate graph export` on an assessed estate: offline, without Prefect, in every format."""

import csv
import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from tests.app.conftest import Cli

pytestmark = pytest.mark.xdist_group("demo")


def test_graphml_and_json_hold_the_same_graph(offline: Cli, tmp_path: Path) -> None:
    for form in ("graphml", "json"):
        done = offline("graph", "export", "--format", form, "--out", str(tmp_path / f"out/graph.{form}"))
        assert done.stdout.strip() == str(tmp_path / f"out/graph.{form}")
    one = nx.read_graphml(tmp_path / "out/graph.graphml", force_multigraph=True)
    other = nx.node_link_graph(json.loads((tmp_path / "out/graph.json").read_text()), edges="edges")
    assert set(one) == set(other)
    assert one.number_of_edges() == other.number_of_edges() > 0


def test_csv_lists_every_planned_resource_once(offline: Cli, tmp_path: Path) -> None:
    offline("graph", "export", "-f", "csv", "--out", str(tmp_path / "graph.csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.edges.csv", "graph.nodes.csv", "graph.waves.csv"]
    with (tmp_path / "graph.waves.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    planned: list[dict[str, Any]] = offline.query("select uid, wave from waves")
    assert {(row["uid"], int(row["wave"])) for row in rows} == {(row["uid"], row["wave"]) for row in planned}
    assert len(rows) == len(planned)


def test_dot_and_html_are_written_and_a_folder_that_cannot_be_is_told(offline: Cli, tmp_path: Path) -> None:
    offline("graph", "export", "-f", "dot", "--out", str(tmp_path / "graph.dot"))
    offline("graph", "export", "-f", "html", "--out", str(tmp_path / "graph.html"))
    assert (tmp_path / "graph.dot").read_text().startswith("digraph dependencies {")
    assert (tmp_path / "graph.html").read_text().startswith("<!doctype html>")
    done = offline("graph", "export", "-f", "dot", "--out", str(tmp_path / "graph.dot/inside"), code=1)
    assert "Next: name a file in a folder you can write to." in done.stderr


def test_an_unknown_format_is_bad_usage(offline: Cli, tmp_path: Path) -> None:
    offline("graph", "export", "-f", "pdf", "--out", str(tmp_path / "graph.pdf"), code=2)
