"""Runbooks of a planned estate: read from lake and ledger, written as files, followed while a wave runs, published."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.app.cli import run
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.runbooks.blocks import Bullets, Pairs, Steps, Tick
from cloudmigrate.domain.steps import Step, step_document, steps_hash
from cloudmigrate.domain.wave_status import GroupState
from cloudmigrate.errors import UsageError
from cloudmigrate.estate_file import load_estate
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.workspace import Workspace, open_lake
from reports.runbooks import Form
from tasks import runbook_publishing
from tasks.confluence_pages import open_confluence, publish_pages
from tasks.migrating import plan_named, wave_steps
from tasks.planning import publish_plan
from tasks.runbook_reading import PlanRunbooks, read_runbooks
from tasks.runbooks import Folder, files_of, follow
from tests.confluence.stand_in import TOKEN, confluence_stand_in
from tests.planned_estate import ACCOUNT, REGION, YAML, resource, server, take_snapshot, write_estate
from tests.runbook_samples import of_kind

QUEUE, TOPIC, WEB = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs", f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms", server("web")
LIMITED = YAML + "planning: {max_resources_per_wave: 2, pilot_waves: 0, first_wave_on: 2027-01-16}\n"


def planned(folder: Path) -> tuple[Workspace, PlanRow]:
    """An estate in *folder* whose plan has two waves: a queue and a topic, and a server for which no target is named."""
    estate = load_estate(write_estate(folder, LIMITED))
    workspace = Workspace(estate, Ledger.open(estate.ledger), open_lake(estate.lake))
    spec = {"InstanceId": "i-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "SecurityGroups": []}
    rows = [resource(QUEUE, "AWS::SQS::Queue"), resource(TOPIC, "AWS::SNS::Topic"), resource(WEB, spec=spec)]
    workloads = [{"uid": uid, "workload": "batch", "source": "tag", "reason": "tag", "confidence": 1.0} for uid in (QUEUE, TOPIC)]
    # The server depends on both, so that it moves last.
    snapshot_id = take_snapshot(workspace, rows, [(WEB, QUEUE, "uses"), (WEB, TOPIC, "uses")], workloads=workloads)
    publish_plan.fn(workspace.estate, workspace.estate.planning, snapshot_id=snapshot_id, run_id="made")
    return workspace, plan_named(workspace, None)


@pytest.fixture(scope="module")
def planned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the estate, planned once for all tests, each of which takes a copy."""
    folder = tmp_path_factory.mktemp("planned")
    workspace, _ = planned(folder)
    workspace.ledger.close()
    return folder


@pytest.fixture
def estate(planned_folder: Path, tmp_path: Path) -> Iterator[tuple[Workspace, PlanRow]]:
    shutil.copytree(planned_folder, tmp_path, dirs_exist_ok=True)
    found = load_estate(tmp_path / "estate.yaml")
    workspace = Workspace(found, Ledger.open(found.ledger), open_lake(found.lake))
    with closing(workspace.ledger):
        yield workspace, plan_named(workspace, None)


def begin(workspace: Workspace, plan: PlanRow, steps: Sequence[Step]) -> Any:
    """The hold on wave 1, which was begun with these steps."""
    documents = [step_document(one) for one in steps]
    start = WaveStart("acme", plan.plan_id, plan.content_hash, 1, steps_hash(steps), documents, "c" * 64, "olga", plan.created_at)
    workspace.ledger.start_wave(start)
    return workspace.ledger.take_wave(plan.plan_id, 1, estate="acme", holder="olga@here/1")


def steps_of(found: PlanRunbooks, wave: int = 1) -> Steps:
    """The table of steps on the page of a wave."""
    (steps,) = of_kind(found.waves[wave][0], Steps)
    assert isinstance(steps, Steps)
    return steps


def test_every_wave_has_a_page_and_what_cannot_be_told_is_said(estate: tuple[Workspace, PlanRow]) -> None:
    found = read_runbooks(*estate)
    assert [one.name for one in found.documents][:2] == ["index", "wave-001/wave"]
    assert [one.title for one in found.waves[1]] == ["Runbook of wave 1 of acme", "Runbook of batch, wave 1 of acme"]
    assert list(found.untold) == [2]
    assert found.untold[2] == (
        f"wave 2 of plan {found.plan.plan_id} cannot be made into steps: 1 entry is missing under `targets` in the estate file; "
        "its runbook lists them all."
    )
    listed = [item for one in of_kind(found.waves[2][0], Bullets) for item in one.items]
    assert "web: no target subnet for subnet-1 (add it to targets.subnets)" in listed
    assert dict(of_kind(found.waves[1][0], Pairs)[0].items)["Wave"] == "1, 2027-01-16 to 2027-01-17"


def test_a_wave_that_the_plan_has_not_is_refused(estate: tuple[Workspace, PlanRow]) -> None:
    with pytest.raises(UsageError, match=r"has no wave 7: it has waves 1 to 2\. Next: name one of them"):
        read_runbooks(*estate, 7)


def test_steps_are_those_of_the_plan_until_it_was_begun_and_then_those_that_it_began_with(estate: tuple[Workspace, PlanRow]) -> None:
    workspace, plan = estate
    compiled = wave_steps(workspace, plan, 1)
    assert [one.step_id for one in steps_of(read_runbooks(workspace, plan, 1)).rows] == [one.step_id for one in compiled]
    hold = begin(workspace, plan, compiled[:1])  # as if the plan had said less then
    workspace.ledger.record_step(hold, Entry(compiled[0].step_id, StepState.INTENT))
    workspace.ledger.record_step(hold, Entry(compiled[0].step_id, StepState.DONE))
    (row,) = steps_of(read_runbooks(workspace, plan, 1)).rows
    events = {one.seq: one.action for one in workspace.ledger.audit_events()}
    assert row.tick is Tick.DONE
    assert [(one.action, events[one.seq]) for one in row.events] == [("step.intent", "step.intent"), ("step.done", "step.done")]
    for state in (StepState.UNDOING, StepState.UNDONE):
        workspace.ledger.record_step(hold, Entry(compiled[0].step_id, state))
    again = steps_of(read_runbooks(workspace, plan, 1)).rows
    assert [one.tick for one in again] == [Tick.UNDONE, Tick.OPEN], "all was taken back: the next run takes the plan's steps"


def test_the_same_plan_and_ledger_give_the_same_bytes(estate: tuple[Workspace, PlanRow]) -> None:
    forms = (Form.MARKDOWN, Form.HTML, Form.CONFLUENCE)
    first = dict(files_of(read_runbooks(*estate).documents, forms))
    estate[0].ledger.audit("somebody", "report.published", "x", {})
    assert dict(files_of(read_runbooks(*estate).documents, forms)) == first


def test_files_are_replaced_whole_and_only_where_they_differ(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "a" / "b"))
    assert folder.write([("wave-001/x.md", b"one"), ("index.md", b"i")]) == [f"{tmp_path}/a/b/wave-001/x.md", f"{tmp_path}/a/b/index.md"]
    assert folder.write([("wave-001/x.md", b"two"), ("index.md", b"i")]) == [f"{tmp_path}/a/b/wave-001/x.md"]
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file()) == ["a/b/index.md", "a/b/wave-001/x.md"]
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match=r"write .*/file/x\.md: .* Next: name a folder"):
        Folder(str(tmp_path / "file")).write([("x.md", b"")])


def test_a_wave_is_followed_to_its_end(estate: tuple[Workspace, PlanRow]) -> None:
    """Each look finds one line more; what nothing was written since is not rendered again; it ends with the last step."""
    workspace, plan = estate
    steps = wave_steps(workspace, plan, 1)
    hold = begin(workspace, plan, steps)
    lines = [None, *((one, state) for one in steps for state in (StepState.INTENT, StepState.DONE))]
    workspace.ledger.record_step(hold, Entry(steps[0].step_id, StepState.INTENT))
    coming = iter(lines[2:])
    shown: list[list[Tick]] = []

    def pause(_: float) -> None:
        line = next(coming)
        if line is not None:
            workspace.ledger.record_step(hold, Entry(line[0].step_id, line[1]))

    states = follow(workspace, plan, 1, lambda found: shown.append([one.tick for one in steps_of(found).rows]), sleep=pause)
    assert states == {1: GroupState.MIGRATED}
    assert shown == [
        [Tick.DOING, Tick.OPEN],
        [Tick.DONE, Tick.OPEN],
        [Tick.DONE, Tick.DOING],
        [Tick.DONE, Tick.DONE],
    ]


def test_a_wave_that_nobody_began_is_shown_once(estate: tuple[Workspace, PlanRow]) -> None:
    shown: list[PlanRunbooks] = []
    assert set(follow(*estate, None, shown.append, sleep=lambda _: pytest.fail("waited")).values()) == {GroupState.NOT_STARTED}
    assert len(shown) == 1


def test_the_command_writes_files_and_says_what_it_could_not_tell(
    estate: tuple[Workspace, PlanRow], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = str(tmp_path / "estate.yaml"), tmp_path / "out"
    assert run(["runbook", "--estate", file, "--out", str(out), "--format", "markdown,html"]) == 3
    told = capsys.readouterr()
    assert told.out == f"{out}/index.md\n"
    assert "wave 2: wave 2 of plan" in told.err
    names = sorted(str(one.relative_to(out)) for one in out.rglob("*.*"))
    assert names[:2] == ["index.html", "index.md"]
    assert len(names) == 10, "the index, two waves, a workload in each, in two forms"
    assert run(["runbook", estate[1].plan_id, "--wave", "1", "--estate", file, "--out", str(out), "-f", "markdown", "--live"]) == 0
    assert capsys.readouterr().out == f"{out}/wave-001/wave.md\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--format", "word"], "--format word: word is no format. Next: give some of markdown, html, pdf, confluence."),
        (["--format", ","], "nothing is no format"),
        (["--live", "--confluence", "OPS"], "--live renders files"),
        (["--confluence", "OPS"], "confluence.url is not in the estate file. Next: add the section confluence"),
        (["plan-none"], "has no plan 'plan-none'"),
    ],
)
def test_what_the_command_refuses(
    estate: tuple[Workspace, PlanRow], tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run(["runbook", *arguments, "--estate", str(tmp_path / "estate.yaml"), "--out", str(tmp_path / "out")]) == 2
    assert told in capsys.readouterr().err


def test_pages_go_to_confluence_each_below_its_own(
    estate: tuple[Workspace, PlanRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLOUDMIGRATE_CONFLUENCE_TOKEN", TOKEN)
    monkeypatch.setenv("CLOUDMIGRATE_USER", "olga")
    with confluence_stand_in() as cloud:
        (tmp_path / "estate.yaml").write_text(LIMITED + f"confluence: {json.dumps({'url': cloud.url, 'parent': 'Migrations'})}\n")
        workspace, plan = Workspace(load_estate(tmp_path / "estate.yaml"), estate[0].ledger, estate[0].lake), estate[1]
        root = cloud.add("Migrations")
        file = str(tmp_path / "estate.yaml")
        assert run(["runbook", "--wave", "1", "--confluence", "OPS", "--estate", file]) == 0
        assert "created: Runbook of batch, wave 1 of acme" in capsys.readouterr().out
        wave, batch = cloud.page("Runbook of wave 1 of acme"), cloud.page("Runbook of batch, wave 1 of acme")
        assert (wave["ancestors"], batch["ancestors"]) == ([{"id": root}], [{"id": wave["id"]}])
        writes = len(cloud.writes())
        assert {one.action for one in publish_pages(workspace, read_runbooks(workspace, plan, 1), space="OPS")} == {"unchanged"}
        assert len(cloud.writes()) == writes
        (event, _) = [one for one in workspace.ledger.audit_events() if one.action == "runbooks.published"]
        assert (event.actor, event.detail["space"], event.detail["created"]) == ("olga", "OPS", 2)


def test_a_token_that_is_nowhere_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUDMIGRATE_CONFLUENCE_TOKEN", raising=False)
    estate = load_estate(write_estate(tmp_path, YAML + "confluence: {url: 'http://127.0.0.1:9', space: OPS}\n"))
    with pytest.raises(UsageError, match="CLOUDMIGRATE_CONFLUENCE_TOKEN is not set"):
        open_confluence(estate)


def test_the_flow_puts_them_beside_the_report_and_into_further_places(
    estate: tuple[Workspace, PlanRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runbook_publishing, "_links", lambda *_: None)
    monkeypatch.setattr(runbook_publishing, "FORMS", (Form.MARKDOWN,))
    workspace, plan = estate
    further = workspace.estate.model_copy(update={"reports": (str(tmp_path / "shared"),)})
    places = runbook_publishing.publish_runbooks.fn(further, plan.plan_id, wave=1, run_id="r")
    folder = f"acme/{plan.snapshot_id}/{plan.plan_id}/runbooks/wave-001/wave.md"
    assert f"{further.lake}/reports/{folder}" in places
    assert f"{tmp_path}/shared/{folder}" in places
    assert all(Path(one).is_file() for one in places)
