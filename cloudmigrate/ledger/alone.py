"""What only one process may do at a time, whichever machine it runs on: held in the ledger's database, let go when the process dies."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError


@contextmanager
def hold(engine: Engine, name: str) -> Iterator[bool]:
    """Whether *name* is ours for the length of the block; False at once where another process, or another block of this one, has it."""
    held = _hold_in_file if engine.dialect.name == "sqlite" else _hold_in_postgresql
    with held(engine, hashlib.sha256(name.encode()).digest()) as is_ours:
        yield is_ours


@contextmanager
def _hold_in_file(engine: Engine, key: bytes) -> Iterator[bool]:
    """A file beside SQLite's own, which stays empty: its lock is SQLite's, and the ledger's own file stays free for everybody."""
    with engine.connect() as connection:
        path = next(row.file for row in connection.execute(text("pragma database_list")) if row.name == "main")
    with closing(sqlite3.connect(f"{path}-alone-{key[:4].hex()}", timeout=0, isolation_level=None)) as driver:
        try:
            driver.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "") not in ("SQLITE_BUSY", "SQLITE_LOCKED"):
                raise
            yield False
            return
        yield True


@contextmanager
def _hold_in_postgresql(engine: Engine, key: bytes) -> Iterator[bool]:
    """An advisory lock of a session of its own, outside any transaction."""
    keys = {"one": int.from_bytes(key[:4], "big", signed=True), "two": int.from_bytes(key[4:8], "big", signed=True)}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_ours = bool(connection.execute(text("select pg_try_advisory_lock(:one, :two)"), keys).scalar())
        try:
            yield is_ours
        finally:
            if is_ours:
                with suppress(SQLAlchemyError):  # a connection that broke has let go already
                    connection.execute(text("select pg_advisory_unlock(:one, :two)"), keys)
