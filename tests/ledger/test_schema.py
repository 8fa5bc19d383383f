"""The schema: made once however many open it, the same in migrations and tables, and never guessed at."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url, text

from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger import migrations
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.tables import APPEND_ONLY, metadata


def test_migrations_make_the_tables_that_queries_use(ledger: Ledger, ledger_url: str) -> None:
    engine = create_engine(ledger_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": migrations.VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_each_table_that_keeps_history_is_guarded(ledger: Ledger, ledger_url: str) -> None:
    changing = {"runs", "snapshots", "places"}
    assert {table.name for table in metadata.tables.values()} - changing == {table.name for table in APPEND_ONLY}


def test_newest_is_the_newest_revision_in_the_package() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.NEWEST]


OPEN = "import sys; from cloudmigrate.ledger.ledger import Ledger; Ledger.open(sys.argv[1]).close()"


def test_four_processes_may_open_a_new_ledger_at_once(ledger_url: str) -> None:
    running = [subprocess.Popen([sys.executable, "-c", OPEN, ledger_url], stderr=subprocess.PIPE, text=True) for _ in range(4)]
    told = [one.communicate(timeout=120)[1] for one in running]
    assert [one.returncode for one in running] == [0, 0, 0, 0], told


def test_two_processes_may_open_an_empty_postgresql_database_at_once(postgres: str) -> None:
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("drop database if exists fresh"))
        connection.execute(text("create database fresh"))
    url = make_url(postgres).set(database="fresh").render_as_string(hide_password=False)
    running = [subprocess.Popen([sys.executable, "-c", OPEN, url], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=120)[1] for one in running]
    assert [one.returncode for one in running] == [0, 0], told
    with engine.connect() as connection:
        connection.execute(text("drop database fresh with (force)"))
    engine.dispose()


def test_opening_again_keeps_everything(ledger: Ledger, ledger_url: str) -> None:
    with Ledger.open(ledger_url) as again:
        assert again.run("r1") == ledger.run("r1")


def test_a_schema_of_a_newer_release_is_left_alone(ledger: Ledger, ledger_url: str) -> None:
    engine = create_engine(ledger_url)
    with engine.begin() as connection:
        connection.execute(text(f"update {migrations.VERSION_TABLE} set version_num = '9999'"))
    with pytest.raises(LedgerError, match=r"upgrade the schema in ledger .*revision '9999'.*Next: run the newest CloudMigrate\."):
        Ledger.open(ledger_url)
    with engine.connect() as connection:
        assert connection.execute(text(f"select version_num from {migrations.VERSION_TABLE}")).scalar_one() == "9999"
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(ledger_url: str) -> None:
    """A table of the same name, of somebody else's, stops it before anything is made."""
    engine = create_engine(ledger_url)
    if engine.dialect.name == "sqlite":
        Ledger.open(ledger_url.replace("ledger.db", "other.db")).close()  # makes the folder
    with engine.begin() as connection:
        connection.execute(text("create table read_marks (other integer)"))
    with pytest.raises(LedgerError, match="open in ledger"):
        Ledger.open(ledger_url)
    assert inspect(engine).get_table_names() == ["read_marks"]
    engine.dispose()


def test_the_migrations_are_in_the_package() -> None:
    assert (migrations.FOLDER / "env.py").is_file()
    assert (migrations.FOLDER / "script.py.mako").is_file()
