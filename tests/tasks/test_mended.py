"""A group that went back is tried again with a mended estate file, beside one that is migrated; then everything is taken back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.gates import GateState
from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.errors.waves import PreflightBlocksError, WaveBusyError
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import GroupEnd, WaveEnd
from cloudmigrate.ledger.records import PlanRow, WaveStart
from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_launches import CAPACITY_PATH
from cloudmigrate.workspace import Workspace
from tasks import executing, wave_gates
from tasks.executing import Means, WaveOutcome, carry_out
from tasks.wave_gates import ask
from tasks.wave_preparing import PreparedWave, changes_asked, prepare
from tasks.wave_reading import find_orphans
from tasks.wave_runs import Asked, dry_run, go_back, go_on
from tasks.wave_stages import conclude
from tests.execution import small_estate
from tests.execution.small_estate import ACCOUNT, TARGET, SmallEstate
from tests.execution.small_plan import plan_small
from tests.signers import answer


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Shop:
    small: SmallEstate
    workspace: Workspace
    plan: PlanRow
    estate_file: Path
    emulator: str
    before: dict[str, Any]
    is_short: bool = True  # whether AWS has no server of the type that the web server is mapped to

    @property
    def asked(self) -> Asked:
        return Asked(self.workspace, self.plan, 1, "olga")

    def mend(self, **targets: Any) -> None:
        """The estate file with these targets, read anew, as a new process would."""
        text = json.loads(self.estate_file.read_text())
        text["targets"] |= targets
        self.estate_file.write_text(json.dumps(text))
        self.workspace = replace(self.workspace, estate=Estate.model_validate(text))

    def heard(self, step: Step, entry: Entry) -> None:
        if self.is_short and entry.state is StepState.DONE and (step.uid, step.act) == (self.small.uids["web"], "ec2.copy_image"):
            self.is_short = False
            post(self.emulator + CAPACITY_PATH, b"1")  # AWS has none of the type for the next launch

    def means(self) -> Means:
        return Means(AwsWorld(self.small.sessions, pause_factor=0), patience=Patience(tries=3, looks=2), heard=self.heard)

    def goes_on(self) -> WaveOutcome:
        return go_on(self.asked, reopen=lambda: self.workspace.estate, means=self.means())

    def carries_out(self, prepared: PreparedWave) -> WaveOutcome:
        start = prepared.start
        return carry_out(prepared, start.preflight_hash if start else "", reopen=lambda: self.workspace.estate, means=self.means())

    def group_of(self, name: str) -> str:
        return next(one.group for one in prepare(self.workspace, self.plan, 1).steps if one.uid == self.small.uids[name])

    def lines(self) -> int:
        return len(self.workspace.ledger.step_entries(self.plan.plan_id, 1))

    def start(self) -> WaveStart:
        found = self.workspace.ledger.wave_start(self.plan.plan_id, 1)
        assert found is not None
        return found

    def goes_back(self) -> WaveEnd:
        return go_back(self.asked, reason="a rehearsal", despite_writes=True, means=self.means())

    def approve(self, outcome: WaveOutcome) -> None:
        for request, _ in outcome.waiting.requests:
            head = self.workspace.ledger.audit_head()
            said = answer(request, "ana", answered_at=datetime.now(UTC), head_seq=head.seq, head_hash=head.hash)
            self.workspace.ledger.answer_approval(said, self.workspace.estate.people)

    def running(self) -> dict[str, str]:
        """name -> instance type of what runs in the target."""
        state = self.small.state()[f"{ACCOUNT}/{TARGET}"]
        return {one[0]: one[2] for one in state["instances"]}


@pytest.fixture
def shop(clean_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("CLOUDMIGRATE_USER", "olga")
    monkeypatch.setattr(wave_gates, "ASK_AGAIN_S", 0.0)
    small = small_estate.make()
    workspace, plan = plan_small(small, tmp_path)
    yield Shop(small, workspace, plan, tmp_path / "estate.yaml", clean_emulator.url, small.state())
    workspace.ledger.close()


@pytest.fixture
def short(shop: Shop) -> Shop:
    """The database is migrated, and the web server went back, for AWS had no server of its type."""
    asked = shop.goes_on()
    prepared, hashed = prepare(shop.workspace, shop.plan, 1), asked.waiting.requests[0][0].preflight_hash
    waiting = ask(prepared, hashed, [Gate.EXECUTION, Gate.CUTOVER], estate=shop.workspace.estate)
    shop.approve(replace(asked, waiting=waiting))
    end = shop.goes_on().end
    assert sorted(end.groups.values()) == [GroupEnd.MIGRATED, GroupEnd.ROLLED_BACK]
    assert "InsufficientInstanceCapacity" in repr(end.failures)
    assert shop.running() == {"db": "t3.small"}
    return shop


def test_a_group_that_went_back_is_migrated_by_a_mended_estate_file_and_all_of_it_can_be_taken_back(
    short: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = prepare(short.workspace, short.plan, 1)
    web, lines = short.group_of("web"), short.lines()
    short.mend(subnets={})
    assert prepare(short.workspace, short.plan, 1) == old_in(short, old), "no steps can be made now: it may go on as it was begun"
    short.mend(subnets=short.small.policy.subnets, key_pairs={"ops": "nobody's"})
    with pytest.raises(PreflightBlocksError, match="nobody's"):
        short.goes_on()

    short.mend(key_pairs={}, instance_types={"t3.micro": "t3.medium"})
    mended = prepare(short.workspace, short.plan, 1)
    assert mended.renewed == {web}, "the database keeps its type"
    rehearsal = dry_run(mended, AwsWorld(short.small.sessions))
    assert rehearsal.refused == {}, "what is migrated is not asked about"
    assert {one.split("/")[0] for one in rehearsal.said} == {web}
    asked = short.goes_on()
    assert asked.end.waiting_for == (Gate.EXECUTION,)
    assert asked.end.groups == {web: GroupEnd.WAITING, short.group_of("db"): GroupEnd.MIGRATED}
    [(request, standing)] = asked.waiting.requests
    assert changes_asked(short.workspace, request) == list(asked.waiting.changes) == mended.changes, "told to who approves as well"
    assert changes_asked(replace(short.workspace, estate=old.workspace.estate), request)[0].startswith("by another estate file")
    assert standing.state is GateState.WAITING, "the approval of the beginning binds other steps"
    assert "-run_instance: params.instance_type was t3.small, is t3.medium" in conclude(short.asked, asked)
    assert (short.lines(), short.start()) == (lines, old.start), "nothing begins before it is approved"

    short.approve(asked)
    with monkeypatch.context() as patched:
        patched.setattr(executing, "_carrier", killed)
        with pytest.raises(Killed):
            short.goes_on()
    assert "t3.medium" in repr(short.start().steps)
    assert short.lines() == lines, "it died before its first step"
    assert prepare(short.workspace, short.plan, 1).renewed == frozenset()
    cutover = short.goes_on()
    assert cutover.end.waiting_for == (Gate.CUTOVER,), "the approval of the cutover was of other steps too"
    assert cutover.waiting.changes == ()
    for stale in (old, mended):
        with pytest.raises(WaveBusyError):
            short.carries_out(stale)
    short.approve(cutover)
    assert short.goes_on().end.is_whole
    assert short.running() == {"db": "t3.small", small_estate.HOSTILE: "t3.medium"}
    assert find_orphans(short.workspace) == ([], [])
    [renewed] = [one for one in short.workspace.ledger.audit_events(limit=10_000) if one.action == "wave.renewed"]
    assert renewed.detail["groups"] == [web]
    assert any("is t3.medium" in one for one in renewed.detail["changes"])

    end = short.goes_back()
    assert (set(end.groups.values()), end.undo_failures) == ({GroupEnd.ROLLED_BACK}, {})
    assert short.small.state() == short.before
    assert find_orphans(short.workspace) == ([], [])
    assert short.workspace.ledger.verify_audit() == ()


def old_in(shop: Shop, old: PreparedWave) -> PreparedWave:
    return replace(old, workspace=shop.workspace)


def killed(*_: object) -> None:
    raise Killed
