"""Files for people: a disk that fills up costs neither what was there nor leaves half of what was to be there."""

import errno
import os
from pathlib import Path

import pytest

from cloudmigrate.app import graph_commands
from cloudmigrate.errors import CloudMigrateError
from tasks.whole_files import put_whole


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))

    monkeypatch.setattr(Path, "write_bytes", half)


@pytest.mark.usefixtures("full_disk")
def test_an_export_on_a_full_disk_leaves_the_table_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table that a person had edited was cut to half of the new one."""
    table = tmp_path / "graph.waves.csv"
    with table.open("wb") as file:
        file.write(b"uid,wave\r\na,3\r\n")
    monkeypatch.setattr("cloudmigrate.app.reading.open_workspace", lambda _: None)
    monkeypatch.setattr("tasks.graph_view.read_graph", lambda *_: None)
    monkeypatch.setattr(graph_commands, "rendered", lambda *_: {table: "uid,wave\r\nb,4\r\n"})

    with pytest.raises(CloudMigrateError, match="No space left on device"):
        graph_commands.export(form=graph_commands.GraphFormat.CSV, out=tmp_path / "graph.csv")

    assert table.read_bytes() == b"uid,wave\r\na,3\r\n"
    assert list(tmp_path.iterdir()) == [table]


def test_a_file_is_replaced_and_its_folder_made(tmp_path: Path) -> None:
    put_whole(tmp_path / "a/b.csv", b"old")
    put_whole(tmp_path / "a/b.csv", b"new")

    assert (tmp_path / "a/b.csv").read_bytes() == b"new"
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["b.csv"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")

    put_whole(tmp_path / "link", b"new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reads = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    put_whole(tmp_path / "pipe", b"new")

    assert os.read(reads, 10) == b"new"
    os.close(reads)
