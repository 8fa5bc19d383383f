"""Around a wave's run: what another plan has in its hands is left alone, the way back needs no lake, and an end says what it waits for."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from cloudmigrate.app.wave_commands import WAVE_COLUMNS
from cloudmigrate.approving import Undertaking, request_approval
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.orphans import WaveRecord
from cloudmigrate.domain.steps import Gate, Step, step_document, steps_hash
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.execution.waves import GroupEnd, WaveEnd
from cloudmigrate.lake.lake import Lake
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.workspace import Workspace
from tasks import wave_runs
from tasks.executing import WaveOutcome
from tasks.wave_gates import Waiting
from tasks.wave_preparing import PreparedWave
from tasks.wave_progress import Progress
from tasks.wave_reading import asked_since, places_of, read_wave, wave_rows
from tasks.wave_runs import Asked, go_back, refuse_elsewhere
from tasks.wave_stages import conclude
from tests.signers import person

ACCOUNT, NOW = "111111111111", datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
PLAN = PlanRow("plan-2", "s1", "b" * 64, "plans/plan-2.json", NOW, None)
ESTATE = Estate(estate="acme", accounts=(Account(id=ACCOUNT, regions=("eu-central-1",)),))


def step(name: str, act: str, uid: str = "arn:web", region: str = "eu-west-1") -> Step:
    return Step(f"g/{name}", act, "g", uid, ACCOUNT, region)


MOVE = (step("01", "ec2.create_image"), step("02", "ec2.run_instance"))
RETIRE = (step("01", "ec2.stop_source"), step("02", "ec2.create_image"))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        yield Workspace(ESTATE, ledger, Lake.open(str(tmp_path / "lake")))


def begun(workspace: Workspace, plan_id: str, steps: tuple[Step, ...], *states: list[StepState]) -> None:
    documents = [step_document(one) for one in steps]
    workspace.ledger.start_wave(WaveStart("acme", plan_id, "a" * 64, 1, steps_hash(steps), documents, "c" * 64, "olga", NOW))
    hold = workspace.ledger.take_wave(plan_id, 1, estate="acme", holder="olga@here/1")
    for one, lines in zip(steps, states, strict=False):
        for state in lines:
            workspace.ledger.record_step(hold, Entry(one.step_id, state))


DONE = [StepState.INTENT, StepState.DONE]
BACK = [*DONE, StepState.UNDOING, StepState.UNDONE]


def test_what_another_plan_is_moving_or_has_moved_is_not_moved_again(workspace: Workspace) -> None:
    asked = PreparedWave(workspace, PLAN, 1, MOVE, None)
    refuse_elsewhere(asked)
    begun(workspace, "plan-1", MOVE, DONE)
    with pytest.raises(UsageError, match=r"wave 1 of plan plan-1 moves arn:web and was not taken back\. Next: see"):
        refuse_elsewhere(asked)
    with pytest.raises(UsageError):
        refuse_elsewhere(replace(asked, steps=RETIRE))
    refuse_elsewhere(replace(asked, steps=tuple(replace(one, uid="arn:other") for one in MOVE)))


def test_what_was_moved_whole_may_be_retired_by_a_later_plan_and_what_went_back_may_be_moved(workspace: Workspace) -> None:
    begun(workspace, "plan-1", MOVE, DONE, DONE)
    begun(workspace, "plan-3", tuple(replace(one, uid="arn:db") for one in MOVE), BACK)
    asked = PreparedWave(workspace, PLAN, 1, MOVE, None)
    with pytest.raises(UsageError):
        refuse_elsewhere(asked)
    refuse_elsewhere(replace(asked, steps=RETIRE))
    refuse_elsewhere(replace(asked, steps=tuple(replace(one, uid="arn:db") for one in MOVE)))


def test_a_wave_goes_back_though_the_lake_is_gone(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(workspace, PLAN.plan_id, MOVE, DONE)
    seen: list[Any] = []
    monkeypatch.setattr(wave_runs, "take_back", lambda _, plan, wave, **__: seen.append((plan, wave)) or WaveEnd({}))
    go_back(Asked(workspace, PLAN, 1, "olga"), reason="no lake tonight")  # the plan's file was never written
    assert seen == [(PLAN, 1)]


def test_a_wave_goes_back_though_the_record_of_another_plan_was_changed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun(workspace, PLAN.plan_id, MOVE, DONE)
    begun(workspace, "plan-9", tuple(replace(one, uid="arn:db") for one in MOVE), DONE)
    engine = create_engine(f"sqlite:///{tmp_path}/ledger.db")
    with engine.begin() as connection:
        connection.execute(text("drop trigger wave_starts_keep_update"))
        connection.execute(text("update wave_starts set steps = replace(steps, 'arn:db', 'arn:it') where plan_id = 'plan-9'"))
    engine.dispose()
    with pytest.raises(LedgerError, match="were changed since"):
        refuse_elsewhere(PreparedWave(workspace, PLAN, 1, MOVE, None))  # a wave to begin is compared with all others
    seen: list[Any] = []
    monkeypatch.setattr(wave_runs, "take_back", lambda _, plan, wave, **__: seen.append((plan, wave)) or WaveEnd({}))
    go_back(Asked(workspace, PLAN, 1, "olga"), reason="it has to")
    assert seen == [(PLAN, 1)]


def test_leftovers_are_looked_for_where_a_wave_wrote_before_the_estate_file_named_another_region() -> None:
    wave = WaveRecord("a" * 64, {one.step_id: one for one in (*MOVE, step("03", "dns.upsert", region="global"))}, {})
    assert places_of(ESTATE, [wave]) == [(ACCOUNT, "eu-central-1"), (ACCOUNT, "eu-west-1")]
    elsewhere = Estate(estate="acme", accounts=(Account(id="222222222222", regions=("us-east-1",)),))
    assert places_of(elsewhere, [wave]) == [("222222222222", "us-east-1")]


def test_the_end_of_a_run_says_until_when_the_wave_stands_still(workspace: Workspace) -> None:
    end = WaveEnd({"g": GroupEnd.WAITING}, waiting_until=datetime(2026, 12, 5, 14, 30, tzinfo=UTC))
    told = conclude(Asked(workspace, PLAN, 1, "olga"), WaveOutcome(end, Waiting()))
    assert "until 2026-12-05 14:30 UTC" in told
    assert told.endswith("Next: wait, then cloudmigrate resume plan-2 --wave 1")


def test_a_picture_of_the_wave_that_cannot_be_made_stops_no_step(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    begun(workspace, PLAN.plan_id, MOVE, DONE)
    progress = Progress(Asked(workspace, PLAN, 1, "olga"), _logger=logging.getLogger("wave"))
    progress.heard(MOVE[1], Entry(MOVE[1].step_id, StepState.INTENT))  # what it shows needs the plan's file, which is not there
    progress.show()
    told = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert [one[:43] for one in told] == ["the wave cannot be shown now, and goes on: "] * 2


def test_a_wave_that_waits_for_its_first_approval_says_of_whom_and_since_when(workspace: Workspace) -> None:
    people = Estate.model_validate(ESTATE.model_dump() | {"people": [person("ana").model_dump()]})
    workspace = replace(workspace, estate=people)
    workspace.ledger.begin_run("r1", "discover-estate", "acme")
    workspace.ledger.begin_snapshot("s1", "acme", "r1")
    workspace.ledger.commit_snapshot("s1", [])
    workspace.ledger.publish_plan(PLAN.plan_id, "s1", PLAN.content_hash, PLAN.path, [], datasets=())
    assert asked_since(workspace, PLAN, 1) is None
    what = Undertaking(PLAN.plan_id, PLAN.content_hash, 1, steps_hash(MOVE), "c" * 64)
    now = datetime.now(UTC)
    request_approval(people, workspace.ledger, what, Gate.EXECUTION, requested_by="olga", now=now)
    told = f"gate execution, asked by olga at {now:%Y-%m-%d %H:%M} UTC, is waiting for 1 more approval, by any of ana"
    [row] = wave_rows(workspace)
    assert (row["plan"], row["wave"], row["state"]) == (PLAN.plan_id, 1, f"not begun: {told}")
    assert set(WAVE_COLUMNS) <= row.keys()
    begun(workspace, PLAN.plan_id, MOVE, DONE)
    assert wave_rows(workspace)[0]["state"] == "under way"
    assert asked_anew(workspace) is None
    what = replace(what, steps_hash=steps_hash(RETIRE))
    request_approval(people, workspace.ledger, what, Gate.EXECUTION, requested_by="olga", now=now)
    assert asked_anew(workspace) == told, "groups of it take new steps"


def asked_anew(workspace: Workspace) -> str | None:
    found = read_wave(workspace, PLAN, 1)
    return found.asked_anew.sentence() if found is not None and found.asked_anew is not None else None
