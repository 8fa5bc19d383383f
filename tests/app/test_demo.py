"""The demo as a newcomer runs it: one command, no credentials, a report at the end and nothing left running."""

from pathlib import Path

import pytest

from cloudmigrate.app.demo import tell_demo
from cloudmigrate.domain.assessment import Assessment
from tests.app.conftest import Demo

pytestmark = pytest.mark.xdist_group("demo")


def test_the_demo_ends_with_its_report_and_leaves_nothing_running(demo_run: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    folder = demo_run.run.folder

    tell_demo(folder, Assessment(**demo_run.document), as_json=False)

    out = capsys.readouterr().out.rstrip().splitlines()
    report = out[-1]
    assert report.startswith("report: ")
    assert (folder.parent / report.removeprefix("report: ")).read_text().startswith("<!doctype html>")
    assert any("gone now: s3://" in line for line in out)  # in the emulator, which is gone by now
    assert [line.partition(":")[0] for line in out[-4:-1]] == ["traffic", "rules", "waves"]
    assert demo_run.run.json("query", "select count(*) > 100 as many from inventory", "--format", "json") == [{"many": True}]
    assert demo_run.run.json("query", "select min(wave) as first from waves", "--format", "json") == [{"first": 1}]
    assert "seeded" in demo_run.told
    assert str(folder.parent) not in demo_run.left


def test_the_demos_estate_says_where_things_move_to(demo_run: Demo, tmp_path: Path) -> None:
    """So that steps and code can be told of its plan when the emulator is gone."""
    demo_run.run("runbook", "--out", tmp_path / "runbooks", "--format", "markdown")  # exit code 3 where a wave has no steps
    pages = [one.read_text() for one in sorted((tmp_path / "runbooks").glob("wave-*/wave.md"))]
    assert len(pages) == demo_run.run.query("select count(distinct wave) waves from waves where wave is not null")[0]["waves"] > 1
    assert not [page for page in pages if "cannot be told" in page]
    page = pages[0]
    assert "| ec2 RunInstances |" in page
    assert "| ana | approver |" in page
    demo_run.run("iac", "--out", tmp_path / "iac")
    assert any('resource "aws_instance"' in one.read_text() for one in (tmp_path / "iac").glob("terraform/modules/*/main.tf"))
    assert 'region              = "us-east-1"' in (tmp_path / "iac" / "terraform" / "waves" / "01" / "providers.tf").read_text()
