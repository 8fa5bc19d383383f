"""A demo's folder that was used before."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloudmigrate.app.demo import prepare
from cloudmigrate.app.demo_migration import calls_of
from cloudmigrate.errors import UsageError
from cloudmigrate.estate_file import load_estate
from cloudmigrate.ledger.records import AuditEvent


def test_an_earlier_demos_lake_and_ledger_are_set_aside_and_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its emulator is gone; its flow logs, remembered as read, would be taken for those of the next. It can still be asked."""
    for number in (1, 2, 3):
        prepare(tmp_path)
        (tmp_path / "lake").mkdir()
        (tmp_path / "lake" / "part").write_text(str(number))
        (tmp_path / "ledger.db").write_text(str(number))
        (tmp_path / "keys").mkdir()

    assert (tmp_path / "earlier" / "lake" / "part").read_text() == "2"
    assert (tmp_path / "earlier" / "ledger.db").read_text() == "2"
    assert (tmp_path / "earlier" / "keys").is_dir()
    assert load_estate(tmp_path / "earlier" / "estate.yaml").lake == str(tmp_path / "earlier" / "lake")
    assert capsys.readouterr().err.count(f"moved an earlier demo to {tmp_path / 'earlier'}") == 2


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "estate.yaml").write_text("estate: mine")
    (tmp_path / "lake").mkdir()

    with pytest.raises(UsageError, match="is not the demo's"):
        prepare(tmp_path)
    assert (tmp_path / "lake").is_dir()


def event(seq: int, action: str, wave: int) -> AuditEvent:
    return AuditEvent(seq, datetime(2026, 11, 1, tzinfo=UTC), "olga", action, "s", {"plan_id": "p", "wave": wave}, "", "")


def test_the_calls_of_a_wave_are_its_own() -> None:
    events = [event(1, "call.ec2:RunInstances", 1), event(2, "call.ec2:CopyImage", 2), event(3, "step.done", 2)]
    assert calls_of(events, "p", 2) == 1
    assert calls_of(events, "other", 2) == 0
