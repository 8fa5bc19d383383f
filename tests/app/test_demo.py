"""The demo as a newcomer runs it: one command, no credentials, a report at the end and nothing left running."""

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
