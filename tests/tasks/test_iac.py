"""Code of a stored plan: what is read for it, what people decided, what is there already, and how it is published; nothing is called."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cloudmigrate.app.iac_commands import iac
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.steps import Step, step_document, steps_hash
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.workspace import Workspace, utc_now
from tasks import iac_publishing
from tasks.iac import generate, read_blueprint
from tasks.iac_publishing import publish_code
from tasks.migrating import plan_named
from tasks.planning import publish_plan
from tests.planned_estate import ACCOUNT, REGION, estate_in, resource, take_snapshot, write_estate

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
ORDERS, MAIL, BUCKET = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders", f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail", "arn:aws:s3:::files")
SCANNER = """
import json, re, sys
from pathlib import Path
if sys.argv[1] == "--version":
    sys.exit(print("9.9"))
failed = []
for file in sorted(Path(sys.argv[2]).rglob("*.tf")):
    for kind, name, body in re.findall(r'^resource "(\\w+)" "(\\w+)" {\\n(.*?)^}', file.read_text(), re.MULTILINE | re.DOTALL):
        if kind == "aws_sqs_queue" and "sqs_managed_sse_enabled" not in body:
            failed.append({"check_id": "Q_1", "resource": name, "check_name": "encrypts"})
        if kind == "aws_s3_bucket":
            failed.append({"check_id": "B_1", "resource": name, "check_name": "is given a name"})
print(json.dumps({"results": {"failed_checks": failed, "parsing_errors": []}, "summary": {"passed": 1}}))
"""


def queue(arn: str) -> dict[str, Any]:
    return resource(arn, "AWS::SQS::Queue", name=arn.rpartition(":")[2], spec={"QueueArn": arn, "DelaySeconds": "5"})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(estate_in(tmp_path))


@pytest.fixture
def plan(workspace: Workspace) -> PlanRow:
    rows = [queue(ORDERS), queue(MAIL), resource(BUCKET, "AWS::S3::Bucket", name="files", spec={"Name": "files"})]
    workload = {"source": "tag", "reason": "App", "confidence": 1.0}
    snapshot_id = take_snapshot(workspace, rows, workloads=[{"uid": ORDERS, "workload": "shop", **workload}])
    publish_plan.fn(workspace.estate, WavePolicy(), snapshot_id=snapshot_id, run_id="made")
    return plan_named(workspace, None)


def test_the_tree_has_both_languages_and_no_other_yaml(workspace: Workspace, plan: PlanRow) -> None:
    tree = generate(workspace, plan)

    templates = [yaml.safe_load(data) for path, data in tree.files.items() if path.endswith(".yaml")]
    assert all(one["AWSTemplateFormatVersion"] == "2010-09-09" for one in templates)
    assert {said["Type"] for one in templates for said in one["Resources"].values()} >= {"AWS::SQS::Queue"}
    assert any(b'resource "aws_sqs_queue"' in data for path, data in tree.files.items() if path.endswith(".tf"))
    assert not [path for path in tree.files if path.endswith(".yml")]
    assert tree.index == json.loads(tree.files["iac.json"])
    assert (tree.index["plan_id"], tree.index["plan_hash"]) == (plan.plan_id, plan.content_hash)
    assert set(tree.index["files"]) == set(tree.files) - {"iac.json"}


def test_the_same_plan_gives_the_same_bytes(workspace: Workspace, plan: PlanRow) -> None:
    assert generate(workspace, plan).files == generate(workspace, plan).files


def test_what_checkov_finds_is_told_against_the_source_as_code(
    workspace: Workspace, plan: PlanRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in asks that queues be encrypted, which ours are and the source's do not say, and that buckets have a name of their own."""
    program = tmp_path / "checkov"
    program.write_text(f"#!{sys.executable}\n{SCANNER}")
    program.chmod(0o755)
    monkeypatch.setenv("CLOUDMIGRATE_CHECKOV", str(program))

    tree = generate(workspace, plan)

    assert tree.index["security"] == {"scanner": "checkov 9.9", "new": 0, "kept": 1, "gone": 2}
    page = tree.files["security.md"].decode()
    assert "| Q\\_1 | encrypts | 2 |" in page
    assert "| B\\_1 | is given a name | 1 |" in page
    assert "security.md" in tree.index["files"]
    assert b"security.md: what checkov 9.9 finds; 0 findings that the source does not have." in tree.files["README.md"]


def test_units_are_workloads(workspace: Workspace, plan: PlanRow) -> None:
    titles = {unit.title for unit in read_blueprint(workspace, plan).units}
    assert titles >= {"shop", "mail"}


def test_what_a_person_decided_to_keep_is_left_out_with_its_strategy(workspace: Workspace, plan: PlanRow) -> None:
    held = Decision(DecisionKind.STRATEGY, ORDERS, "retain", "stays", "ana", NOW)
    expired = Decision(DecisionKind.STRATEGY, MAIL, "retain", "stayed", "ana", NOW, expires_on=utc_now().date() - timedelta(days=1))
    workspace.ledger.decide("acme", [held, expired])

    left = {one.uid: one.reason for one in read_blueprint(workspace, plan).left_out}

    assert left[ORDERS] == "its strategy is retain"
    assert MAIL not in left


def begun(workspace: Workspace, plan: PlanRow, uid: str, act: str, outputs: dict[str, Any], *further: StepState) -> None:
    """A wave of one step that was done."""
    steps = (Step("g/1", act, "g", uid, ACCOUNT, REGION),)
    documents = [step_document(one) for one in steps]
    start = WaveStart("acme", plan.plan_id, plan.content_hash, 1, steps_hash(steps), documents, "c" * 64, "olga", NOW)
    workspace.ledger.start_wave(start)
    hold = workspace.ledger.take_wave(plan.plan_id, 1, estate="acme", holder="olga@here/1")
    for entry in (Entry("g/1", StepState.INTENT), Entry("g/1", StepState.DONE, outputs), *(Entry("g/1", one) for one in further)):
        workspace.ledger.record_step(hold, entry)


def existing(workspace: Workspace, plan: PlanRow) -> list[str | None]:
    made = read_blueprint(workspace, plan)
    return [one.exists_as for unit in made.units for one in unit.resources if one.key == BUCKET]


def test_what_was_migrated_already_is_imported(workspace: Workspace, plan: PlanRow) -> None:
    begun(workspace, plan, BUCKET, "s3.create_bucket", {"bucket": "files-there"})
    assert existing(workspace, plan) == ["files-there"]
    imports = [json.loads(data) for path, data in generate(workspace, plan).files.items() if path.endswith(".import.json")]
    assert [(one["ResourceType"], one["ResourceIdentifier"]) for one in imports[0]] == [("AWS::S3::Bucket", {"BucketName": "files-there"})]


def test_what_was_taken_back_is_not(workspace: Workspace, plan: PlanRow) -> None:
    begun(workspace, plan, BUCKET, "s3.create_bucket", {"bucket": "files-there"}, StepState.UNDOING, StepState.UNDONE)
    assert existing(workspace, plan) == [None]


def test_what_another_act_gave_is_not(workspace: Workspace, plan: PlanRow) -> None:
    begun(workspace, plan, BUCKET, "s3.enable_versioning", {"bucket": "files"})
    assert existing(workspace, plan) == [None]


def test_the_tree_is_published_in_every_place_with_its_index_last(
    workspace: Workspace, plan: PlanRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(iac_publishing, "create_markdown_artifact", lambda text, **_: told.append(text))
    estate = workspace.estate.model_copy(update={"reports": (str(tmp_path / "elsewhere"),)})

    places = publish_code.fn(estate, plan_id=plan.plan_id, run_id="made")

    folder = f"acme/{plan.snapshot_id}/{plan.plan_id}/iac"
    assert places == (f"{tmp_path}/lake/reports/{folder}/iac.json", f"{tmp_path}/elsewhere/{folder}/iac.json")
    tree = generate(workspace, plan)
    for root in (tmp_path / "lake" / "reports", tmp_path / "elsewhere"):
        assert {path: (root / folder / path).read_bytes() for path in tree.files} == tree.files
        assert max((root / folder).rglob("*"), key=lambda one: (one.is_file(), one.stat().st_mtime_ns)).name == "iac.json"
    assert places[0] in told[0]
    [event] = [one for one in workspace.ledger.audit_events(0, 100) if one.action == "iac.published"]
    assert (event.subject, event.detail["places"]) == (plan.plan_id, list(places))


def test_the_command_writes_the_tree_and_tells_what_is_missing(
    plan: PlanRow, workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = write_estate(tmp_path)

    assert iac(estate=estate, out=tmp_path / "code") == 0

    told = capsys.readouterr().out.splitlines()[-1]
    assert told.endswith(f"units of plan {plan.plan_id}: {tmp_path / 'code'}")
    tree = generate(workspace, plan)
    assert {path: (tmp_path / "code" / path).read_bytes() for path in tree.files} == tree.files
    assert iac(plan.plan_id, estate=estate, out=tmp_path / "code", as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["plan_hash"] == plan.content_hash
