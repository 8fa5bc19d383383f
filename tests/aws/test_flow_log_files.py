"""Flow logs as files of this machine: what may not be looked at is told, never taken for nothing."""

import os
from datetime import date
from pathlib import Path

import pytest

from cloudmigrate.aws.flow_log_objects import file_failure, list_files

DAY = date(2026, 11, 21)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for name in ("2026/11/21/a.log", "2026/11/21/closed/b.log", "2026/11/20/c.log", "notes.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path


def test_files_of_the_days_are_listed_by_name(logs: Path) -> None:
    found, failure = list_files(logs, [DAY])

    assert [one.key.removeprefix(f"{logs}/") for one in found] == ["2026/11/21/a.log", "2026/11/21/closed/b.log"]
    assert failure is None


def test_a_folder_that_may_not_be_looked_into_is_told_beside_what_was_found(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test may run as root, whom no right stops."""
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)

    found, failure = list_files(logs, [DAY])

    assert [Path(one.key).name for one in found] == ["a.log"]
    assert failure is not None
    assert failure.sentence == (
        f"read {logs}/2026/11/21/closed: Permission denied. Next: check the path in the estate file, and that this user may read it"
    )


def test_a_file_that_may_not_be_read_is_told_and_costs_no_other(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != "a.log")

    found, failure = list_files(logs, [DAY])

    assert [Path(one.key).name for one in found] == ["b.log"]
    assert failure is not None
    assert failure.detail == f"read {logs}/2026/11/21/a.log: Permission denied"


def test_a_path_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    found, failure = list_files(tmp_path / "missing", [DAY])

    assert found == []
    assert failure is not None
    assert "missing: No such file or directory" in failure.detail


def test_a_file_that_is_gone_when_it_is_read_is_named(tmp_path: Path) -> None:
    failure = file_failure(FileNotFoundError(2, "No such file or directory", "/logs/a.log"), tmp_path)

    assert failure.detail == "read /logs/a.log: No such file or directory"
