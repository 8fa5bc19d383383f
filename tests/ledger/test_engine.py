"""Connections: what is refused, and how the database's failures are told."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger.engine import AUDIT_LOCK, hidden, ledger_error
from cloudmigrate.ledger.ledger import Ledger, PartRow

PASSWORD = "p4ss/w@rd#%41"
URL = "postgresql+psycopg://ana:p4ss%2Fw%40rd%23%2541@127.0.0.1:1/db"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("sqlite://", "in memory would forget", id="memory"),
        pytest.param("sqlite:///:memory:", "in memory would forget", id="memory-by-name"),
        pytest.param("mysql://ana:s3cret@h/db", "'mysql' is no ledger database", id="other-database"),
        pytest.param("postgresql://ana:s3cret@h/db", "'postgresql' is no ledger database", id="other-driver"),
        pytest.param("postgresql+psycopg://ana:s3cret@h:port/db", "this is no database url", id="port-is-no-number"),
        pytest.param("ledger.db", "this is no database url", id="path"),
        pytest.param("", "this is no database url", id="empty"),
    ],
)
def test_a_url_that_is_no_ledger_is_refused(url: str, reason: str) -> None:
    with pytest.raises(LedgerError, match=reason) as raised:
        Ledger.open(url)
    assert "s3cret" not in str(raised.value)
    assert "sqlite:///ledger.db or postgresql+psycopg://" in raised.value.next_action


def test_the_parent_folder_is_made(tmp_path: Path) -> None:
    Ledger.open(f"sqlite:///{tmp_path}/a/b/ledger.db").close()
    assert (tmp_path / "a/b/ledger.db").is_file()


def test_a_parent_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(LedgerError, match=r"make the folder in ledger .*Next: choose a folder that can be written"):
        Ledger.open(f"sqlite:///{tmp_path}/a/b/ledger.db")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("these are not the bytes you are looking for" * 100)
    with pytest.raises(LedgerError, match="the file is no SQLite database"):
        Ledger.open(f"sqlite:///{tmp_path}/ledger.db")


def test_sqlite_is_durable_and_strict(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db", lock_timeout_s=7) as ledger, ledger._engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 7000}


def test_a_read_only_file_can_be_read_and_not_written(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        ledger.begin_run("r1", "f", "acme")
    # As a mount without write access would have it; file modes do not bind the root user.
    with Ledger.open(f"sqlite:///file:{tmp_path}/ledger.db?mode=ro&uri=true") as ledger:
        assert ledger.run("r1") is not None
        with pytest.raises(
            LedgerError, match=r"begin run r2 in ledger .*the file is read-only .*Next: make the file and its folder writable"
        ):
            ledger.begin_run("r2", "f", "acme")


def test_a_read_only_file_without_tables_is_told(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "ledger.db").execute("pragma user_version = 1").connection.close()
    with pytest.raises(LedgerError, match="the file is read-only"):
        Ledger.open(f"sqlite:///file:{tmp_path}/ledger.db?mode=ro&uri=true")


def test_a_locked_file_is_told_after_the_timeout(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    with Ledger.open(url, lock_timeout_s=0.2) as ledger:
        other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(LedgerError, match=r"another process holds the lock .*Next: wait for the other cloudmigrate command"):
            ledger.begin_run("r1", "f", "acme")
        assert ledger.runs("acme") == (), "readers never wait"
        other.execute("rollback")
        other.close()
        ledger.begin_run("r1", "f", "acme")


def test_a_locked_audit_chain_is_told_after_the_timeout(postgres: str) -> None:
    admin = create_engine(postgres)
    with admin.begin() as connection:
        connection.execute(text("create schema if not exists locked"))
    url = make_url(postgres).update_query_dict({"options": "-csearch_path=locked"}).render_as_string(hide_password=False)
    with Ledger.open(url, lock_timeout_s=0.2) as ledger:
        with admin.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:a, :b)"), {"a": AUDIT_LOCK[0], "b": AUDIT_LOCK[1]})
            with pytest.raises(LedgerError, match="another session holds the lock"):
                ledger.audit("ana", "x", "y")
        ledger.audit("ana", "x", "y")
    admin.dispose()


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        ledger.begin_run("r1", "f", "acme")
        ledger.begin_snapshot("s1", "acme", "r1")
        ledger._engine.dispose()

        @event.listens_for(ledger._engine, "connect")
        def _small(driver: Any, _record: Any) -> None:
            pages = driver.execute("pragma page_count").fetchone()[0]
            driver.execute(f"pragma max_page_count = {pages + 2}")

        parts = [PartRow("inventory", f"inventory/{number}-{'x' * 200}", 1, 1) for number in range(500)]
        with pytest.raises(LedgerError, match=r"the disk is full .*Next: free space"):
            ledger.commit_snapshot("s1", parts)
        assert ledger.snapshot("s1") is None
        assert ledger.parts_of("s1") == {}


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(LedgerError, match=r"open in ledger .*the server cannot be reached") as raised:
        Ledger.open(URL)
    assert raised.value.url == "postgresql+psycopg://ana:***@127.0.0.1:1/db"
    text_of_all = f"{raised.value} {raised.value.__cause__} {raised.value.__cause__.__cause__ if raised.value.__cause__ else ''}"
    for secret in (PASSWORD, "p4ss"):
        assert secret not in text_of_all


def test_a_missing_database_is_told(postgres: str) -> None:
    url = make_url(postgres).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(LedgerError, match=r"open in ledger .*database .nowhere. does not exist") as raised:
        Ledger.open(url)
    assert "create it, or mend the ledger url" in raised.value.next_action


def test_a_server_that_ends_connections_is_used_again(postgres: str) -> None:
    """A connection that the server closed while it lay in the pool is replaced, not an error."""
    admin = create_engine(postgres)
    with admin.begin() as connection:
        connection.execute(text("create schema if not exists ended"))
    url = (
        make_url(postgres)
        .update_query_dict({"options": "-csearch_path=ended", "application_name": "victim"})
        .render_as_string(hide_password=False)
    )
    with Ledger.open(url) as ledger:
        with admin.begin() as connection:
            connection.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'"))
        ledger.begin_run("r1", "f", "acme")
        assert ledger.run("r1") is not None
    admin.dispose()


def test_a_user_without_rights_is_told(postgres: str) -> None:
    admin = create_engine(postgres)
    with admin.begin() as connection:
        connection.execute(text("drop role if exists reader"))
        connection.execute(text("create role reader login"))
    url = (
        make_url(postgres)
        .set(username="reader")
        .update_query_dict({"options": "-csearch_path=public"})
        .render_as_string(hide_password=False)
    )
    with pytest.raises(LedgerError, match=r"the user lacks a privilege .*Next: grant the user"):
        Ledger.open(url)
    admin.dispose()


def sqlite_failure(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("told by SQLite")
    error.sqlite_errorname = name  # type: ignore[misc]
    return error


@pytest.mark.parametrize(
    ("original", "reason"),
    [
        (sqlite_failure("SQLITE_READONLY_DIRECTORY"), "the file is read-only"),
        (sqlite_failure("SQLITE_IOERR_WRITE"), "the disk failed or is full"),
        (sqlite_failure("SQLITE_CORRUPT"), "the file is damaged"),
        (sqlite_failure("SQLITE_CANTOPEN"), "the file cannot be opened"),
        (psycopg.errors.DiskFull("could not extend file"), "the disk is full"),
        (psycopg.errors.TooManyConnections("sorry"), "no resources left"),
        (psycopg.errors.InvalidPassword("no"), "refused the user or password"),
        (psycopg.errors.ReadOnlySqlTransaction("no"), "the database is read-only"),
        (psycopg.errors.AdminShutdown("bye"), "the server is stopping"),
        (psycopg.OperationalError("connection refused"), "cannot be reached"),
        (psycopg.OperationalError('FATAL:  password authentication failed for user "ana"'), "refused the user or password"),
        (psycopg.OperationalError("FATAL:  sorry, too many clients already"), "the server refused the connection"),
        (psycopg.errors.DivisionByZero("?"), "the database refused it (?)"),
    ],
    ids=lambda value: type(value).__name__ + getattr(value, "sqlite_errorname", "") if isinstance(value, Exception) else "",
)
def test_each_failure_has_its_words(original: Exception, reason: str) -> None:
    error = ledger_error("commit snapshot s1", make_url(URL), OperationalError("insert", {}, original))
    assert reason in str(error)
    assert str(error).startswith("commit snapshot s1 in ledger postgresql+psycopg://ana:***@127.0.0.1:1/db: ")
    assert "Next: " in str(error)


@pytest.mark.parametrize(
    ("original", "passes"),
    [
        (sqlite_failure("SQLITE_BUSY"), True),
        (psycopg.errors.TooManyConnections("sorry"), True),
        (psycopg.OperationalError("connection refused"), True),
        (psycopg.errors.DiskFull("could not extend file"), False),
        (psycopg.errors.InvalidPassword("no"), False),
    ],
    ids=["locked", "crowded", "unreachable", "full", "refused"],
)
def test_what_may_pass_by_itself(original: Exception, passes: bool) -> None:
    assert ledger_error("commit", make_url(URL), OperationalError("insert", {}, original)).transient is passes


def test_a_password_in_the_drivers_words_is_masked() -> None:
    error = ledger_error("open", make_url(URL), OperationalError("", {}, psycopg.OperationalError(f'bad conninfo "{PASSWORD}"')))
    assert PASSWORD not in str(error)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+psycopg://a:b@h/d", "postgresql+psycopg://a:***@h/d"),
        ("postgresql+psycopg://h/d?password=b&sslmode=require", "postgresql+psycopg://h/d?password=%2A%2A%2A&sslmode=require"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, expected: str) -> None:
    assert hidden(make_url(url)) == expected


def test_many_threads_share_one_ledger(ledger: Ledger) -> None:
    failures: list[BaseException] = []

    def guarded(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - the test reports it
            failures.append(error)

    acts = [lambda number=number: ledger.set_mark("m", number, "r1") for number in range(30)]  # type: ignore[misc]
    acts += [lambda: ledger.mark("m") for _ in range(30)]
    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    mark = ledger.mark("m")
    assert mark is not None
    assert mark.value in range(30)
