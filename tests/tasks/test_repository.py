"""A plan's code and runbooks in a Git repository on this machine, and a wave that waits where somebody edited them."""

import os
import subprocess
from pathlib import Path

import pytest

from cloudmigrate.domain.repository_policy import RepositoryPolicy
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.publishing import EditedCodeError, PublishConflictError
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace
from tasks.migrating import plan_named
from tasks.planning import publish_plan as plan_waves
from tasks.repository import publish_plan, refuse_edited
from tasks.wave_runs import Asked, go_on
from tests.planned_estate import ACCOUNT, REGION, estate_in, resource, take_snapshot

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def git(folder: Path, *arguments: str) -> str:
    told = ("git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments)
    return subprocess.run(told, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "team.git")
    return tmp_path / "team.git"


def planned(tmp_path: Path, bare: Path) -> tuple[Workspace, PlanRow]:
    estate = estate_in(tmp_path).model_copy(update={"repository": RepositoryPolicy(remote=str(bare))})
    workspace = Workspace.open(estate)
    snapshot_id = take_snapshot(workspace, [resource(QUEUE, "AWS::SQS::Queue", spec={"QueueArn": QUEUE, "VisibilityTimeout": "45"})])
    plan_waves.fn(estate, estate.planning, snapshot_id=snapshot_id, run_id="made")
    return workspace, plan_named(workspace, None)


def edit(tmp_path: Path, bare: Path, branch: str) -> None:
    """Somebody writes another time-out into the approved template."""
    git(tmp_path, "clone", "-q", "-b", branch, str(bare), "ann")
    template = next((tmp_path / "ann" / "cloudmigrate").rglob("cloudformation/**/*.yaml"))
    assert "VisibilityTimeout: 45" in template.read_text()
    template.write_text(template.read_text().replace("VisibilityTimeout: 45", "VisibilityTimeout: 90"))
    git(tmp_path / "ann", "commit", "-q", "-am", "Longer")
    git(tmp_path / "ann", "push", "-q", "origin", branch)


def test_code_and_runbooks_of_a_plan_are_on_its_branch_once(tmp_path: Path, bare: Path) -> None:
    workspace, plan = planned(tmp_path, bare)
    first = publish_plan(workspace, plan, by="ana")
    assert first.branch == f"cloudmigrate/{plan.plan_id}"
    names = git(bare, "ls-tree", "-r", "--name-only", first.branch).split()
    assert "cloudmigrate/acme/iac/README.md" in names
    assert any(one.startswith("cloudmigrate/acme/iac/cloudformation/") and one.endswith(".yaml") for one in names)
    assert any(one.startswith("cloudmigrate/acme/iac/terraform/") and one.endswith(".tf") for one in names)
    assert any(one.startswith("cloudmigrate/acme/runbooks/") and one.endswith(".md") for one in names)
    assert f"Plan hash: {plan.content_hash}" in git(bare, "log", "-1", "--format=%B", first.branch)
    again = publish_plan(workspace, plan, by="ana")
    assert (again.commit, again.is_new) == (first.commit, False)
    events = [one for one in workspace.ledger.audit_events() if one.action == "code.published"]
    assert [(one.actor, one.subject, one.detail["commit"]) for one in events] == [("ana", plan.plan_id, first.commit)]


def test_a_wave_whose_published_code_was_edited_stops_and_shows_how(tmp_path: Path, bare: Path) -> None:
    workspace, plan = planned(tmp_path, bare)
    refuse_edited(workspace, plan)  # nothing was published: nothing to compare
    branch = publish_plan(workspace, plan, by="ana").branch
    refuse_edited(workspace, plan)
    edit(tmp_path, bare, branch)
    with pytest.raises(EditedCodeError) as caught:
        go_on(Asked(workspace, plan, 1, "ana"), reopen=lambda: workspace.estate)
    assert "-" in caught.value.diff
    assert "VisibilityTimeout: 90" in str(caught.value)
    with pytest.raises(PublishConflictError, match="somebody changed"):
        publish_plan(workspace, plan, by="ana")


def test_a_repository_that_the_estate_file_no_longer_names_is_told(tmp_path: Path, bare: Path) -> None:
    workspace, plan = planned(tmp_path, bare)
    branch = publish_plan(workspace, plan, by="ana").branch
    elsewhere = workspace.estate.model_copy(update={"repository": RepositoryPolicy(remote="/elsewhere.git")})
    with pytest.raises(EditedCodeError, match=r"names /elsewhere\.git now"):
        refuse_edited(Workspace.open(elsewhere), plan)
    git(bare, "branch", "-D", branch)
    with pytest.raises(EditedCodeError, match="no longer there"):
        refuse_edited(workspace, plan)


def test_without_a_repository_nothing_is_published(tmp_path: Path, bare: Path) -> None:
    workspace, plan = planned(tmp_path, bare)
    without = Workspace.open(workspace.estate.model_copy(update={"repository": RepositoryPolicy()}))
    with pytest.raises(UsageError, match="names no repository"):
        publish_plan(without, plan, by="ana")
