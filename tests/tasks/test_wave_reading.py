"""What a person is told of a wave: until when it waits, and commands that name what was made, not what somebody wrote into the journal."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.steps import Output, Reversal, Step, step_document, steps_hash
from cloudmigrate.lake.lake import Lake
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.workspace import Workspace
from tasks.wave_reading import WaveReading, moves_of, read_wave

ACCOUNT, NOW = "111111111111", datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
PLAN = PlanRow("plan-2", "s1", "b" * 64, "plans/plan-2.json", NOW, None)
RECORD = {"Name": "a.", "Type": "A", "TTL": 86400, "ResourceRecords": [{"Value": "192.0.2.1"}]}
NAMED = {"zone_id": "Z1", "name": "a.", "ttl_s": 60, "record": RECORD}
LAUNCH = Step("g/01-run_instance", "ec2.run_instance", "g", "arn:web", ACCOUNT, "eu-west-1")
LOWER = Step("g/02-lower_ttl", "dns.lower_ttl", "g", "arn:web", ACCOUNT, "eu-west-1", NAMED)
WAIT = Step(
    "g/03-await_forgotten",
    "dns.await_forgotten",
    "g",
    "arn:web",
    ACCOUNT,
    "eu-west-1",
    {**NAMED, "lowered_at": Output(LOWER.step_id, "lowered_at")},
    (LOWER.step_id,),
    Reversal.NOTHING,
    says="wait until a. is forgotten as it was before <lowered_at>",
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    estate = Estate(estate="acme", accounts=(Account(id=ACCOUNT, regions=("eu-central-1",)),))
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        yield Workspace(estate, ledger, Lake.open(str(tmp_path / "lake")))


def read(workspace: Workspace, *entries: Entry) -> WaveReading:
    steps = (LAUNCH, LOWER, WAIT)
    documents = [step_document(one) for one in steps]
    workspace.ledger.start_wave(WaveStart("acme", PLAN.plan_id, "a" * 64, 1, steps_hash(steps), documents, "c" * 64, "olga", NOW))
    hold = workspace.ledger.take_wave(PLAN.plan_id, 1, estate="acme", holder="olga@here/1")
    for one in entries:
        workspace.ledger.record_step(hold, one)
    found = read_wave(workspace, PLAN, 1)
    assert found is not None
    return found


def test_what_waits_for_a_time_is_told_with_when_it_is_due(workspace: Workspace) -> None:
    lowered = Entry(LOWER.step_id, StepState.DONE, {"lowered_at": "2026-11-28T03:00:00+00:00"})
    found = read(workspace, Entry(LOWER.step_id, StepState.INTENT), lowered, Entry(WAIT.step_id, StepState.INTENT))
    [one] = found.document()["waiting"]
    assert (one["step"], one["until"]) == (WAIT.step_id, "2026-11-29T03:01:00+00:00")
    assert one["says"] == "wait until a. is forgotten as it was before 2026-11-28T03:00:00+00:00"


def test_a_line_of_the_timeline_names_what_was_there_at_its_time(workspace: Workspace) -> None:
    """What was undone and made anew has another id from then on."""
    rounds = []
    for instance in ("i-1", "i-2"):
        rounds += [Entry(LOWER.step_id, StepState.INTENT), Entry(LOWER.step_id, StepState.DONE, {"lowered_at": instance})]
        rounds += [Entry(WAIT.step_id, StepState.INTENT), Entry(WAIT.step_id, StepState.FAILED, error="no")]
        rounds += [Entry(step_id, state) for step_id in (WAIT.step_id, LOWER.step_id) for state in (StepState.UNDOING, StepState.UNDONE)]
    told = [one["says"].rpartition(" ")[2] for one in read(workspace, *rounds).timeline() if one["step"] == WAIT.step_id]
    assert told == ["i-1"] * 4 + ["i-2"] * 4


def test_commands_name_what_was_made_and_not_what_somebody_wrote_into_the_journal(workspace: Workspace, tmp_path: Path) -> None:
    made = Entry(LAUNCH.step_id, StepState.DONE, {"instance_id": "i-0aaaaaaaaaaaaaaaa"})
    failed = [Entry(LAUNCH.step_id, StepState.UNDOING), Entry(LAUNCH.step_id, StepState.UNDO_FAILED, error="no")]
    read(workspace, Entry(LAUNCH.step_id, StepState.INTENT), made, *failed)
    engine = create_engine(f"sqlite:///{tmp_path}/ledger.db")
    with engine.begin() as connection:
        connection.execute(text("drop trigger step_entries_keep_update"))
        connection.execute(text("update step_entries set outputs = replace(outputs, 'aaaa', 'bbbb')"))
    engine.dispose()
    found = read_wave(workspace, PLAN, 1)
    assert found is not None
    [(why, commands)] = found.stuck().values()
    assert why == "no"
    assert any("i-0aaaaaaaaaaaaaaaa" in one for one in commands)
    assert not any("bbbb" in one for one in commands)


def test_what_steps_move_is_told_by_name_each_once_and_a_few_of_it() -> None:
    steps = [
        replace(LAUNCH, step_id=f"g/{name}-0a1b2c3d/{act}") for name in ("web-1", "web-2", "db", "queue") for act in ("01-look", "02-do")
    ]
    assert moves_of(steps) == "web-1, web-2, db and 1 more"
    assert moves_of(steps[:2]) == "web-1"
