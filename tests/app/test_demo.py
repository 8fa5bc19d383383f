"""The demo as a newcomer runs it: one command, no credentials, a report at the end and nothing left running."""

import subprocess
from pathlib import Path

import pytest

from tests.app.conftest import Cli, environment_of

pytestmark = pytest.mark.xdist_group("demo")


def test_the_demo_ends_with_its_report_and_leaves_nothing_running(tmp_path: Path) -> None:
    run = Cli(tmp_path, environment_of(None, None))

    done = run("demo")

    report = done.stdout.rstrip().splitlines()[-1]
    assert report.startswith("report: ")
    assert (tmp_path / report.removeprefix("report: ")).read_text().startswith("<!doctype html>")
    assert "gone now: s3://" in done.stdout  # in the emulator, which is gone by now
    assert [line.partition(":")[0] for line in done.stdout.splitlines()[-4:-1]] == ["traffic", "rules", "waves"]
    assert run.json("query", "select count(*) > 100 as many from inventory", "--estate", "demo/estate.yaml", "--format", "json") == [
        {"many": True}
    ]
    assert run.json("query", "select min(wave) as first from waves", "--estate", "demo/estate.yaml", "--format", "json") == [{"first": 1}]
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in left
