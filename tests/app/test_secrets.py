"""Secrets of the demo's estate in whatever an assessment wrote: every table of the lake, every page, every export, the ledger."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cloudmigrate.app.graph_commands import GraphFormat, rendered
from cloudmigrate.app.reading import open_workspace
from cloudmigrate.simulate.estate.parts import PLANTED_SECRETS
from tasks.graph_view import read_graph
from tests.app.conftest import Cli

pytestmark = pytest.mark.xdist_group("demo")


def test_no_planted_secret_is_in_anything_that_was_written(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, document = assessed
    tables = [path for path in (run.folder / "lake").rglob("*.parquet") if "metrics" not in path.parts]  # numbers, in many files
    seen = {path.relative_to(run.folder / "lake").parts[0] for path in tables}
    graph = read_graph(open_workspace(run.folder / "estate.yaml"), document["snapshot_id"], None)

    texts = {str(path): json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False) for path in tables}
    texts |= {str(path): path.read_text(errors="replace") for path in run.folder.rglob("*") if is_text(path)}
    texts |= {f"{form}-{path}": text for form in GraphFormat for path, text in rendered(graph, form, Path("graph")).items()}
    with sqlite3.connect(run.folder / "ledger.db") as ledger:
        texts["ledger"] = "\n".join(ledger.iterdump())

    assert {"traffic", "dependencies", "workloads", "rule_findings", "needed_rules", "risk_factors", "waves"} <= seen
    assert any(path.endswith("graph.html") for path in texts)
    assert [(secret, path) for path, text in texts.items() for secret in PLANTED_SECRETS if secret in text] == []


def is_text(path: Path) -> bool:
    return path.is_file() and path.suffix in (".html", ".json", ".yaml", ".csv", ".log", ".txt")
