"""The disk of the ledger fills up in the midst of a wave: it ends with a clear error, and who comes once there is room finds it whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.execution.waves import GroupEnd
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.simulate.emulator import Emulator
from tasks import wave_gates
from tasks.estate import recorded_run
from tests.execution.small_estate import ACCOUNT, TARGET
from tests.full_disk import error_on_full_disk
from tests.tasks.small_shop import Shop, approved, back, opened, resumed

# The first write that finds no room, of the step that launches a server: before the call, right after it, and its record.
THERE = ("intent", "call.ec2:RunInstances", "done")
BACK = ("undoing", "call.ec2:TerminateInstances", "undone")


@pytest.fixture
def shop(clean_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("CLOUDMIGRATE_USER", "olga")
    monkeypatch.setattr(wave_gates, "ASK_AGAIN_S", 0.0)
    with opened(tmp_path) as found:
        approved(found)
        yield found


def test_a_wave_whose_disk_fills_up_again_and_again_ends_whole_there_and_back(shop: Shop) -> None:
    before = shop.made.state()
    for write in THERE:
        fails_clearly(shop, write, lambda: shop.goes_on(resumed(shop)))
    assert shop.goes_on(resumed(shop)).end.is_whole
    target = shop.made.state()[f"{ACCOUNT}/{TARGET}"]
    assert (len(target["instances"]), len(target["images"])) == (2, 2), "nothing twice"
    for write in BACK:
        fails_clearly(shop, write, lambda: back(shop, reason="no room", despite_writes=True, means=shop.means()))
    end = back(shop, reason="no room", despite_writes=True, means=shop.means())
    assert (set(end.groups.values()), end.undo_failures) == ({GroupEnd.ROLLED_BACK}, {})
    assert shop.made.state() == before, "nothing is left"
    assert shop.workspace.ledger.verify_audit() == ()


def fails_clearly(shop: Shop, write: str, work: Callable[[], object]) -> None:
    launch = next(one for one in shop.prepared.steps if one.act == "ec2.run_instance")
    shop.workspace.ledger.close()  # a fork and its parent must not share SQLite's connections
    told = error_on_full_disk(work, when=lambda what: what == f"{write} {launch.step_id}")
    assert told.startswith("StepUnrecordedError: ")
    assert f"{launch.step_id} for {launch.uid} (account {ACCOUNT}, {TARGET})" in told
    assert "full" in told
    assert "`cloudmigrate resume plan-1 --wave 1`" in told


def test_what_ended_a_run_is_told_though_the_ledger_does_not_take_that_it_failed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise LedgerError("finish run", "ledger.db", "the disk is full", "free space")

    monkeypatch.setattr(Ledger, "finish_run", full)
    with pytest.raises(KeyError, match="what ended it"), recorded_run(shop.workspace, "migrate-wave", {}):
        raise KeyError("what ended it")
