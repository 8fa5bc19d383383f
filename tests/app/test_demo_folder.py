"""A demo's folder that was used before."""

from pathlib import Path

import pytest

from cloudmigrate.app.demo import prepare
from cloudmigrate.errors import UsageError


def test_an_earlier_demos_lake_and_ledger_are_set_aside_and_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its emulator is gone; its flow logs, remembered as read, would be taken for those of the next."""
    for number in (1, 2, 3):
        prepare(tmp_path)
        (tmp_path / "lake").mkdir()
        (tmp_path / "lake" / "part").write_text(str(number))
        (tmp_path / "ledger.db").write_text(str(number))

    assert (tmp_path / "earlier" / "lake" / "part").read_text() == "2"
    assert (tmp_path / "earlier" / "ledger.db").read_text() == "2"
    assert capsys.readouterr().err.count("moved the lake and ledger of an earlier demo") == 2


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "estate.yaml").write_text("estate: mine")
    (tmp_path / "lake").mkdir()

    with pytest.raises(UsageError, match="is not the demo's"):
        prepare(tmp_path)
    assert (tmp_path / "lake").is_dir()
