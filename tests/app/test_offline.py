"""Everything after discovery works with no endpoint and no credentials."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Cli

pytestmark = pytest.mark.xdist_group("demo")


def test_query_prints_a_json_array_of_row_objects(offline: Cli) -> None:
    rows = offline.query("select type, count(*) as n from inventory group by all order by n desc, type limit 2")

    assert [set(row) for row in rows] == [{"type", "n"}, {"type", "n"}]


def test_query_refuses_to_write_or_read_elsewhere(offline: Cli) -> None:
    for sql in ("copy inventory to 'x.csv'", "select * from read_csv('/etc/passwd')", "attach 'x.db'", "drop view inventory"):
        done = offline("query", sql, code=2)
        assert done.stderr.startswith("error:"), sql
        assert not list(offline.folder.glob("x.*"))


def test_coverage_tells_gaps_by_its_exit_code(offline: Cli, assessed: tuple[Cli, dict[str, Any]]) -> None:
    _, document = assessed
    gaps = {"partial", "denied", "throttled", "failed", "not_attempted"} & set(document["coverage"])

    done = offline("coverage", "--format", "json", code=3 if gaps else 0)

    assert sum(document["coverage"].values()) == len(json.loads(done.stdout))


def test_a_plan_can_be_made_again_with_another_policy(offline: Cli, prefect_url: str) -> None:
    before = offline.query("select max(wave) as waves from waves")[0]["waves"]

    made = offline.json("plan", "--max-resources-per-wave", "5", "--json", PREFECT_API_URL=prefect_url)

    assert offline.query("select distinct plan_id from waves") == [{"plan_id": made["plan_id"]}]
    assert offline.query("select max(wave) as waves from waves")[0]["waves"] > before
    assert offline("plan", "--max-resources-per-wave", "0", code=2).stderr.startswith("error: --max-resources-per-wave 0")


def test_the_report_can_be_rendered_again_to_the_same_bytes(
    offline: Cli, assessed: tuple[Cli, dict[str, Any]], prefect_url: str, tmp_path: Path
) -> None:
    """By the estate file as the demo leaves it: the emulator's S3, where its report was published to as well, is gone."""
    _, document = assessed
    assert any(place.startswith("s3://") for place in document["reports"])
    page = Path(document["reports"][0])
    first = page.read_bytes()

    offline.json("report", "--plan", document["plan_id"], "--out", str(tmp_path), "--json", PREFECT_API_URL=prefect_url)

    assert (tmp_path / "readiness.html").read_bytes() == first
    assert json.loads((tmp_path / "report.json").read_text())


def test_an_unknown_snapshot_is_bad_usage(offline: Cli) -> None:
    done = offline("query", "select 1", "--snapshot", "20200101T000000Z-000000", code=2)

    assert "has no snapshot '20200101T000000Z-000000'" in done.stderr
    assert done.stdout == ""


def test_a_snapshot_does_not_differ_from_itself(offline: Cli, assessed: tuple[Cli, dict[str, Any]]) -> None:
    _, document = assessed

    assert offline.json("diff", document["snapshot_id"], document["snapshot_id"], "--format", "json") == []


def test_snapshots_lists_ids_and_plans(offline: Cli, assessed: tuple[Cli, dict[str, Any]]) -> None:
    _, document = assessed

    [row] = offline.json("snapshots", "--format", "json")

    assert row["snapshot"] == document["snapshot_id"]
    assert row["scope"] == "everything"
    assert document["plan_id"] in row["plans"]


def test_a_copy_of_the_ledgers_file_is_whole(offline: Cli, tmp_path: Path) -> None:
    copy = tmp_path / "ledger.db"
    copy.write_bytes((offline.folder / "ledger.db").read_bytes())

    with contextlib.closing(sqlite3.connect(copy)) as database:
        assert database.execute("select count(*) from snapshots").fetchone() == (1,)
