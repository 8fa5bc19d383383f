"""Folders for spilled data end with their connection, or are swept up after a process that was killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake import leftovers, spill


def test_what_a_killed_process_left_is_swept_up_and_the_living_ones_stay(tmp_path: Path) -> None:
    mine = spill.spill_folder(str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    alive, pid = Path(mine.name), Path(mine.name).name.split("-")[3]
    left = tmp_path / alive.name.replace(f"-{pid}-", f"-{dead.pid}-")
    left.mkdir()
    (left / "spilled.tmp").write_bytes(b"x")
    other = tmp_path / "someone-elses"
    other.mkdir()

    leftovers.sweep.cache_clear()
    with spill.spill_folder(str(tmp_path)) as second:
        assert {entry.name for entry in tmp_path.iterdir()} == {alive.name, other.name, Path(second).name}
    mine.cleanup()
    assert [entry.name for entry in tmp_path.iterdir()] == [other.name]


def test_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="set TMPDIR to another folder"):
        spill.spill_folder(str(tmp_path / "missing"))
