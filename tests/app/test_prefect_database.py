"""A new database of Prefect's: kept once it is migrated, copied to the next place, and never over another."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from cloudmigrate.app.prefect_database import NewDatabase, new_database


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "cloudmigrate"


def begun(home: Path, version: str = "3.8.8") -> NewDatabase | None:
    home.mkdir(exist_ok=True)
    return new_database(f"sqlite+aiosqlite:///{home}/prefect.db", home, version)


def migrate(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("create table alembic_version (version_num)")
        database.execute("insert into alembic_version values ('a3b9')")
        database.commit()


def version_of(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return str(database.execute("select version_num from alembic_version").fetchone()[0])


def test_the_second_home_gets_a_copy_of_what_the_first_one_made(tmp_path: Path, cache: Path) -> None:
    first = begun(tmp_path / "one")
    assert first is not None
    assert not first.place()
    migrate(first.path)
    first.keep()
    second = begun(tmp_path / "two")
    assert second is not None
    assert second.place()
    assert version_of(tmp_path / "two" / "prefect.db") == "a3b9"
    assert [path.name for path in cache.iterdir()] == ["prefect-3.8.8.db"]
    assert [path.name for path in (tmp_path / "two").iterdir()] == ["prefect.db"]
    other = begun(tmp_path / "three", version="3.9.0")
    assert other is not None
    assert not other.place(), "another version of Prefect migrates for itself"


def test_a_database_that_came_there_meanwhile_stays(tmp_path: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    migrate(cache / "prefect-3.8.8.db")
    new = begun(tmp_path / "home")
    assert new is not None
    new.path.write_text("theirs")
    assert not new.place()
    assert new.path.read_text() == "theirs"


@pytest.mark.parametrize("kept", [b"", b"no database" * 100])
def test_what_is_no_database_is_not_copied(tmp_path: Path, cache: Path, kept: bytes) -> None:
    cache.mkdir(parents=True)
    (cache / "prefect-3.8.8.db").write_bytes(kept)
    new = begun(tmp_path / "home")
    assert new is not None
    assert not new.place()
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("left", ["prefect.db", "prefect.db-wal", "prefect.db-journal"])
def test_what_was_begun_is_not_new(tmp_path: Path, cache: Path, left: str) -> None:
    (tmp_path / left).touch()
    assert begun(tmp_path) is None


def test_a_database_elsewhere_is_not_ours_to_make(tmp_path: Path) -> None:
    assert new_database("postgresql+asyncpg://db/prefect", tmp_path, "3.8.8") is None
    assert new_database(f"sqlite+aiosqlite:///{tmp_path}/other.db", tmp_path, "3.8.8") is None


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path: Path, cache: Path) -> None:
    cache.parent.write_text("in the way")
    new = begun(tmp_path / "home")
    assert new is not None
    migrate(new.path)
    new.keep()
    assert cache.parent.read_text() == "in the way"
